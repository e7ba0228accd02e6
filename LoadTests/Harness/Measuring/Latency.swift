// SPDX-License-Identifier: Apache-2.0

package import Histogram
package import VestibuleBasics

/// Times as an HDR histogram: three significant digits, from a microsecond to a minute.
package struct Latency {
    private var all = Latency.empty()
    private var recent = Latency.empty()

    /// What is longer counts as a minute.
    private static let most: UInt64 = 60_000_000

    private static func empty() -> Histogram<UInt64> {
        Histogram(
            lowestDiscernibleValue: 1,
            highestTrackableValue: most,
            numberOfSignificantValueDigits: .three
        )
    }

    package init() {}

    package mutating func record(from due: Moment, to now: Moment) {
        let microseconds = max(0, now.nanoseconds - due.nanoseconds) / 1_000
        let value = min(UInt64(microseconds), Self.most)
        all.record(value)
        recent.record(value)
    }

    /// Everything recorded.
    package var percentiles: Percentiles { Percentiles(all) }

    /// So many of a hundred took at most so many microseconds; nil of nothing, which reaches no
    /// bound.
    package func percentile(_ percentile: Double) -> Double? {
        all.totalCount == 0 ? nil : Double(all.valueAtPercentile(percentile))
    }

    /// What was recorded since this was last asked.
    package mutating func takeRecent() -> Percentiles {
        defer { recent.reset() }
        return Percentiles(recent)
    }
}

/// A distribution of times in microseconds.
package struct Percentiles: Codable {
    package let count: Int
    package let p50: Int
    package let p90: Int
    package let p99: Int
    package let p999: Int
    package let p9999: Int
    package let max: Int

    package init(_ histogram: Histogram<UInt64>) {
        count = Int(histogram.totalCount)
        func value(_ percentile: Double) -> Int {
            histogram.totalCount == 0 ? 0 : Int(histogram.valueAtPercentile(percentile))
        }
        p50 = value(50)
        p90 = value(90)
        p99 = value(99)
        p999 = value(99.9)
        p9999 = value(99.99)
        max = histogram.totalCount == 0 ? 0 : Int(histogram.max)
    }
}
