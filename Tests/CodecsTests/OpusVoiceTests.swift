// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleCodecs

@Suite struct OpusVoiceTests {
    /// 20 ms of a tone that goes on from packet to packet.
    private func tone(_ frequency: Double, packet: Int) -> [Int16] {
        (0..<Voice.packet).map { sample in
            let time = Double(packet * Voice.packet + sample) / Double(Voice.rate)
            return Int16(10_000 * sin(2 * .pi * frequency * time))
        }
    }

    /// The part of the power that lies at a frequency (Goertzel): 1 for a pure tone of it.
    private func share(of frequency: Double, in samples: [Int16]) -> Double {
        var (real, imaginary, power) = (0.0, 0.0, 0.0)
        for (place, sample) in samples.enumerated() {
            let angle = 2 * .pi * frequency * Double(place) / Double(Voice.rate)
            real += Double(sample) * cos(angle)
            imaginary += Double(sample) * sin(angle)
            power += Double(sample) * Double(sample)
        }
        guard power > 0 else { return 0 }
        return 2 * (real * real + imaginary * imaginary) / (power * Double(samples.count))
    }

    @Test(arguments: [200.0, 440.0, 1_000.0])
    func `a tone is the same tone after decoding`(frequency: Double) throws {
        let encoder = try OpusVoiceEncoder(bitrate: 32_000)
        let decoder = try OpusVoiceDecoder()
        var heard: [Int16] = []
        for packet in 0..<25 {
            let bytes = try encoder.encode(tone(frequency, packet: packet))
            let samples = try decoder.decode(bytes)
            #expect(samples.count == Voice.packet)
            #expect(bytes.count <= 1_275)
            if packet >= 5 { heard += samples }
        }
        #expect(share(of: frequency, in: heard) > 0.9)
        #expect(share(of: frequency * 1.5, in: heard) < 0.05)
    }

    @Test func `a constant rate makes packets of one size`() throws {
        let encoder = try OpusVoiceEncoder(bitrate: 40_000, isConstant: true)
        let sizes = try (0..<20).map { try encoder.encode(tone(300, packet: $0)).count }
        #expect(Set(sizes) == [100])
    }

    @Test func `silence decodes to silence`() throws {
        let encoder = try OpusVoiceEncoder(bitrate: 24_000)
        let decoder = try OpusVoiceDecoder()
        let silence = [Int16](repeating: 0, count: Voice.packet)
        for _ in 0..<10 {
            let samples = try decoder.decode(encoder.encode(silence))
            #expect(samples.allSatisfy { abs(Int($0)) < 20 })
        }
    }

    @Test func `no bytes are no packet`() throws {
        let decoder = try OpusVoiceDecoder()
        #expect(throws: CodecError.malformed) { try decoder.decode([]) }
    }

    @Test func `a packet beyond 120 ms is malformed`() throws {
        let decoder = try OpusVoiceDecoder()
        // TOC of 20 ms CELT, code 3, then seven frames: 140 ms (RFC 6716 §3.2.5).
        #expect(throws: CodecError.malformed) {
            try decoder.decode([0xFB, 7] + [UInt8](repeating: 0, count: 70))
        }
    }

    @Test func `garbage is an error or at most 120 ms of noise, never a trap`() throws {
        let encoder = try OpusVoiceEncoder(bitrate: 24_000)
        let good = try encoder.encode(tone(300, packet: 0))
        let decoder = try OpusVoiceDecoder()
        var random = SeededGenerator(seed: 0x0B05)
        var refused = 0
        for round in 0..<2_000 {
            var bytes = good
            if round % 2 == 0 {
                let count = Int.random(in: 1...200, using: &random)
                bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            } else {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                #expect(try decoder.decode(bytes).count <= 5_760)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 100)
        #expect(try decoder.decode(good).count == Voice.packet)
    }
}
