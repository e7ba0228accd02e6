// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCodecs

@Suite struct VP8Tests {
    @Test(arguments: [(320, 240), (322, 182), (161, 121)])
    func `a picture survives encoding and decoding`(width: Int, height: Int) throws {
        let encoder = try VP8Encoder(width: width, height: height, fps: 15, kilobits: 400)
        let decoder = try VP8Decoder()
        var shown = 0
        for step in 0..<20 {
            let picture = testPicture(width: width, height: height, step: step)
            let timestamp = UInt32(truncatingIfNeeded: 0xFFFF_F000 + step * 6_000)
            guard let frame = try encoder.encode(picture, timestamp: timestamp) else { continue }
            let seen = try #require(try decoder.decode(frame.bytes))
            #expect(frame.isKey == (step == 0))
            #expect((seen.width, seen.height) == (width, height))
            #expect(likeness(picture, seen) > 32)
            shown += 1
        }
        #expect(shown >= 15)
    }

    @Test func `a key frame comes when it is asked for, and only then`() throws {
        let encoder = try VP8Encoder(width: 320, height: 240, fps: 15, kilobits: 300)
        var keys: [Int] = []
        for step in 0..<60 {
            let frame = try encoder.encode(
                testPicture(step: step * 9),
                timestamp: UInt32(step * 6_000),
                forceKey: step == 25
            )
            if frame?.isKey == true { keys.append(step) }
        }
        #expect(keys == [0, 25])
    }

    @Test(arguments: [40_000, 12_000, 4_096, 1_500, 400])
    func `a bounded key frame keeps its bound`(most: Int) throws {
        let encoder = try VP8Encoder(width: 640, height: 480, fps: 15, kilobits: 600)
        let decoder = try VP8Decoder()
        for step in 0..<3 {
            let picture = noisyPicture(width: 640, height: 480, seed: UInt64(step))
            let frame = try #require(
                try encoder.encode(
                    picture,
                    timestamp: UInt32(step * 6_000),
                    forceKey: true,
                    maxBytes: most
                )
            )
            #expect(frame.isKey)
            #expect(frame.bytes.count <= most)
            #expect(try decoder.decode(frame.bytes) != nil)
        }
    }

    @Test func `a bound lowers quality before it lowers size`() throws {
        let encoder = try VP8Encoder(width: 320, height: 240, fps: 15, kilobits: 2_000)
        let decoder = try VP8Decoder()
        let picture = testPicture()
        let free = try #require(try encoder.encode(picture, timestamp: 0, forceKey: true))
        let most = free.bytes.count * 3 / 4
        let bounded = try #require(
            try encoder.encode(picture, timestamp: 6_000, forceKey: true, maxBytes: most)
        )
        #expect(bounded.bytes.count <= most)
        #expect(try decoder.decode(bounded.bytes)?.width == 320)
    }

    @Test func `a smaller picture lasts until the next key frame`() throws {
        let encoder = try VP8Encoder(
            width: 320,
            height: 240,
            fps: 15,
            kilobits: 900,
            mayDrop: false
        )
        let decoder = try VP8Decoder()
        var widths: [Int] = []
        for step in 0..<4 {
            let frame = try #require(
                try encoder.encode(
                    noisyPicture(width: 320, height: 240, seed: 7),
                    timestamp: UInt32(step * 6_000),
                    forceKey: step == 3,
                    maxBytes: step == 0 ? 2_000 : nil
                )
            )
            widths.append(try #require(try decoder.decode(frame.bytes)).width)
        }
        #expect(widths[0] < 320)
        #expect(widths == [widths[0], widths[0], widths[0], 320])
    }

    @Test func `video goes on after a key frame that took several tries`() throws {
        let noise = noisyPicture(width: 320, height: 240, seed: 1)
        let coarse = try VP8Encoder(width: 320, height: 240, fps: 15, kilobits: 150)
        coarse.quantizers = 63...63
        let least = try #require(try coarse.encode(noise, timestamp: 0)).bytes.count
        let encoder = try VP8Encoder(width: 320, height: 240, fps: 15, kilobits: 150)
        for step in 0..<15 {
            _ = try encoder.encode(testPicture(step: step), timestamp: UInt32(step * 6_000))
        }
        let key = try encoder.encode(noise, timestamp: 90_000, forceKey: true, maxBytes: least)
        #expect(key?.bytes.count == least)
        let after = try (16..<31).filter { step in
            try encoder.encode(noise, timestamp: UInt32(step * 6_000)) != nil
        }
        // The key frame alone took the bits of half a second.
        #expect(after.count >= 5)
    }

    @Test func `a lower rate makes fewer bytes`() throws {
        func bytes(at kilobits: Int) throws -> Int {
            let encoder = try VP8Encoder(width: 320, height: 240, fps: 15, kilobits: 800)
            encoder.setRate(kilobits: kilobits)
            return try (0..<30).reduce(0) { sum, step in
                let picture = noisyPicture(width: 320, height: 240, seed: UInt64(step))
                let frame = try encoder.encode(picture, timestamp: UInt32(step * 6_000))
                return sum + (frame?.bytes.count ?? 0)
            }
        }
        #expect(try bytes(at: 100) * 2 < bytes(at: 800))
    }

    @Test func `the decoder waits for a key frame, also after an error`() throws {
        let encoder = try VP8Encoder(
            width: 320,
            height: 240,
            fps: 15,
            kilobits: 300,
            mayDrop: false
        )
        let frames = try (0..<3).map { step in
            try #require(
                try encoder.encode(
                    testPicture(step: step),
                    timestamp: UInt32(step * 6_000),
                    forceKey: step == 2
                )
            )
        }
        let decoder = try VP8Decoder()
        #expect(throws: CodecError.keyFrameNeeded) { try decoder.decode(frames[1].bytes) }
        #expect(try decoder.decode(frames[0].bytes) != nil)
        #expect(throws: CodecError.malformed) { try decoder.decode([]) }
        #expect(throws: CodecError.keyFrameNeeded) { try decoder.decode(frames[1].bytes) }
        #expect(try decoder.decode(frames[2].bytes) != nil)
    }

    @Test func `a picture too large is refused before it is decoded`() throws {
        let decoder = try VP8Decoder()
        // A key frame's head (RFC 6386 §9.1) that says 16,383 × 16.
        let head: [UInt8] = [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0x10, 0x00]
        #expect(throws: CodecError.unsupportedSize(width: 16_383, height: 16)) {
            try decoder.decode(head + [UInt8](repeating: 0, count: 100))
        }
        #expect(throws: CodecError.unsupportedSize(width: 8, height: 600)) {
            try VP8Encoder(width: 8, height: 600, fps: 15, kilobits: 100)
        }
    }

    @Test func `damaged frames are errors or pictures, never a trap`() throws {
        let encoder = try VP8Encoder(
            width: 160,
            height: 120,
            fps: 15,
            kilobits: 200,
            mayDrop: false
        )
        let frames = try (0..<4).map { step in
            try #require(
                try encoder.encode(
                    testPicture(width: 160, height: 120, step: step),
                    timestamp: UInt32(step * 6_000)
                )
            )
        }
        var random = SeededGenerator(seed: 0x5EED)
        let decoder = try VP8Decoder()
        var refused = 0
        for round in 0..<400 {
            _ = try decoder.decode(frames[0].bytes)
            var bytes = frames[round % frames.count].bytes
            for _ in 0...Int.random(in: 0...6, using: &random) {
                let place = Int.random(
                    in: 0..<min(bytes.count, round % 2 == 0 ? 12 : 4_000),
                    using: &random
                )
                // The size stays small, or the test would decode gigabytes.
                guard !(6...9).contains(place) else { continue }
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            if round % 5 == 0 { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            do {
                let picture = try decoder.decode(bytes)
                #expect(picture.map { $0.y.count == $0.width * $0.height } ?? true)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 40)
        #expect(try decoder.decode(frames[0].bytes)?.width == 160)
    }

    @Test func `halving a picture keeps its mean and rounds its sides up`() {
        let picture = Picture(
            width: 3,
            height: 3,
            y: [0, 4, 8, 4, 8, 12, 10, 20, 30],
            u: [1, 2, 3, 4],
            v: [10, 20, 30, 40]
        )
        let half = picture.halved()
        #expect((half.width, half.height) == (2, 2))
        #expect(half.y == [4, 10, 15, 30])
        #expect(half.u == [3])
        #expect(half.v == [25])
    }
}
