// SPDX-License-Identifier: Apache-2.0

/// How long something took, counted in fixed buckets: what a Prometheus histogram shows.
///
/// Counting allocates nothing and reads no clock. Confined to whoever counts; copies are snapshots,
/// which share no memory with what is counted on (an array would, until it is written to, and the
/// thread sanitizer does not see what makes that safe).
package struct LatencyHistogram: Sendable, Equatable {
    /// Buckets there is room for, the last one included.
    package static let most = 16

    /// The upper bounds of the buckets but the last, which has none; a value on a bound is within.
    package static let bounds: [Duration] = [
        .microseconds(100), .microseconds(250), .microseconds(500),
        .milliseconds(1), .microseconds(2_500), .milliseconds(5),
        .milliseconds(10), .milliseconds(25), .milliseconds(50),
        .milliseconds(100), .milliseconds(250), .milliseconds(500),
        .seconds(1), .milliseconds(2_500), .seconds(10),
    ]

    /// Nanoseconds, rising.
    private let edges: [Int64]
    private var counts = InlineArray<16, Int>(repeating: 0)
    private var nanoseconds: Int64 = 0

    /// All that was counted.
    package private(set) var count = 0

    /// All of it together; beyond 292 years it wraps.
    package var sum: Duration { .nanoseconds(nanoseconds) }

    /// An empty one with these bounds, fewer than ``most``.
    package init(bounds: [Duration] = Self.bounds) {
        precondition(bounds.count < Self.most, "A histogram has room for so many bounds")
        edges = bounds.map(\.nanoseconds)
    }

    package static func == (left: LatencyHistogram, right: LatencyHistogram) -> Bool {
        left.edges == right.edges && left.nanoseconds == right.nanoseconds
            && left.counts.indices.allSatisfy { left.counts[$0] == right.counts[$0] }
    }

    /// Counts one that took so long; less than nothing counts as nothing.
    package mutating func add(_ length: Duration) {
        add(nanoseconds: length.nanoseconds)
    }

    /// Counts one that took so many nanoseconds; fewer than none count as none.
    package mutating func add(nanoseconds length: Int64) {
        var bucket = 0
        while bucket < edges.count, length > edges[bucket] { bucket += 1 }
        counts[bucket] &+= 1
        count &+= 1
        nanoseconds &+= max(0, length)
    }

    /// Counts so many that took no time.
    package mutating func add(instant more: Int) {
        counts[0] += more
        count += more
    }

    /// Adds what another one with the same bounds counted.
    package mutating func add(_ other: LatencyHistogram) {
        precondition(edges == other.edges, "Histograms are added where their bounds are the same")
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        count += other.count
        nanoseconds &+= other.nanoseconds
    }

    /// How many were within each bound, as Prometheus has it: each bucket holds those below it.
    package var cumulative: [(bound: Duration, count: Int)] {
        var total = 0
        return edges.indices.map { bucket in
            total += counts[bucket]
            return (.nanoseconds(edges[bucket]), total)
        }
    }
}
