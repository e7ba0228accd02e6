// SPDX-License-Identifier: Apache-2.0

/// Lines over the seconds of a run.
package struct TimeChart {
    package let title: String
    package let note: String
    package let unit: ChartUnit
    package let curves: [Curve]

    /// What lies along the foot: seconds, or another word.
    package var foot = "s"

    /// The measured window; nil where there was none.
    package var window: ClosedRange<Double>?

    /// The seconds that all plots of a page have in common.
    package var span: ClosedRange<Double>?

    /// Said instead where no line has a point.
    package let empty: String

    /// Slots of time that tell their numbers to a pointer, at most.
    private static let slots = 100

    package init(
        _ title: String,
        note: String = "",
        _ unit: ChartUnit,
        _ curves: [Curve],
        empty: String
    ) {
        self.title = title
        self.note = note
        self.unit = unit
        self.curves = curves.filter { !$0.points.isEmpty }
        self.empty = empty
    }

    package var figure: Figure {
        guard !curves.isEmpty else { return .empty(title, empty) }
        let times = curves.flatMap { $0.points.map(\.x) }
        let known = (times.min() ?? 0)...(times.max() ?? 1)
        let span = foot == "s" ? span ?? known : known
        let across = Axis.exact(from: span.lowerBound, to: span.upperBound)
        let frame = ChartFrame(across: across, up: up, unit: unit, names: curves.map(\.name))
        var parts: [Markup] = []
        if let window, foot == "s" { parts += frame.band(window, "measured") }
        parts += frame.grid
        parts += frame.foot(across.ticks.map { ($0, "\(Words.count(Int($0))) \(foot)") })
        parts += curves.map(frame.line)
        parts += frame.names(curves)
        parts += slots(frame)
        return .drawn(title, note, parts)
    }

    /// Times span decades: a line for p50 would lie on the ground below one for p99.
    private var up: Axis {
        let values = curves.flatMap { $0.points.map(\.y) }
        if unit == .time, !values.contains(0) { return .logarithmic(values) }
        if unit == .time { return .linear(to: max(1_000, values.max() ?? 0)) }
        return .linear(to: values.max() ?? 1, isWhole: unit == .number || unit == .rate)
    }

    /// Invisible columns: one that is pointed at shows its dots, and its numbers as a tooltip.
    private func slots(_ frame: ChartFrame) -> [Markup] {
        let seconds = Set(curves.flatMap { $0.points.map(\.x) }).sorted()
        let step = max(1, (seconds.count + Self.slots - 1) / Self.slots)
        let shown = stride(from: 0, to: seconds.count, by: step).map { seconds[$0] }
        let values = curves.map { curve in
            Dictionary(curve.points.map { ($0.x, $0.y) }, uniquingKeysWith: max)
        }
        return shown.enumerated().map { index, second in
            let before = index == 0 ? second : (shown[index - 1] + second) / 2
            let after = index == shown.count - 1 ? second : (shown[index + 1] + second) / 2
            let (begin, end) = (frame.x(before), frame.x(after))
            var words = ["\(Words.fixed(second, 0)) \(foot)"]
            var dots: [Markup] = []
            for (curve, values) in zip(curves, values) {
                guard let value = values[second] else { continue }
                words.append("\(curve.name): \(unit.words(value))")
                dots.append(frame.dot(.init(x: second, y: value), "dot c\(curve.colour)"))
            }
            let column = Markup.empty(
                "rect",
                [
                    "x": ChartFrame.number(begin), "y": "8",
                    "width": ChartFrame.number(max(1, end - begin)), "height": "178",
                ]
            )
            let title = Markup.tag("title", words.joined(separator: "\n"))
            return .tag("g", ["class": "slot"], [title, column] + dots)
        }
    }
}
