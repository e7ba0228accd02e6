// SPDX-License-Identifier: Apache-2.0

/// What a scenario found beside the figures of all: named figures, some with a bound, and series to
/// draw.
package struct Extra: Codable {
    package private(set) var figures: [ExtraFigure] = []
    package private(set) var series: [ExtraSeries] = []

    /// What must not happen and did in a part of the run, a sentence each.
    package var failures: [String] = []

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
        atMost bound: Double? = nil
    ) {
        figures.append(
            ExtraFigure(name: name, words: words, value: value, measure: measure, most: bound)
        )
    }

    package mutating func add(_ series: ExtraSeries) { self.series.append(series) }

    /// Figures that are over their bound, and ``failures``; a sentence each.
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

    /// What it is to be at most; nil where it is only stated.
    package let most: Double?

    /// Whether it keeps its bound; nil where it has none.
    package var isReached: Bool? { most.map { most in value.map { $0 <= most } ?? false } }

    /// The value in words.
    package var text: String { value.map { measure.words($0) } ?? "–" }

    /// Why it is not reached; nil where it is, or has no bound.
    package var complaint: String? {
        guard let most, isReached == false else { return nil }
        return "\(name): \(words) is \(text), to reach is at most \(measure.words(most))"
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
        ("idle.bytes", .size), ("idle.ratio", .ratio),
        ("storm.back", .time), ("storm.audio", .time), ("storm.resumed", .share),
        ("slow.queue", .time), ("slow.bytes", .size), ("slow.audio", .time),
        ("slow.video", .time), ("slow.freeze", .time), ("slow.fresh", .time),
        ("slow.picture", .time),
        ("slow.others", .ratio), ("slow.memory", .size),
        ("loops.ratio", .ratio), ("loops.across", .share),
        ("soak.memory", .share), ("soak.descriptors", .number),
    ]

    static func measure(of name: String) -> Figures.Measure? {
        all.first { $0.name == name }?.measure
    }
}
