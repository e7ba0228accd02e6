// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCodecs
import VestibuleSimulators

@Suite struct MovingPictureTests {
    @Test func `a frame follows from its index`() {
        let one = MovingPicture(width: 320, height: 240, label: "Gate", grain: 3)
        let other = MovingPicture(width: 320, height: 240, label: "Gate", grain: 3)
        #expect(one.frame(at: 31) == other.frame(at: 31))
        #expect(one.frame(at: 31) != one.frame(at: 32))
        #expect(
            one.frame(at: 31) != MovingPicture(width: 320, height: 240, label: "Yard").frame(at: 31)
        )
    }

    @Test(arguments: [0, 1, 14, 15, 1_000, 65_535, 1_048_575])
    func `a frame says its index`(index: Int) {
        let camera = MovingPicture(width: 320, height: 240, label: "Main entrance")
        #expect(MovingPicture.index(in: camera.frame(at: index)) == index)
        #expect(MovingPicture.index(in: camera.frame(at: index).halved()) == index)
    }

    @Test func `every frame is read after encoding at 150 kilobits`() throws {
        let camera = MovingPicture(label: "Main entrance")
        let encoder = try VP8Encoder(width: 640, height: 480, fps: 15, kilobits: 150)
        let decoder = try VP8Decoder()
        var read = 0
        for index in 500..<530 {
            let frame = try encoder.encode(
                camera.frame(at: index),
                timestamp: UInt32(index * 6_000),
                forceKey: index == 515,
                maxBytes: 4_096
            )
            guard let frame else { continue }
            #expect(!frame.isKey || frame.bytes.count <= 4_096)
            let seen = try #require(try decoder.decode(frame.bytes))
            #expect(MovingPicture.index(in: seen) == index)
            read += 1
        }
        #expect(read >= 20)
    }

    @Test func `pictures without the blocks say nothing`() {
        var random = SeededGenerator(seed: 3)
        #expect(MovingPicture.index(in: Picture(width: 640, height: 480)) == nil)
        #expect(MovingPicture.index(in: Picture(width: 2, height: 2)) == nil)
        for _ in 0..<20 {
            var noise = Picture(width: 160, height: 120)
            for place in noise.y.indices {
                noise.y[place] = UInt8.random(in: 0...255, using: &random)
            }
            #expect(MovingPicture.index(in: noise) == nil)
        }
    }

    @Test func `a block painted over is noticed`() {
        let camera = MovingPicture(width: 640, height: 480, label: "Main entrance")
        for block in 0..<30 {
            var picture = camera.frame(at: 12_345)
            for row in 448..<464 {
                for column in (5 + block) * 16..<(6 + block) * 16 {
                    let place = row * 640 + column
                    picture.y[place] = picture.y[place] > 128 ? 22 : 226
                }
            }
            #expect(MovingPicture.index(in: picture) == nil)
        }
    }
}
