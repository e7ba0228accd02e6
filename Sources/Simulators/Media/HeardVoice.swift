// SPDX-License-Identifier: Apache-2.0

import VestibuleCodecs

/// What a test hears in decoded samples: how loud, how high, and whose voice.
package struct HeardVoice: Sendable, Equatable {
    /// Root mean square of the samples; below 100 is a pause.
    package let loudness: Double

    /// The dominant pitch in Hz between 60 and 400, nil when nothing repeats.
    package let pitch: Double?

    /// Listens to samples at 48 kHz: 60 ms are enough.
    package init(_ samples: [Int16]) {
        let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        loudness = samples.isEmpty ? 0 : (power / Double(samples.count)).squareRoot()
        pitch = loudness < 100 ? nil : Self.pitch(of: samples)
    }

    /// The speaker whose mean pitch this is, within a tenth; nil for silence and strangers.
    package var speaker: SynthesisedVoice.Speaker? {
        guard let pitch else { return nil }
        return SynthesisedVoice.Speaker.allCases.first { abs(pitch / $0.pitch - 1) < 0.1 }
    }

    /// The shortest lag that explains the samples nearly as well as the best one: a longer one
    /// would be a multiple of the period.
    private static func pitch(of samples: [Int16]) -> Double? {
        let quarter = lowered(samples)
        let rate = Double(Voice.rate) / 4
        let lags = Int(rate / 400)...Int(rate / 60)
        guard quarter.count > 2 * lags.upperBound else { return nil }
        let likeness = lags.map { self.likeness(quarter, lag: $0) }
        guard let best = likeness.max(), best > 0.4 else { return nil }
        var place = likeness.firstIndex { $0 > 0.88 * best } ?? 0
        while place + 1 < likeness.count, likeness[place + 1] > likeness[place] { place += 1 }
        return rate / Double(lags.lowerBound + place)
    }

    /// A quarter of the rate, by the mean of four.
    private static func lowered(_ samples: [Int16]) -> [Double] {
        stride(from: 0, to: samples.count - 3, by: 4).map { place in
            Double(samples[place]) + Double(samples[place + 1]) + Double(samples[place + 2])
                + Double(samples[place + 3])
        }
    }

    private static func likeness(_ samples: [Double], lag: Int) -> Double {
        var (product, early, late) = (0.0, 0.0, 0.0)
        for place in 0..<samples.count - lag {
            product += samples[place] * samples[place + lag]
            early += samples[place] * samples[place]
            late += samples[place + lag] * samples[place + lag]
        }
        let scale = (early * late).squareRoot()
        return scale > 0 ? product / scale : 0
    }
}
