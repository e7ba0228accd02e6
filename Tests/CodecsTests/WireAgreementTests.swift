// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleCodecs
import VestibuleWire

/// What the encoders make passes the relay's checks, and what fails them would not decode.
@Suite struct WireAgreementTests {
    @Test func `the wire's inspection agrees with the VP8 encoder`() throws {
        let encoder = try VP8Encoder(width: 320, height: 240, fps: 15, kilobits: 200)
        for step in 0..<20 {
            let frame = try encoder.encode(
                testPicture(step: step),
                timestamp: UInt32(step * 6_000),
                forceKey: step == 10
            )
            guard let frame else { continue }
            let tag = try #require(frame.bytes.withUnsafeBytes { VP8.inspect($0) })
            #expect(tag.isKey == frame.isKey)
            #expect(tag.shown)
            #expect((tag.width, tag.height) == (frame.isKey ? (320, 240) : (0, 0)))
        }
    }

    @Test func `the wire's inspection agrees with the Opus encoder`() throws {
        let encoder = try OpusVoiceEncoder(bitrate: 24_000)
        for step in 0..<20 {
            let samples = (0..<Voice.packet).map { Int16($0 * step % 4_000) }
            let bytes = try encoder.encode(samples)
            #expect(bytes.withUnsafeBytes { Opus.inspect($0) } == Voice.packet)
        }
    }

    @Test func `a packet that the wire calls malformed is not decoded either`() throws {
        let decoder = try OpusVoiceDecoder()
        // Two equal frames in an odd number of bytes; seven frames of 20 ms; a padding beyond the end.
        for packet: [UInt8] in [[0x79, 1, 2, 3], [0xFB, 7], [0x7B, 0x41, 200, 1]] {
            #expect(packet.withUnsafeBytes { Opus.inspect($0) } == nil)
            #expect(throws: CodecError.malformed) { try decoder.decode(packet) }
        }
    }
}
