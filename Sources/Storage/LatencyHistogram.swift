// SPDX-License-Identifier: Apache-2.0

/// How long something took, counted in fixed buckets: what a Prometheus histogram shows.
package struct LatencyHistogram: Sendable, Equatable {
    /// The upper bounds of the buckets but the last, which has none; a value on a bound is within.
    package static let bounds: [Duration] = [
        .microseconds(100), .microseconds(250), .microseconds(500),
        .milliseconds(1), .microseconds(2_500), .milliseconds(5),
        .milliseconds(10), .milliseconds(25), .milliseconds(50),
        .milliseconds(100), .milliseconds(250), .milliseconds(500),
        .seconds(1), .milliseconds(2_500), .seconds(10),
    ]

    private var counts = [Int](repeating: 0, count: Self.bounds.count + 1)

    /// All that was counted.
    package private(set) var count = 0

    /// All of it together.
    package private(set) var sum = Duration.zero

    package init() {}

    package mutating func add(_ length: Duration) {
        let bucket = Self.bounds.firstIndex { length <= $0 } ?? Self.bounds.count
        counts[bucket] += 1
        count += 1
        sum += length
    }

    /// How many were within each bound, as Prometheus has it: each bucket holds those below it.
    package var cumulative: [(bound: Duration, count: Int)] {
        var total = 0
        return zip(Self.bounds, counts).map { bound, count in
            total += count
            return (bound, total)
        }
    }
}
