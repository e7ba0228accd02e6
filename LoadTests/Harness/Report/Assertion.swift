// SPDX-License-Identifier: Apache-2.0

/// Why words are no assertion.
package struct AssertionFailure: Error, CustomStringConvertible {
    package let description: String
}

/// What a run's figures are held against: `ring.p99<50ms`, `drops<=0.1%`, `cpu<20us`.
package struct Assertion: CustomStringConvertible, Sendable {
    private enum Comparison: String, CaseIterable {
        // The longer ones first: `<` begins `<=`.
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"

        func holds(_ left: Double, _ right: Double) -> Bool {
            switch self {
            case .atMost: left <= right
            case .atLeast: left >= right
            case .below: left < right
            case .above: left > right
            }
        }
    }

    /// As it was written, without spaces.
    package let description: String
    private let figure: String
    private let comparison: Comparison
    private let bound: Double

    /// Reads FIGURE, one of `< <= > >=`, and a number with its unit.
    ///
    /// Times have `us`, `µs`, `ms` or `s`, shares `%`, counts nothing.
    package init(_ text: String) throws(AssertionFailure) {
        let words = text.filter { !$0.isWhitespace }
        description = words
        guard
            let (comparison, place) = Comparison.allCases.lazy.compactMap({ comparison in
                words.firstRange(of: comparison.rawValue).map { (comparison, $0) }
            }).first
        else { throw Self.failure(text, "it compares nothing: write `ring.p99<50ms`") }
        self.comparison = comparison
        figure = String(words[..<place.lowerBound])
        guard let measure = Figures.measure(of: figure) else {
            throw Self.failure(
                text,
                """
                the figures are \(Figures.distributions.joined(separator: ", ")), each with .p50 \
                .p90 .p99 .p999 .max .count; cpu, drops, calls; and of single scenarios \
                \(ExtraNames.all.map(\.name).joined(separator: ", "))
                """
            )
        }
        guard let bound = Self.value(String(words[place.upperBound...]), measure) else {
            throw Self.failure(
                text,
                "times end in us, ms or s, shares in %, sizes in B, kB or MB, counts in nothing"
            )
        }
        self.bound = bound
    }

    /// Nil where it holds; else what the figure is.
    package func complaint(about figures: Figures) -> String? {
        guard let value = figures[figure] else { return "\(self): nothing was measured" }
        if comparison.holds(value, bound) { return nil }
        return "\(self): it is \((Figures.measure(of: figure) ?? .number).words(value))"
    }

    /// What the figure is, in words; nil where nothing was measured.
    func value(in figures: Figures) -> String? {
        figures[figure].map { (Figures.measure(of: figure) ?? .number).words($0) }
    }

    private static func value(_ text: String, _ measure: Figures.Measure) -> Double? {
        let units: [(String, Double)] =
            switch measure {
            case .time: [("us", 1), ("µs", 1), ("ms", 1_000), ("s", 1_000_000)]
            case .share: [("%", 0.01)]
            case .size: [("kB", 1_000), ("MB", 1_000_000), ("B", 1)]
            case .number, .ratio: [("", 1)]
            }
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = Double(text.dropLast(unit.count)), number.isFinite else { continue }
            return number * factor
        }
        return nil
    }

    private static func failure(_ text: String, _ reason: String) -> AssertionFailure {
        AssertionFailure(description: "`\(text)` is no assertion: \(reason)")
    }
}
