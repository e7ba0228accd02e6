// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the server's `/metrics` tell over the seconds of a run, as lines.
package enum ServerSeries {
    /// A histogram of the server, of which each stretch between two readings is shown.
    private struct Times {
        let family: String
        let plot: String

        /// The label whose values are lines of their own; "" for none.
        let label: String
    }

    private static let times = [
        Times(
            family: "vestibule_frame_queue_seconds",
            plot: "Queue age of frames, p99",
            label: "flow"
        ),
        Times(family: "vestibule_ring_seconds", plot: "Press → ring, inside", label: ""),
        Times(family: "vestibule_unlock_seconds", plot: "Unlock → result, inside", label: ""),
        Times(family: "vestibule_ledger_answer_seconds", plot: "Ledger's answers", label: ""),
    ]

    /// From pages in the order in which they were read.
    package static func all(_ pages: [(second: Double, metrics: ServerMetrics)]) -> [NamedSeries] {
        times.flatMap { between(pages, $0) } + longestTurns(pages) + processorTimes(pages)
    }

    private static func between(
        _ pages: [(second: Double, metrics: ServerMetrics)],
        _ times: Times
    ) -> [NamedSeries] {
        let words = values(of: times.label, in: times.family, of: pages)
        // Lines of their own for labels have no room for two shares each.
        let shares = times.label.isEmpty ? [(0.5, "p50"), (0.99, "p99")] : [(0.99, "")]
        return words.flatMap { word in
            shares.map { share, name in
                let labels = times.label.isEmpty ? [:] : [times.label: word]
                let points = zip(pages, pages.dropFirst()).compactMap { before, after in
                    let old = before.metrics.buckets(times.family, labels)
                    let new = after.metrics.buckets(times.family, labels)
                    return Buckets.quantile(share, of: new, since: old).map {
                        Curve.Point(x: after.second, y: $0 * 1e6)
                    }
                }
                return NamedSeries(
                    plot: times.plot,
                    name: word.isEmpty ? name : word,
                    unit: .time,
                    points: points
                )
            }
        }.filter { !$0.points.isEmpty }
    }

    private static func longestTurns(
        _ pages: [(second: Double, metrics: ServerMetrics)]
    ) -> [NamedSeries] {
        let family = "vestibule_loop_stall_seconds"
        return values(of: "loop", in: family, of: pages).map { loop in
            NamedSeries(
                plot: "Longest turn of a loop",
                name: "loop \(loop)",
                unit: .time,
                points: pages.map { page in
                    let value = page.metrics.sumOfReals(family, ["loop": loop])
                    return Curve.Point(x: page.second, y: value * 1e6)
                }
            )
        }
    }

    /// The share of a core that each loop's thread used between two readings.
    private static func processorTimes(
        _ pages: [(second: Double, metrics: ServerMetrics)]
    ) -> [NamedSeries] {
        let family = "vestibule_loop_cpu_seconds_total"
        return values(of: "loop", in: family, of: pages).map { loop in
            let sums = pages.map { page in
                (second: page.second, used: page.metrics.sumOfReals(family, ["loop": loop]))
            }
            let points = zip(sums, sums.dropFirst()).compactMap { before, after in
                let time = after.second - before.second
                return time <= 0
                    ? nil : Curve.Point(x: after.second, y: (after.used - before.used) / time)
            }
            return NamedSeries(
                plot: "CPU of a loop's thread",
                name: "loop \(loop)",
                unit: .share,
                points: points
            )
        }
    }

    private static func values(
        of label: String,
        in family: String,
        of pages: [(second: Double, metrics: ServerMetrics)]
    ) -> [String] {
        guard !label.isEmpty else { return [""] }
        let names = [family, family + "_bucket"]
        let all = pages.flatMap { page in
            names.flatMap { page.metrics.values(of: label, in: $0) }
        }
        return Set(all).sorted()
    }
}

/// Buckets of a Prometheus histogram: how many were within each bound.
package enum Buckets {
    /// What a share of those counted since was within, in the histogram's unit; nil where none was.
    ///
    /// Within a bucket all are taken to be spread evenly, as Prometheus' own `histogram_quantile`
    /// does; beyond the last bound it says that bound.
    package static func quantile(
        _ share: Double,
        of new: [(bound: Double, count: Double)],
        since old: [(bound: Double, count: Double)]
    ) -> Double? {
        let before = Dictionary(old.map { ($0.bound, $0.count) }, uniquingKeysWith: max)
        let counts = new.map { (bound: $0.bound, count: $0.count - (before[$0.bound] ?? 0)) }
        guard let total = counts.last?.count, total > 0 else { return nil }
        let wanted = share * total
        var below = (bound: 0.0, count: 0.0)
        for bucket in counts {
            if bucket.count >= wanted, bucket.bound.isFinite {
                let part = (wanted - below.count) / max(1e-9, bucket.count - below.count)
                return below.bound + (bucket.bound - below.bound) * min(1, max(0, part))
            }
            if bucket.bound.isFinite { below = bucket }
        }
        return below.bound
    }
}

extension ServerMetrics {
    /// The buckets of a histogram whose labels hold all of these, in the order of their bounds;
    /// those of several series together.
    package func buckets(
        _ family: String,
        _ labels: [String: String] = [:]
    ) -> [(bound: Double, count: Double)] {
        var sums: [Double: Double] = [:]
        for (series, count) in self.series(family + "_bucket", labels) {
            guard let start = series.range(of: "le=\"")?.upperBound else { continue }
            let words = series[start...].prefix { $0 != "\"" }
            let bound = words == "+Inf" ? Double.infinity : Double(words)
            if let bound { sums[bound, default: 0] += count }
        }
        return sums.sorted { $0.key < $1.key }.map { (bound: $0.key, count: $0.value) }
    }

    /// The sum of the series of a family whose labels hold all of these.
    func sumOfReals(_ family: String, _ labels: [String: String]) -> Double {
        series(family, labels).reduce(0) { $0 + $1.value }
    }
}
