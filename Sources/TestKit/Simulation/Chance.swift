// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

extension SeededGenerator {
    /// Draws true once in `number` times.
    package mutating func once(in number: UInt64) -> Bool { next(upperBound: number) == 0 }

    /// Draws true in `percent` of a hundred.
    package mutating func percent(_ percent: UInt64) -> Bool { next(upperBound: 100) < percent }

    /// Draws a whole number.
    package mutating func draw(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next(upperBound: UInt64(range.upperBound - range.lowerBound + 1)))
    }

    /// Draws a time, to the microsecond.
    package mutating func draw(_ range: ClosedRange<Duration>) -> Duration {
        let least = range.lowerBound.nanoseconds / 1_000
        let most = range.upperBound.nanoseconds / 1_000
        return .microseconds(least + Int64(next(upperBound: UInt64(max(0, most - least) + 1))))
    }

    /// Draws one of some; nil of none.
    package mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[draw(0...(elements.count - 1))]
    }
}
