// SPDX-License-Identifier: Apache-2.0

/// What a run's page shows, from top to bottom: one file that needs nothing else, not even a
/// network.
package struct ReportPage {
    /// One of the numbers that are shown large.
    package struct Number {
        let value: String
        let unit: String

        /// What it is.
        let name: String

        /// What it goes with.
        let note: String

        package init(_ value: String, _ unit: String, _ name: String, note: String) {
            self.value = value
            self.unit = unit
            self.name = name
            self.note = note
        }
    }

    /// How a run went.
    package enum Outcome: String {
        case passed, failed, refused
    }

    /// Plots that belong together.
    package struct Group {
        let title: String
        let note: String
        let figures: [Figure]

        package init(_ title: String, note: String = "", _ figures: [Figure]) {
            self.title = title
            self.note = note
            self.figures = figures
        }
    }

    package var title = ""
    package var subtitle = ""
    package var outcome = Outcome.passed

    /// The outcome in a sentence, and its reasons.
    package var sentence = ""
    package var reasons: [String] = []
    package var numbers: [Number] = []

    /// What the run was made to find out, above all else; may be empty.
    package var findings: [PageTable] = []

    /// Whole sentences below ``findings``.
    package var findingNotes: [String] = []

    /// What was run: names and words.
    package var facts: [(name: String, words: String)] = []
    package var groups: [Group] = []
    package var tables: [PageTable] = []

    /// How all that was measured.
    package var notes: [String] = []

    package init() {}

    /// The file.
    package var html: String {
        Markup.document(.tag("html", ["lang": "en"], [head, .tag("body", [.tag("main", body)])]))
    }

    private var head: Markup {
        .tag(
            "head",
            [
                .empty("meta", ["charset": "utf-8"]),
                .empty(
                    "meta",
                    ["name": "viewport", "content": "width=device-width, initial-scale=1"]
                ),
                .empty("meta", ["name": "color-scheme", "content": "light dark"]),
                .tag("title", "\(outcome.rawValue): \(title)"),
                .style(ReportStyle.sheet),
            ]
        )
    }

    private var body: [Markup] {
        [header, verdict, large, found, run] + groups.map(plots)
            + [.tag("section", [.tag("h2", "Tables"), .list(tables.map(\.markup))]), footer]
    }

    private var header: Markup {
        .tag(
            "header",
            [
                .tag("p", ["class": "over"], "Vestibule load report"), .tag("h1", title),
                .tag("p", ["class": "sub"], subtitle),
            ]
        )
    }

    private var verdict: Markup {
        let word = outcome.rawValue.prefix(1).uppercased() + outcome.rawValue.dropFirst()
        let mark = [Outcome.passed: "✓", .failed: "✕", .refused: "?"][outcome] ?? ""
        var parts = [
            Markup.tag(
                "p",
                ["class": "word"],
                [.tag("span", ["aria-hidden": "true"], mark), .words(String(word))]
            ),
            .tag("p", sentence),
        ]
        if !reasons.isEmpty { parts.append(.tag("ul", reasons.map { .tag("li", $0) })) }
        return .tag("section", ["class": "verdict \(outcome.rawValue)"], parts)
    }

    private var large: Markup {
        .tag(
            "section",
            ["class": "numbers"],
            numbers.map { number in
                .tag(
                    "div",
                    [
                        .tag("p", ["class": "name"], number.name),
                        .tag(
                            "p",
                            ["class": "value"],
                            [.words(number.value), .tag("span", number.unit)]
                        ),
                        .tag("p", ["class": "note"], number.note),
                    ]
                )
            }
        )
    }

    private var found: Markup {
        guard !findings.isEmpty || !findingNotes.isEmpty else { return .none }
        return .tag(
            "section",
            [.tag("h2", "What was found"), .list(findings.map(\.markup))]
                + findingNotes.map { .tag("p", ["class": "aside"], $0) }
        )
    }

    private var run: Markup {
        let rows = facts.map { fact in
            Markup.tag("div", [.tag("dt", fact.name), .tag("dd", fact.words)])
        }
        return .tag("section", [.tag("h2", "What was run"), .tag("dl", rows)])
    }

    private func plots(_ group: Group) -> Markup {
        var parts = [Markup.tag("h2", group.title)]
        if !group.note.isEmpty { parts.append(.tag("p", ["class": "sub"], group.note)) }
        parts.append(.tag("div", ["class": "plots"], group.figures.map(\.markup)))
        return .tag("section", parts)
    }

    private var footer: Markup {
        .tag("footer", notes.map { .tag("p", $0) })
    }
}
