// SPDX-License-Identifier: Apache-2.0

/// One picture in I420: a plane of luma and two of chroma at half the size in both directions.
///
/// Samples are BT.601 with the studio range (luma 16–235, chroma 16–240 around 128), which is what
/// a VP8 frame says by default (RFC 6386 §9.2). Planes are tightly packed, row by row from the top.
package struct Picture: Sendable, Equatable {
    /// Luma samples in a row.
    package let width: Int

    /// Rows of luma samples.
    package let height: Int

    /// `width` × `height` samples of luma.
    package var y: [UInt8]

    /// ``chromaWidth`` × ``chromaHeight`` samples, blue against luma.
    package var u: [UInt8]

    /// ``chromaWidth`` × ``chromaHeight`` samples, red against luma.
    package var v: [UInt8]

    /// Samples in a row of a chroma plane; the last one of an odd width stands alone.
    package var chromaWidth: Int { (width + 1) / 2 }

    /// Rows of a chroma plane.
    package var chromaHeight: Int { (height + 1) / 2 }

    /// A black picture.
    package init(width: Int, height: Int) {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        self.width = width
        self.height = height
        let chroma = (width + 1) / 2 * ((height + 1) / 2)
        y = [UInt8](repeating: 16, count: width * height)
        u = [UInt8](repeating: 128, count: chroma)
        v = [UInt8](repeating: 128, count: chroma)
    }

    /// A picture of given planes.
    package init(width: Int, height: Int, y: [UInt8], u: [UInt8], v: [UInt8]) {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        let chroma = (width + 1) / 2 * ((height + 1) / 2)
        precondition(
            y.count == width * height && u.count == chroma && v.count == chroma,
            "the planes of a picture are tightly packed I420"
        )
        self.width = width
        self.height = height
        self.y = y
        self.u = u
        self.v = v
    }

    /// The same picture at half the size in both directions, rounded up.
    package func halved() -> Picture {
        let halfWidth = (width + 1) / 2
        let halfHeight = (height + 1) / 2
        return Picture(
            width: halfWidth,
            height: halfHeight,
            y: Self.halve(y, width: width, height: height),
            u: Self.halve(u, width: chromaWidth, height: chromaHeight),
            v: Self.halve(v, width: chromaWidth, height: chromaHeight)
        )
    }

    private static func halve(_ plane: [UInt8], width: Int, height: Int) -> [UInt8] {
        let halfWidth = (width + 1) / 2
        let halfHeight = (height + 1) / 2
        return [UInt8](unsafeUninitializedCapacity: halfWidth * halfHeight) { out, count in
            for row in 0..<halfHeight {
                let above = 2 * row * width
                let below = min(2 * row + 1, height - 1) * width
                for column in 0..<halfWidth {
                    let left = 2 * column
                    let right = min(left + 1, width - 1)
                    let sum =
                        Int(plane[above + left]) + Int(plane[above + right])
                        + Int(plane[below + left]) + Int(plane[below + right])
                    out[row * halfWidth + column] = UInt8((sum + 2) / 4)
                }
            }
            count = halfWidth * halfHeight
        }
    }
}
