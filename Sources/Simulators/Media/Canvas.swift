// SPDX-License-Identifier: Apache-2.0

import VestibuleCodecs

/// A colour in the space of a ``Picture``, so that painting needs no conversion per pixel.
struct Colour: Sendable {
    var y: Float
    var u: Float
    var v: Float

    /// Full-range red, green and blue, 0 to 255, by BT.601.
    init(_ red: Float, _ green: Float, _ blue: Float) {
        y = 16 + 0.2568 * red + 0.5041 * green + 0.0979 * blue
        u = 128 - 0.1482 * red - 0.2910 * green + 0.4392 * blue
        v = 128 + 0.4392 * red - 0.3678 * green - 0.0714 * blue
    }

    private init(y: Float, u: Float, v: Float) {
        self.y = y
        self.u = u
        self.v = v
    }

    /// The way from this colour to another, 0 here and 1 there.
    func mixed(_ other: Colour, _ part: Float) -> Colour {
        let part = min(max(part, 0), 1)
        return Colour(
            y: y + (other.y - y) * part,
            u: u + (other.u - u) * part,
            v: v + (other.v - v) * part
        )
    }

    /// The same hue, lighter (> 1) or darker (< 1).
    func lit(_ factor: Float) -> Colour {
        Colour(
            y: 16 + (y - 16) * factor,
            u: 128 + (u - 128) * min(factor, 1.2),
            v: 128 + (v - 128) * min(factor, 1.2)
        )
    }
}

/// A rectangle in scene units.
struct Box: Sendable {
    var left: Float
    var top: Float
    var right: Float
    var bottom: Float

    init(_ left: Float, _ top: Float, _ right: Float, _ bottom: Float) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    /// The rectangle around a centre.
    init(at x: Float, _ y: Float, halfWidth: Float, halfHeight: Float) {
        self.init(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight)
    }

    func grown(by margin: Float) -> Box {
        Box(left - margin, top - margin, right + margin, bottom + margin)
    }
}

/// Paints into a ``Picture`` in scene units: 480 of them high, zero across in the middle.
///
/// A shape is a function that says how much of the paint a point gets, so edges come out smooth.
struct Canvas {
    private(set) var picture: Picture

    /// Pixels per unit.
    let scale: Float

    private let middle: Float

    init(_ picture: Picture) {
        self.picture = picture
        scale = Float(picture.height) / 480
        middle = Float(picture.width) / 2
    }

    /// Half the width of the scene.
    var reach: Float { middle / scale }

    /// Paints every point of `box` with the paint and the opacity (0–1) that it is given.
    mutating func paint(_ box: Box, _ brush: (Float, Float) -> (Colour, Float)) {
        paintLuma(box, brush)
        paintChroma(box, brush)
    }

    /// Paints one colour.
    mutating func paint(_ box: Box, _ colour: Colour, _ opacity: (Float, Float) -> Float) {
        paint(box) { (colour, opacity($0, $1)) }
    }

    private mutating func paintLuma(_ box: Box, _ brush: (Float, Float) -> (Colour, Float)) {
        let width = picture.width
        let columns = Self.range(box.left * scale + middle, box.right * scale + middle, width)
        let rows = Self.range(box.top * scale, box.bottom * scale, picture.height)
        let (scale, middle) = (scale, middle)
        picture.y.withUnsafeMutableBufferPointer { plane in
            for row in rows {
                let y = (Float(row) + 0.5) / scale
                for column in columns {
                    let (colour, opacity) = brush((Float(column) + 0.5 - middle) / scale, y)
                    guard opacity > 0 else { continue }
                    blend(&plane[row * width + column], colour.y, opacity)
                }
            }
        }
    }

    private mutating func paintChroma(_ box: Box, _ brush: (Float, Float) -> (Colour, Float)) {
        let width = picture.chromaWidth
        let half = scale / 2
        let centre = middle / 2
        let columns = Self.range(box.left * half + centre, box.right * half + centre, width)
        let rows = Self.range(box.top * half, box.bottom * half, picture.chromaHeight)
        for row in rows {
            let y = (Float(row) + 0.5) / half
            for column in columns {
                let (colour, opacity) = brush((Float(column) + 0.5 - centre) / half, y)
                guard opacity > 0 else { continue }
                blend(&picture.u[row * width + column], colour.u, opacity)
                blend(&picture.v[row * width + column], colour.v, opacity)
            }
        }
    }

    private static func range(_ from: Float, _ to: Float, _ count: Int) -> Range<Int> {
        let first = Int(min(max(from.rounded(.down), 0), Float(count)))
        let last = Int(min(max(to.rounded(.up), 0), Float(count)))
        return first..<max(first, last)
    }
}

private func blend(_ sample: inout UInt8, _ paint: Float, _ opacity: Float) {
    let mixed = Float(sample) + (paint - Float(sample)) * min(opacity, 1)
    sample = UInt8(min(max(mixed + 0.5, 1), 254))
}
