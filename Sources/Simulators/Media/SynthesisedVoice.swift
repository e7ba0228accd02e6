// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleCodecs

/// A voice that babbles: syllables of vowels on a steady pitch, phrases and pauses.
///
/// A packet follows from its index alone. The two speakers differ in pitch by more than speech
/// coding blurs, and pause while the other talks, so a test can tell after decoding whom it hears.
package struct SynthesisedVoice: Sendable {
    /// Who speaks.
    package enum Speaker: CaseIterable, Sendable {
        /// At the door: the lower voice, talks in the first half of each six seconds.
        case guest

        /// At home: the higher voice, talks in the second half.
        case resident

        /// The mean pitch in Hz.
        ///
        /// Neither is a multiple of the other, within what is recognised.
        package var pitch: Double {
            switch self {
            case .guest: 115
            case .resident: 185
            }
        }

        fileprivate var firstSlot: Int {
            switch self {
            case .guest: 0
            case .resident: 15
            }
        }
    }

    /// Who speaks.
    package let speaker: Speaker

    /// A fifth of a second, one syllable.
    private static let slot = Voice.rate / 5

    /// Slots in one exchange between the speakers: six seconds.
    private static let exchange = 30

    /// Slots of an exchange in which one of them talks; the fifth is a breath.
    private static let phrase = 13

    package init(_ speaker: Speaker) {
        self.speaker = speaker
    }

    /// Whether the whole of a packet lies in a pause of this speaker.
    package func isPause(at packetIndex: Int) -> Bool {
        syllable(at: max(0, packetIndex) * Voice.packet) == nil
    }

    /// The 20 ms of an index: ``VestibuleCodecs/Voice/packet`` samples.
    package func samples(at packetIndex: Int) -> [Int16] {
        let first = max(0, packetIndex) * Voice.packet
        guard let syllable = syllable(at: first) else {
            return [Int16](repeating: 0, count: Voice.packet)
        }
        let partials = self.partials(of: syllable)
        return (first..<first + Voice.packet).map { sample in
            let within = Double(sample % Self.slot) / Double(Self.slot)
            let voiced = envelope(within) * tone(partials, at: sample)
            let hiss = syllable % 2 == 0 ? consonant(within, sample) : 0
            return Int16(min(max((voiced + hiss) * 9_000, -32_000), 32_000))
        }
    }
}

extension SynthesisedVoice {
    /// The first three formants of five vowels in Hz (Peterson and Barney 1952, rounded).
    private static let vowels: [(Double, Double, Double)] = [
        (730, 1_090, 2_440), (530, 1_840, 2_480), (270, 2_290, 3_010), (570, 840, 2_410),
        (300, 870, 2_240),
    ]

    /// The running number of the syllable that holds a sample, or nil in a pause.
    ///
    /// A slot is a whole number of packets, so a packet never straddles two syllables.
    private func syllable(at sample: Int) -> Int? {
        let slot = sample / Self.slot
        let place = (slot + Self.exchange - speaker.firstSlot) % Self.exchange
        guard place < Self.phrase, place != 5 else { return nil }
        return slot
    }

    /// How strong each multiple of the pitch is: a falling source shaped by three formants.
    private func partials(of syllable: Int) -> [Double] {
        let vowel = Self.vowels[(syllable &* 7 &+ syllable / 5) % Self.vowels.count]
        let stretch = speaker == .guest ? 1.0 : 1.15
        let count = Int(3_600 / speaker.pitch)
        let raw = (1...count).map { number in
            let frequency = Double(number) * speaker.pitch
            let shape =
                Self.resonance(frequency, vowel.0 * stretch, 90)
                + 0.6 * Self.resonance(frequency, vowel.1 * stretch, 120)
                + 0.3 * Self.resonance(frequency, vowel.2 * stretch, 180)
            return (shape + 0.05) / Double(number).squareRoot()
        }
        let power = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return raw.map { $0 / power }
    }

    private static func resonance(_ frequency: Double, _ centre: Double, _ width: Double) -> Double
    {
        let away = (frequency - centre) / width
        return 1 / (1 + away * away)
    }

    /// The sum of the partials, by sin(k·φ) = 2·cos φ·sin((k−1)·φ) − sin((k−2)·φ).
    private func tone(_ partials: [Double], at sample: Int) -> Double {
        let time = Double(sample) / Double(Voice.rate)
        // Pitch wanders by 3 % twice a second; the phase is its integral.
        let phase = 2 * Double.pi * speaker.pitch * (time - 0.03 / (4 * .pi) * cos(4 * .pi * time))
        let twice = 2 * cos(phase)
        var (before, now, sum) = (0.0, sin(phase), 0.0)
        for strength in partials {
            sum += strength * now
            (before, now) = (now, twice * now - before)
        }
        return sum
    }

    private func envelope(_ within: Double) -> Double {
        let rise = min(1, within / 0.2)
        let fall = min(1, (1 - within) / 0.3)
        return 0.15 + 0.85 * sin(min(rise, fall) * .pi / 2)
    }

    /// A puff of noise at the start of a syllable.
    private func consonant(_ within: Double, _ sample: Int) -> Double {
        guard within < 0.15 else { return 0 }
        var mixed = UInt64(truncatingIfNeeded: sample) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        let noise = Double(mixed >> 40) / Double(1 << 23) - 1
        return 0.12 * noise * sin(within / 0.15 * .pi)
    }
}
