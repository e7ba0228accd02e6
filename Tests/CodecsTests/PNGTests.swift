// SPDX-License-Identifier: Apache-2.0

import CVestibulePNG
import Foundation
import Testing
import VestibuleCodecs
import VestibuleImaging

@Suite struct PNGTests {
    /// What libpng reads from a file: width, height, and three bytes a pixel.
    private func read(_ bytes: [UInt8]) -> (width: Int, height: Int, pixels: [UInt8])? {
        var image = vestibule_png_rgb(0, 0)
        defer { png_image_free(&image) }
        guard png_image_begin_read_from_memory(&image, bytes, bytes.count) != 0 else { return nil }
        image.format = vestibule_png_rgb(0, 0).format
        let (width, height) = (Int(image.width), Int(image.height))
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        guard png_image_finish_read(&image, nil, &pixels, Int32(width * 3), nil) != 0 else {
            return nil
        }
        return (width, height, pixels)
    }

    /// BT.601 as the recommendation writes it, in floating point.
    private func expected(_ picture: Picture, _ column: Int, _ row: Int) -> [Double] {
        let chroma = row / 2 * picture.chromaWidth + column / 2
        let y = (Double(picture.y[row * picture.width + column]) - 16) / 219
        let blue = (Double(picture.u[chroma]) - 128) / 224
        let red = (Double(picture.v[chroma]) - 128) / 224
        return [y + 1.402 * red, y - 0.344_136 * blue - 0.714_136 * red, y + 1.772 * blue]
            .map { min(max($0 * 255, 0), 255) }
    }

    @Test(arguments: [(64, 48), (33, 21), (1, 1)])
    func `a picture reads back with its size and pixels`(width: Int, height: Int) throws {
        var picture = Picture(width: width, height: height)
        for place in picture.y.indices { picture.y[place] = UInt8(16 + place * 37 % 220) }
        for place in picture.u.indices { picture.u[place] = UInt8(40 + place * 11 % 170) }
        for place in picture.v.indices { picture.v[place] = UInt8(40 + place * 17 % 170) }
        let seen = try #require(read(try PNG.encode(picture)))
        #expect((seen.width, seen.height) == (width, height))
        var worst = 0.0
        for row in 0..<height {
            for column in 0..<width {
                let pixel = expected(picture, column, row)
                for part in 0..<3 {
                    let byte = Double(seen.pixels[(row * width + column) * 3 + part])
                    worst = max(worst, abs(byte - pixel[part]))
                }
            }
        }
        #expect(worst <= 2)
    }

    @Test func `the file begins as RFC 2083 says`() throws {
        let bytes = try PNG.encode(Picture(width: 300, height: 2))
        #expect(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(Array(bytes[8..<16]) == [0, 0, 0, 13] + Array("IHDR".utf8))
        // 300 × 2, eight bits a sample, colour type 2.
        #expect(Array(bytes[16..<26]) == [0, 0, 1, 44, 0, 0, 0, 2, 8, 2])
    }

    @Test func `noise, which does not shrink, fits too`() throws {
        var picture = Picture(width: 200, height: 150)
        var state: UInt32 = 1
        for place in picture.y.indices {
            state = state &* 1_664_525 &+ 1_013_904_223
            picture.y[place] = UInt8(16 + (state >> 24) % 220)
        }
        #expect(read(try PNG.encode(picture))?.pixels == RGB.pixels(of: picture))
    }
}
