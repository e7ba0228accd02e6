// SPDX-License-Identifier: Apache-2.0

import VestibuleCodecs

/// The frame number as black and white blocks at the foot of a picture.
///
/// A test reads from a decoded picture which frame it is, hence that the right picture arrived and
/// how old it was. A block is a fortieth of the width: a macroblock at 640 × 480, so it survives
/// a poor rate and a halved picture. From the left: white, black, twenty bits from the highest, six
/// bits of check, black, white.
enum FrameStrip {
    private static let blocks = 30
    private static let numberBits = 20

    /// Numbers start again after this one (19 hours at 15 a second).
    static let last = 1 << numberBits - 1

    /// Draws a number.
    static func draw(_ number: Int, into picture: inout Picture) {
        let shown = number & last
        let code = 0b10 << 28 | shown << 8 | checkSum(of: shown) << 2 | 0b01
        frame(&picture)
        for block in 0..<blocks {
            let isWhite = code >> (blocks - 1 - block) & 1 == 1
            let (columns, rows) = area(of: block, in: picture, inset: 0)
            for row in rows {
                for column in columns {
                    picture.y[row * picture.width + column] = isWhite ? 226 : 22
                }
            }
        }
    }

    /// Reads the number, or nil when there is none that can be trusted.
    static func read(from picture: Picture) -> Int? {
        guard picture.width >= 80, picture.height >= 60 else { return nil }
        let lumas = (0..<blocks).map { luma(of: $0, in: picture) }
        let white = (lumas[0] + lumas[blocks - 1]) / 2
        let black = (lumas[1] + lumas[blocks - 2]) / 2
        guard white - black > 60 else { return nil }
        var code = 0
        for luma in lumas { code = code << 1 | (luma > (white + black) / 2 ? 1 : 0) }
        let shown = code >> 8 & last
        guard code >> 28 == 0b10, code & 0b11 == 0b01, code >> 2 & 63 == checkSum(of: shown) else {
            return nil
        }
        return shown
    }

    /// Grey around the blocks, without colour below them.
    private static func frame(_ picture: inout Picture) {
        let (first, rows) = area(of: 0, in: picture, inset: 0)
        let (last, _) = area(of: blocks - 1, in: picture, inset: 0)
        let margin = max(1, picture.height / 120)
        for row in rows.lowerBound - margin..<min(rows.upperBound + margin, picture.height) {
            for column in first.lowerBound - margin..<last.upperBound + margin {
                picture.y[row * picture.width + column] = 44
                let chroma = row / 2 * picture.chromaWidth + column / 2
                picture.u[chroma] = 128
                picture.v[chroma] = 128
            }
        }
    }

    private static func area(
        of block: Int,
        in picture: Picture,
        inset: Int
    ) -> (columns: Range<Int>, rows: Range<Int>) {
        let place = block + 5
        let left = place * picture.width / 40
        let right = (place + 1) * picture.width / 40
        let top = picture.height * 28 / 30
        let bottom = picture.height * 29 / 30
        return (left + inset..<right - inset, top + inset..<bottom - inset)
    }

    /// The mean of the inner part of a block, which its neighbours do not bleed into.
    private static func luma(of block: Int, in picture: Picture) -> Int {
        let (columns, rows) = area(of: block, in: picture, inset: picture.width >= 320 ? 2 : 0)
        var sum = 0
        for row in rows {
            for column in columns { sum += Int(picture.y[row * picture.width + column]) }
        }
        return sum / max(1, columns.count * rows.count)
    }

    /// Each bit adds a pattern of its own, so one or two blocks misread are noticed.
    private static func checkSum(of number: Int) -> Int {
        var sum = 0b101010
        for bit in 0..<numberBits where number >> bit & 1 == 1 {
            sum ^= (bit * 7 + 11) % 61 + 1
        }
        return sum
    }
}
