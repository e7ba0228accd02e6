// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleBasics
import VestibuleCodecs

/// A picture with something to encode: slopes and a square that moves with `step`.
func testPicture(width: Int = 320, height: Int = 240, step: Int = 0) -> Picture {
    var picture = Picture(width: width, height: height)
    for row in 0..<height {
        for column in 0..<width {
            picture.y[row * width + column] = UInt8(40 + (column * 120 / width) + row * 60 / height)
        }
    }
    for row in 0..<picture.chromaHeight {
        for column in 0..<picture.chromaWidth {
            let place = row * picture.chromaWidth + column
            picture.u[place] = UInt8(100 + column * 60 / picture.chromaWidth)
            picture.v[place] = UInt8(160 - row * 60 / picture.chromaHeight)
        }
    }
    let left = (10 + step * 4) % max(1, width - 40)
    for row in height / 3..<height / 3 + 30 {
        for column in left..<left + 30 { picture.y[row * width + column] = 225 }
    }
    return picture
}

/// The same with seeded noise, which no encoder can make small.
func noisyPicture(width: Int, height: Int, seed: UInt64) -> Picture {
    var random = SeededGenerator(seed: seed)
    var picture = Picture(width: width, height: height)
    for place in picture.y.indices { picture.y[place] = UInt8.random(in: 16...235, using: &random) }
    return picture
}

/// Peak signal to noise of luma in dB; above 30 the eye has little to object.
func likeness(_ one: Picture, _ other: Picture) -> Double {
    guard one.y.count == other.y.count else { return 0 }
    let error = zip(one.y, other.y).reduce(0) { sum, pair in
        let difference = Int(pair.0) - Int(pair.1)
        return sum + difference * difference
    }
    guard error > 0 else { return .infinity }
    return 10 * log10(255 * 255 * Double(one.y.count) / Double(error))
}
