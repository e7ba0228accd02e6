// SPDX-License-Identifier: Apache-2.0

package import VestibuleCodecs

/// Red, green and blue of an I420 picture.
package enum RGB {
    /// Three bytes a pixel, row by row: BT.601, studio range (ITU-R BT.601-7 §3.5), in 16.16
    /// fixed point.
    package static func pixels(of picture: Picture) -> [UInt8] {
        let width = picture.width
        let chromaWidth = picture.chromaWidth
        return [UInt8](unsafeUninitializedCapacity: width * picture.height * 3) { out, count in
            var next = 0
            for row in 0..<picture.height {
                let luma = row * width
                let chroma = row / 2 * chromaWidth
                for column in 0..<width {
                    let y = (Int(picture.y[luma + column]) - 16) * 76_309
                    let u = Int(picture.u[chroma + column / 2]) - 128
                    let v = Int(picture.v[chroma + column / 2]) - 128
                    out[next] = byte(y + 104_597 * v)
                    out[next + 1] = byte(y - 25_675 * u - 53_279 * v)
                    out[next + 2] = byte(y + 132_201 * u)
                    next += 3
                }
            }
            count = next
        }
    }

    private static func byte(_ fixed: Int) -> UInt8 {
        UInt8(min(max((fixed + 32_768) >> 16, 0), 255))
    }
}
