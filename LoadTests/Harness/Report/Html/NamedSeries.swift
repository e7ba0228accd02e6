// SPDX-License-Identifier: Apache-2.0

/// A line over the seconds of a run that has a plot by its name: whatever a scenario, or the
/// server's `/metrics`, tells beside the samples of each second.
package struct NamedSeries: Codable, Sendable {
    /// The plot's title; lines of one title share it.
    package let plot: String

    /// The line's name, in a word or two.
    package let name: String
    package let unit: ChartUnit

    /// What lies along the foot: `s`, seconds since the first phase, or another word.
    package let across: String

    /// A place along the foot, and the value there.
    package let points: [Curve.Point]

    package init(
        plot: String,
        name: String,
        unit: ChartUnit,
        across: String = "s",
        points: [Curve.Point]
    ) {
        self.plot = plot
        self.name = name
        self.unit = unit
        self.across = across
        self.points = points
    }

    /// A line whose unit is a word; its values come to lie in the unit that plots have.
    package init(plot: String, name: String, across: String, unit: String, points: [Curve.Point]) {
        let known: [String: (unit: ChartUnit, factor: Double)] = [
            "s": (.time, 1e6), "ms": (.time, 1e3), "µs": (.time, 1), "us": (.time, 1),
            "B": (.bytes, 1), "kB": (.bytes, 1e3), "MB": (.bytes, 1e6), "%": (.share, 0.01),
            "/s": (.rate, 1),
        ]
        let (unit, factor) = known[unit] ?? (.number, 1)
        self.init(
            plot: plot,
            name: name,
            unit: unit,
            across: across,
            points: points.map { Curve.Point(x: $0.x, y: $0.y * factor) }
        )
    }
}

extension TimeChart {
    /// A plot for each title, in the order in which they come first.
    package static func all(_ series: [NamedSeries]) -> [TimeChart] {
        var titles: [String] = []
        for one in series where !titles.contains(one.plot) { titles.append(one.plot) }
        return titles.map { title in
            let lines = series.filter { $0.plot == title }
            let curves = lines.enumerated().map { Curve($1.name, $1.points, colour: $0) }
            let unit = lines.first?.unit ?? .number
            var chart = TimeChart(title, unit, curves, empty: "nothing was measured")
            chart.foot = lines.first?.across ?? "s"
            return chart
        }
    }
}
