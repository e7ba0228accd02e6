// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCodecs
import VestibuleSimulators

@Suite struct SynthesisedVoiceTests {
    /// Packets of a syllable in a row that lie within speech: 60 ms from its second packet on.
    private func spoken(by voice: SynthesisedVoice, within packets: Range<Int>) -> [Int] {
        packets.filter { $0 % 10 == 3 && !voice.isPause(at: $0) }
    }

    private func decoded(_ voice: SynthesisedVoice, packets: Int) throws -> [[Int16]] {
        let encoder = try OpusVoiceEncoder(bitrate: 24_000)
        let decoder = try OpusVoiceDecoder()
        return try (0..<packets).map { try decoder.decode(encoder.encode(voice.samples(at: $0))) }
    }

    @Test(arguments: SynthesisedVoice.Speaker.allCases)
    func `a speaker is recognised after decoding`(speaker: SynthesisedVoice.Speaker) throws {
        let voice = SynthesisedVoice(speaker)
        let packets = try decoded(voice, packets: 300)
        let syllables = spoken(by: voice, within: 0..<295)
        let recognised = syllables.filter { first in
            HeardVoice(Array(packets[first...first + 4].joined())).speaker == speaker
        }
        #expect(syllables.count >= 10)
        #expect(recognised.count * 10 >= syllables.count * 9)
        let mistaken = syllables.filter { first in
            let heard = HeardVoice(Array(packets[first...first + 4].joined())).speaker
            return heard != nil && heard != speaker
        }
        #expect(mistaken.isEmpty)
    }

    @Test func `a pause is silent after decoding`() throws {
        let voice = SynthesisedVoice(.guest)
        let packets = try decoded(voice, packets: 300)
        // The last second of an exchange belongs to nobody's first syllables.
        let pause = Array(packets[200..<240].joined())
        #expect((200..<240).allSatisfy { voice.isPause(at: $0) })
        #expect(HeardVoice(pause).loudness < 100)
        #expect(HeardVoice(pause).speaker == nil)
    }

    @Test func `the speakers take turns`() {
        let (guest, resident) = (SynthesisedVoice(.guest), SynthesisedVoice(.resident))
        let both = (0..<600).filter { !guest.isPause(at: $0) && !resident.isPause(at: $0) }
        #expect(both.isEmpty)
        #expect((0..<600).filter { !guest.isPause(at: $0) }.count == 240)
        #expect((0..<600).filter { !resident.isPause(at: $0) }.count == 240)
    }

    @Test func `a packet follows from its index`() {
        let voice = SynthesisedVoice(.resident)
        #expect(voice.samples(at: 163) == SynthesisedVoice(.resident).samples(at: 163))
        #expect(voice.samples(at: 163) != voice.samples(at: 164))
        #expect(voice.samples(at: 163).count == Voice.packet)
    }

    @Test func `noise and nothing are nobody`() {
        var random = SeededGenerator(seed: 4)
        let noise = (0..<4_800).map { _ in Int16.random(in: -8_000...8_000, using: &random) }
        #expect(HeardVoice(noise).speaker == nil)
        #expect(HeardVoice([]) == HeardVoice([0]))
        #expect(HeardVoice([Int16](repeating: .min, count: 10)).pitch == nil)
    }
}
