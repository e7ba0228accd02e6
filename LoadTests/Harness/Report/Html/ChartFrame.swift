// SPDX-License-Identifier: Apache-2.0

/// The paper of a plot: where numbers come to lie, axes, grid, and the names of lines.
///
/// It is drawn at the size at which it is read, on a phone and in a column of a desk's screen, so
/// that its words have the size of others.
struct ChartFrame {
    let across: Axis
    let up: Axis
    let unit: ChartUnit

    static let width = 384.0
    static let height = 212.0
    private static let letter = 6.3
    private let left: Double
    private let right: Double
    private let top = 16.0
    private let bottom = 26.0

    /// `names` are those of the lines, for which room is left beside their ends.
    init(across: Axis, up: Axis, unit: ChartUnit, names: [String]) {
        self.across = across
        self.up = up
        self.unit = unit
        let ticks = up.ticks.map { unit.tick($0).count }.max() ?? 0
        left = Double(ticks) * Self.letter + 10
        right = min(120, Double(names.map(\.count).max() ?? 0) * Self.letter + 12)
    }

    func x(_ value: Double) -> Double {
        left + across.place(value) * (Self.width - left - right)
    }

    func y(_ value: Double) -> Double {
        Self.height - bottom - up.place(value) * (Self.height - top - bottom)
    }

    /// A number of the picture, which a tenth is exact enough for.
    static func number(_ value: Double) -> String { Words.fixed(value, 1) }

    // MARK: What is drawn

    /// Lines across at each tick, with its number.
    var grid: [Markup] {
        up.ticks.flatMap { tick in
            let y = Self.number(y(tick))
            let end = Self.number(Self.width - right)
            return [
                .empty(
                    "line",
                    [
                        "class": tick == up.low ? "base" : "grid",
                        "x1": Self.number(left), "x2": end, "y1": y, "y2": y,
                    ]
                ),
                label(unit.tick(tick), x: left - 6, y: self.y(tick) + 4, anchor: "end"),
            ]
        }
    }

    /// Numbers below, by their words.
    func foot(_ ticks: [(place: Double, words: String)]) -> [Markup] {
        let y = Self.height - bottom
        return ticks.flatMap { tick -> [Markup] in
            let x = x(tick.place)
            return [
                .empty(
                    "line",
                    [
                        "class": "base", "x1": Self.number(x), "x2": Self.number(x),
                        "y1": Self.number(y), "y2": Self.number(y + 4),
                    ]
                ),
                label(tick.words, x: x, y: y + 17, anchor: "middle"),
            ]
        }
    }

    /// A stretch of the time that is told apart.
    func band(_ range: ClosedRange<Double>, _ words: String) -> [Markup] {
        let (begin, end) = (x(range.lowerBound), x(range.upperBound))
        guard end - begin > 1 else { return [] }
        return [
            .empty(
                "rect",
                [
                    "class": "band", "x": Self.number(begin), "y": Self.number(top - 4),
                    "width": Self.number(end - begin),
                    "height": Self.number(Self.height - top - bottom + 4),
                ]
            ),
            label(words, x: (begin + end) / 2, y: top - 7, anchor: "middle"),
        ]
    }

    /// A line through its points, or a dot where there is one only.
    func line(_ curve: Curve) -> Markup {
        let points = curve.thinned(to: 180)
        let style = "c\(curve.colour)" + (curve.isFaint ? " faint" : "")
        if points.count == 1, let point = points.first { return dot(point, "dot \(style)") }
        let path = points.map { "\(Self.number(x($0.x))),\(Self.number(y($0.y)))" }
        return .empty(
            "polyline",
            ["class": "line \(style)", "points": path.joined(separator: " ")]
        )
    }

    func dot(_ point: Curve.Point, _ style: String) -> Markup {
        .empty(
            "circle",
            [
                "class": style, "cx": Self.number(x(point.x)), "cy": Self.number(y(point.y)),
                "r": "2.6",
            ]
        )
    }

    /// The names beside the lines' ends, none over another.
    func names(_ curves: [Curve]) -> [Markup] {
        let wanted = curves.map { y($0.points.last?.y ?? up.low) + 4 }
        let range = (top + 4)...(Self.height - bottom)
        let places = Self.spread(wanted, within: range, apart: 13)
        return zip(curves, places).map { curve, y in
            let end = x(curve.points.last?.x ?? across.high)
            return .tag(
                "text",
                [
                    "class": "name t\(curve.colour)", "x": Self.number(end + 7),
                    "y": Self.number(y),
                ],
                curve.name
            )
        }
    }

    private func label(_ words: String, x: Double, y: Double, anchor: String) -> Markup {
        .tag(
            "text",
            ["class": "tick", "x": Self.number(x), "y": Self.number(y), "text-anchor": anchor],
            words
        )
    }

    /// Keeps labels apart, as near to where they belong as that allows, in their order.
    static func spread(
        _ wanted: [Double],
        within range: ClosedRange<Double>,
        apart: Double
    ) -> [Double] {
        let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        var places = wanted
        var least = range.lowerBound
        for index in order {
            places[index] = max(places[index], least)
            least = places[index] + apart
        }
        var most = range.upperBound
        for index in order.reversed() {
            places[index] = min(places[index], most)
            most = places[index] - apart
        }
        return places
    }
}
