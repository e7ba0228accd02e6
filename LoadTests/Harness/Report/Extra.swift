// SPDX-License-Identifier: Apache-2.0

/// What a scenario found beside the figures of all: named figures, some with a bound, and series to
/// draw.
package struct Extra: Codable {
    package private(set) var figures: [ExtraFigure] = []
    package private(set) var series: [ExtraSeries] = []
    package private(set) var tables: [ExtraTable] = []

    /// What was wrong in a part of the run, where its figures mean something; a sentence each.
    package private(set) var failures: [String] = []

    /// What must not happen, whether figures mean anything or not, and did in a part of the run.
    package private(set) var mustNots: [String] = []

    /// Takes in how a part of the run went; `isFigure`: whether its figures are this run's too.
    package mutating func take(_ verdict: Verdict, of part: String, isFigure: Bool = true) {
        mustNots += verdict.mustNots.map { "\(part): \($0)" }
        guard isFigure else { return }
        failures += verdict.failures.dropFirst(verdict.mustNots.count).map { "\(part): \($0)" }
    }

    /// Whole sentences: how it was measured, and what is to be known of it.
    package var notes: [String] = []

    package init() {}

    /// Adds a figure; nil: nothing was measured, which fails a bound.
    ///
    /// `name` is as ``ExtraNames`` has it, where it is to be used in assertions.
    package mutating func add(
        _ name: String,
        _ words: String,
        _ value: Double?,
        _ measure: Figures.Measure,
        atMost most: Double? = nil,
        atLeast least: Double? = nil
    ) {
        let figure = ExtraFigure(
            name: name,
            words: words,
            value: value,
            measure: measure,
            most: most,
            least: least
        )
        figures.append(figure)
    }

    /// What pressing and opening took, held against its bounds; a ring only where so many press
    /// that it says something.
    package mutating func addGoals(ring: Percentiles, door: Percentiles, presses: Int) {
        if presses >= Judgement.ringPresses {
            let found = Judgement.p99(ring, atMost: Judgement.ring)
            let words = "press → ring p99 at \(presses) presses a second"
            add("goal.ring", words, found.value, .time, atMost: found.most)
        }
        let found = Judgement.p99(door, atMost: Judgement.door)
        add("goal.door", "unlock → panel's door p99", found.value, .time, atMost: found.most)
    }

    package mutating func add(_ series: ExtraSeries) { self.series.append(series) }

    package mutating func add(_ table: ExtraTable) { tables.append(table) }

    /// Figures that are outside of their bounds, and ``failures``; a sentence each.
    package var unmet: [String] { failures + figures.compactMap(\.complaint) }
}

/// A named figure of a scenario.
package struct ExtraFigure: Codable {
    package let name: String

    /// What it is, for people.
    package let words: String

    /// In the unit of ``measure``; nil: nothing was measured.
    package let value: Double?
    package let measure: Figures.Measure

    /// What it is to be at most, and at least; both nil where it is only stated.
    package let most: Double?
    package let least: Double?

    /// Whether it keeps its bounds; nil where it has none.
    package var isReached: Bool? {
        guard most != nil || least != nil else { return nil }
        return value.map { $0 <= most ?? .infinity && $0 >= least ?? -.infinity } ?? false
    }

    /// The value in words.
    package var text: String { value.map { measure.words($0) } ?? "–" }

    /// Its bounds in words; nil where it has none.
    package var bounds: String? {
        let words = [
            least.map { "at least \(measure.words($0))" },
            most.map { "at most \(measure.words($0))" },
        ].compactMap { $0 }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    /// Why it is not reached; nil where it is, or has no bound.
    package var complaint: String? {
        guard let bounds, isReached == false else { return nil }
        return "\(name): \(words) is \(text), to reach is \(bounds)"
    }
}

/// Rows of what a scenario found; the first column names the row.
package struct ExtraTable: Codable {
    package let title: String
    package let head: [String]
    package let rows: [[String]]

    package init(_ title: String, head: [String], rows: [[String]]) {
        self.title = title
        self.head = head
        self.rows = rows
    }

    /// Lines with their columns below each other.
    package var lines: [String] {
        let all = [head] + rows
        let widths = head.indices.map { column in
            all.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return [title]
            + all.map { row in
                zip(row, widths).enumerated().map { index, cell in
                    index == 0
                        ? Words.left(cell.0, cell.1) : "  " + Words.right(cell.0, cell.1)
                }.joined()
            }
    }
}

/// Points to draw: one line of a plot.
package struct ExtraSeries: Codable {
    package struct Point: Codable, Equatable {
        package let x: Double
        package let y: Double

        package init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    package let name: String

    /// What the plot is of; series with the same ``plot`` belong on one.
    package let plot: String

    /// Axes with their units.
    package let x: String
    package let y: String
    package let points: [Point]

    package init(name: String, plot: String, x: String = "s", y: String, points: [Point]) {
        self.name = name
        self.plot = plot
        self.x = x
        self.y = y
        self.points = points
    }
}

/// The figures of single scenarios that assertions may name.
package enum ExtraNames {
    package static let all: [(name: String, measure: Figures.Measure)] = [
        ("goal.ring", .time), ("goal.door", .time),
        ("idle.bytes", .size), ("idle.ratio", .ratio),
        ("storm.back", .time), ("storm.audio", .time), ("storm.resumed", .share),
        ("slow.queue", .time), ("slow.bytes", .size), ("slow.audio", .time),
        ("slow.sound", .share), ("slow.video", .time), ("slow.freeze", .time),
        ("slow.fresh", .time),
        ("slow.picture", .time),
        ("slow.others", .ratio), ("slow.memory", .size),
        ("overload.refused", .share), ("overload.answer", .time), ("overload.ring", .time),
        ("overload.others", .ratio),
        ("loops.ratio", .ratio), ("loops.across", .share),
        ("soak.memory", .share), ("soak.descriptors", .number),
    ]

    static func measure(of name: String) -> Figures.Measure? {
        all.first { $0.name == name }?.measure
    }
}
