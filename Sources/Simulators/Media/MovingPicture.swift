// SPDX-License-Identifier: Apache-2.0

import Foundation
package import VestibuleCodecs

/// What a simulated camera sees: a visitor in an entrance hall, a name, a running clock.
///
/// A frame follows from its index alone. Each carries its number in blocks at its foot, so that
/// whoever decodes it, even at a poor rate or half the size, can tell which frame it is.
package struct MovingPicture: Sendable {
    /// Frames a second that the clock and the motion reckon with.
    package let fps: Int

    private let label: String
    private let grain: Int
    private let visitor: Visitor
    private let still: Picture

    /// A camera.
    ///
    /// - Parameters:
    ///   - width: even, at least 160.
    ///   - height: even, at least 120.
    ///   - label: the name written over the picture; it also chooses the visitor's colours.
    ///   - fps: frames a second.
    ///   - grain: most steps of luma that sensor noise adds or takes; 0 for a clean picture.
    package init(
        width: Int = 640,
        height: Int = 480,
        label: String,
        fps: Int = 15,
        grain: Int = 0
    ) {
        precondition(width >= 160 && height >= 120, "a camera's picture is at least 160 × 120")
        precondition(width % 2 == 0 && height % 2 == 0, "a camera's picture has even sides")
        precondition((1...120).contains(fps) && (0...32).contains(grain), "no such camera")
        self.label = label
        self.fps = fps
        self.grain = grain
        visitor = Visitor(coat: Self.coat(for: label))
        var canvas = Canvas(Picture(width: width, height: height))
        Lobby.paint(&canvas)
        canvas.paint(Box(-canvas.reach, 0, canvas.reach, 34), Colour(10, 10, 14)) { _, _ in 0.55 }
        still = canvas.picture
    }

    /// The frame of an index.
    package func frame(at index: Int) -> Picture {
        let index = max(0, index)
        var canvas = Canvas(still)
        visitor.paint(&canvas, at: Float(index) / Float(fps))
        var picture = canvas.picture
        if grain > 0 { addGrain(to: &picture, index) }
        overlay(&picture, index)
        FrameStrip.draw(index, into: &picture)
        return picture
    }

    /// The index of a frame, read back from its blocks; nil when they cannot be trusted.
    ///
    /// Indices from 2²⁰ on come back as their remainder.
    package static func index(in picture: Picture) -> Int? {
        FrameStrip.read(from: picture)
    }
}

extension MovingPicture {
    private static let coats = [
        Colour(58, 122, 150), Colour(172, 74, 62), Colour(74, 128, 84), Colour(120, 88, 152),
        Colour(196, 138, 52),
    ]

    private static func coat(for label: String) -> Colour {
        var hash: UInt32 = 2_166_136_261
        for byte in label.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return coats[Int(hash >> 8) % coats.count]
    }

    /// Name and clock, with a red dot that blinks once a second.
    private func overlay(_ picture: inout Picture, _ index: Int) {
        let size = max(1, picture.height / 240)
        let margin = 8 * size
        let top = 5 * size
        let room = picture.width - 2 * margin
        let clock = clockText(index)
        let right = picture.width - margin - PixelFont.width(of: clock) * size
        let fits = max(0, (right - 2 * margin) / (PixelFont.advance * size))
        PixelFont.write(
            String(label.prefix(fits)),
            into: &picture,
            x: margin,
            y: top,
            size: size,
            luma: 228
        )
        guard room > PixelFont.width(of: clock) * size else { return }
        PixelFont.write(clock, into: &picture, x: right, y: top, size: size, luma: 228)
        guard index % fps < fps - fps / 3 else { return }
        var canvas = Canvas(picture)
        let dot = Float(right) / canvas.scale - canvas.reach - 16
        let height = Float(top) / canvas.scale + 7
        canvas.paint(Box(at: dot, height, halfWidth: 8, halfHeight: 8), Colour(236, 52, 44)) {
            Shape.ellipse($0, $1, at: dot, height, 5.5, 5.5)
        }
        picture = canvas.picture
    }

    private func clockText(_ index: Int) -> String {
        let seconds = index / fps
        let tenths = index % fps * 10 / fps
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let minutes = seconds / 60 % 60
        return "\(two(seconds / 3_600)):\(two(minutes)):\(two(seconds % 60)).\(tenths)"
    }

    private func addGrain(to picture: inout Picture, _ index: Int) {
        var state = UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15 | 1
        let span = 2 * grain + 1
        picture.y.withUnsafeMutableBufferPointer { plane in
            for place in plane.indices {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                let noise = (Int(state >> 40 & 0xFFFF) * span) >> 16
                plane[place] = UInt8(min(max(Int(plane[place]) + noise - grain, 16), 235))
            }
        }
    }
}
