// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// A rhythm fixed beforehand: what is late does not delay what comes after it.
package struct Beat {
    private let origin: Int64
    private let period: Int64

    /// Beats fall on multiples of this, where the loop wakes anyway: a deadline between two of
    /// them would be met late, and the server blamed.
    private let grain: Int64

    /// `share` (0 ..< 1) of the period shifts the beat, so that many of one rhythm spread evenly.
    package init(from origin: Moment, perSecond: Int, share: Double, grain: Duration) {
        period = 1_000_000_000 / Int64(perSecond)
        self.origin = origin.nanoseconds + Int64(share * Double(period))
        self.grain = max(1, grain.nanoseconds)
    }

    /// The first beat after `moment`, which is not before the origin.
    package func first(after moment: Moment) -> Moment {
        let passed = max(0, moment.nanoseconds - origin)
        let exact = origin + (passed / period + 1) * period
        return Moment(nanoseconds: (exact + grain - 1) / grain * grain)
    }

    /// The share of the `index`-th of many: any number of them in a row is spread evenly (the
    /// additive recurrence of the golden ratio, and of the plastic number for a second rhythm that
    /// is not in step with the first).
    package static func share(_ index: Int, second: Bool = false) -> Double {
        let product = Double(index) * (second ? 0.754_877_666_246_692_7 : 0.618_033_988_749_894_9)
        return product - product.rounded(.down)
    }
}
