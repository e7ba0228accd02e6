// SPDX-License-Identifier: Apache-2.0

import Foundation

/// From numbers to places on a line, with the numbers that a reader wants to see there.
package struct Axis {
    /// The number at the line's beginning, and at its end.
    package let low: Double
    package let high: Double

    /// Numbers that are written beside it.
    package let ticks: [Double]
    private let isLogarithmic: Bool

    /// From 0 to at least `most`, with about `count` steps of 1, 2 or 5.
    package static func linear(to most: Double, count: Int = 4, isWhole: Bool = false) -> Axis {
        let most = most.isFinite && most > 0 ? most : 1
        var step = round(most / Double(count))
        if isWhole { step = max(1, step) }
        let steps = max(1, (most / step - 1e-9).rounded(.up))
        let ticks = (0...Int(steps)).map { Double($0) * step }
        return Axis(low: 0, high: step * steps, ticks: ticks, isLogarithmic: false)
    }

    /// Exactly from `low` to `high`, with round numbers between.
    package static func exact(from low: Double, to high: Double, count: Int = 5) -> Axis {
        let high = high > low ? high : low + 1
        let step = max(1, round((high - low) / Double(count)))
        let first = (low / step).rounded(.up) * step
        let ticks = Array(stride(from: first, through: high, by: step))
        return Axis(low: low, high: high, ticks: ticks, isLogarithmic: false)
    }

    /// Powers of ten around all numbers above 0; where they are few, 2 and 5 of each too.
    ///
    /// What is 0 or below stands at the beginning.
    package static func logarithmic(_ values: [Double]) -> Axis {
        let known = values.filter { $0 > 0 && $0.isFinite }
        let least = known.min() ?? 1
        let most = max(known.max() ?? 10, least)
        let inner = [1.0, 2, 5]
        let decades = Int(log10(least).rounded(.down))...Int(log10(most).rounded(.up))
        let all = decades.flatMap { power in inner.map { $0 * pow(10, Double(power)) } }
        let low = all.last { $0 <= least * (1 + 1e-9) } ?? least
        var high = all.first { $0 >= most * (1 - 1e-9) } ?? most
        if high <= low { high = low * 2 }
        let within = all.filter { $0 >= low * 0.999 && $0 <= high * 1.001 }
        let isMany = within.count > 6
        return Axis(
            low: low,
            high: high,
            ticks: isMany ? powers(of: within) : within,
            isLogarithmic: true
        )
    }

    /// The powers of ten, and the ends where those are not too near to one.
    private static func powers(of ticks: [Double]) -> [Double] {
        var kept = ticks.filter { abs(log10($0) - log10($0).rounded()) < 1e-6 }
        guard let low = ticks.first, let high = ticks.last else { return kept }
        if let first = kept.first, first / low > 1.9 { kept.insert(low, at: 0) }
        if let last = kept.last, high / last > 1.9 { kept.append(high) }
        return kept
    }

    /// Where a number is: 0 at the beginning, 1 at the end, and nowhere outside.
    package func place(_ value: Double) -> Double {
        let (value, low, high) =
            isLogarithmic
            ? (log10(max(value, self.low)), log10(self.low), log10(self.high))
            : (value, self.low, self.high)
        return min(1, max(0, (value - low) / (high - low)))
    }

    /// The next of 1, 2, 5, 10, 20, … that is not below.
    private static func round(_ step: Double) -> Double {
        let power = pow(10, log10(step).rounded(.down))
        let digit = step / power
        for round in [1.0, 2, 5] where digit <= round * (1 + 1e-9) { return round * power }
        return 10 * power
    }
}
