// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics

@Suite struct LatencyHistogramTests {
    @Test func `a histogram counts a value in each bucket that it is within`() {
        var histogram = LatencyHistogram()
        for length in [.zero, .milliseconds(5), .microseconds(5_001), .seconds(11)] as [Duration] {
            histogram.add(length)
        }
        let within = Dictionary(uniqueKeysWithValues: histogram.cumulative.map { ($0, $1) })
        #expect(within[.microseconds(100)] == 1 && within[.microseconds(2_500)] == 1)
        #expect(within[.milliseconds(5)] == 2 && within[.milliseconds(10)] == 3)
        #expect(within[.seconds(10)] == 3 && histogram.count == 4)
        #expect(LatencyHistogram.bounds == LatencyHistogram.bounds.sorted())
    }

    @Test func `histograms with the same bounds add up`() {
        let bounds: [Duration] = [.milliseconds(1), .milliseconds(10)]
        var one = LatencyHistogram(bounds: bounds)
        var other = one
        one.add(.milliseconds(1))
        other.add(.milliseconds(9))
        other.add(.seconds(1))
        other.add(instant: 2)
        one.add(other)
        #expect(one.cumulative.map { $0.count } == [3, 4])
        #expect(one.count == 5)
        #expect(one.sum == .milliseconds(1_010))
    }

    @Test func `what ended before it began took no time`() {
        var histogram = LatencyHistogram()
        histogram.add(.milliseconds(-5))
        #expect(histogram.sum == .zero)
        #expect(histogram.cumulative.first?.count == 1)
    }
}
