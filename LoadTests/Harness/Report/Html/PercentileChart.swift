// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How long the slow ones took: time over percentile, both axes logarithmic.
package struct PercentileChart {
    package let title: String
    package let rows: [(name: String, times: Percentiles, isFaint: Bool)]

    /// Said instead where nothing was measured.
    package let empty: String

    private static let ticks: [(share: Double, words: String)] = [
        (0.5, "50"), (0.9, "90"), (0.99, "99"), (0.999, "99.9"), (0.9999, "99.99"),
    ]
    private static let end = 5.0

    package init(
        _ title: String,
        _ rows: [(name: String, times: Percentiles, isFaint: Bool)],
        empty: String
    ) {
        self.title = title
        self.rows = rows.filter { $0.times.count > 0 }
        self.empty = empty
    }

    package var figure: Figure {
        guard !rows.isEmpty else { return .empty(title, empty) }
        let curves = rows.enumerated().map { index, row in
            Curve(row.name, Self.points(row.times), colour: index, isFaint: row.isFaint)
        }
        let first = Self.place(0.5)
        let frame = ChartFrame(
            across: .exact(from: first, to: Self.end),
            up: .logarithmic(curves.flatMap { $0.points.map(\.y) }),
            unit: .time,
            names: curves.map(\.name)
        )
        let ticks = Self.ticks.map { (Self.place($0.share), $0.words) } + [(Self.end, "max")]
        var parts = frame.grid + frame.foot(ticks) + curves.map(frame.line)
        parts += frame.names(curves)
        for (curve, row) in zip(curves, rows) { parts += dots(curve, row.times, frame) }
        return .drawn(title, "time over percentile", parts)
    }

    private func dots(_ curve: Curve, _ times: Percentiles, _ frame: ChartFrame) -> [Markup] {
        curve.points.map { point in
            let tick = Self.ticks.first { Self.place($0.share) == point.x }
            let words = tick.map { "p\($0.words)" } ?? "max"
            return .tag(
                "g",
                [
                    .tag(
                        "title",
                        """
                        \(curve.name) \(words): \(ChartUnit.time.words(point.y))
                        of \(Words.count(times.count))
                        """
                    ),
                    frame.dot(point, "dot c\(curve.colour)"),
                ]
            )
        }
    }

    /// A share that fewer than one measurement lies beyond is none.
    package static func points(_ times: Percentiles) -> [Curve.Point] {
        let values = [times.p50, times.p90, times.p99, times.p999, times.p9999]
        let known = zip(ticks, values).filter { tick, _ in
            Double(times.count) * (1 - tick.share) >= 0.999_999
        }
        return known.map { Curve.Point(x: place($0.share), y: Double($1)) }
            + [Curve.Point(x: end, y: Double(times.max))]
    }

    /// 90 % is 1, 99 % is 2, 99.9 % is 3.
    private static func place(_ share: Double) -> Double { -log10(1 - share) }
}
