// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleHarness

@Suite struct BucketsTests {
    private typealias Row = (bound: Double, count: Double)

    private func page(_ counts: [Int], flow: String = "audio") -> ServerMetrics {
        let bounds = ["0.001", "0.01", "0.1", "+Inf"]
        let lines = zip(bounds, counts).map { bound, count in
            "vestibule_frame_queue_seconds_bucket{flow=\"\(flow)\",le=\"\(bound)\"} \(count)"
        }
        return ServerMetrics(page: lines.joined(separator: "\n") + "\n")
    }

    @Test func `a share lies within its bucket, as far as it is filled`() {
        let buckets = page([50, 100, 100, 100]).buckets("vestibule_frame_queue_seconds")
        #expect(buckets.map { $0.count } == [50, 100, 100, 100])
        #expect(Buckets.quantile(0.5, of: buckets, since: []) == 0.001)
        #expect(abs((Buckets.quantile(0.75, of: buckets, since: []) ?? 0) - 0.0055) < 1e-9)
    }

    @Test func `only what came since the last reading counts`() {
        let old = page([1_000, 1_000, 1_000, 1_000]).buckets("vestibule_frame_queue_seconds")
        let new = page([1_000, 1_000, 1_010, 1_010]).buckets("vestibule_frame_queue_seconds")
        let median = Buckets.quantile(0.5, of: new, since: old) ?? 0
        #expect(abs(median - 0.055) < 1e-9)
        #expect(Buckets.quantile(0.5, of: old, since: old) == nil)
        #expect(Buckets.quantile(0.5, of: [], since: []) == nil)
    }

    @Test func `what lies beyond the last bound is that bound at least`() {
        let buckets = page([0, 0, 0, 10]).buckets("vestibule_frame_queue_seconds")
        #expect(Buckets.quantile(0.5, of: buckets, since: []) == 0.1)
    }

    @Test func `two readings make one point of each line`() {
        let series = ServerSeries.all([
            (second: 2, metrics: page([0, 0, 0, 0])), (second: 4, metrics: page([10, 10, 10, 10])),
        ])
        #expect(series.map(\.plot) == ["Queue age of frames, p99"])
        #expect(series.map(\.name) == ["audio"])
        #expect(series.first?.points.map(\.x) == [4])
        #expect(abs((series.first?.points.first?.y ?? 0) - 990) < 1e-6)
    }

    @Test func `a server that tells nothing has no lines`() {
        let empty = ServerMetrics(page: "")
        #expect(ServerSeries.all([(second: 2, metrics: empty)]).isEmpty)
        #expect(ServerSeries.all([]).isEmpty)
    }
}
