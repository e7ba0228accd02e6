// SPDX-License-Identifier: Apache-2.0

/// A table of a page: the first column names the row, the others are numbers.
package struct PageTable {
    package let title: String
    package let head: [String]
    package let rows: [[Cell]]

    /// Said instead where there is no row.
    package let empty: String

    /// Words, and whether they are good or bad news.
    package struct Cell: ExpressibleByStringLiteral {
        enum Mood: String {
            case plain, good, bad
        }

        let words: String
        let mood: Mood

        /// A sentence, which may take several lines, and begins at the left.
        var isWordy = false

        init(_ words: String, _ mood: Mood = .plain) {
            self.words = words
            self.mood = mood
        }

        /// Below the words, smaller.
        var note = ""

        static func wordy(_ words: String) -> Cell {
            var cell = Cell(words)
            cell.isWordy = true
            return cell
        }

        fileprivate var content: [Markup] {
            note.isEmpty ? [.words(words)] : [.words(words), .tag("small", note)]
        }

        fileprivate var style: String { isWordy ? "wordy" : mood.rawValue }

        package init(stringLiteral value: String) { self.init(value) }
    }

    package init(_ title: String, head: [String], rows: [[Cell]], empty: String) {
        self.title = title
        self.head = head
        self.rows = rows
        self.empty = empty
    }

    package var markup: Markup {
        guard !rows.isEmpty else {
            return .tag("section", [.tag("h3", title), .tag("p", ["class": "empty"], empty)])
        }
        let names = Markup.tag("tr", head.map { .tag("th", ["scope": "col"], $0) })
        let lines = rows.map { row in
            Markup.tag(
                "tr",
                row.enumerated().map { index, cell in
                    index == 0
                        ? .tag("th", ["scope": "row"], cell.content)
                        : .tag("td", ["class": cell.style], cell.words)
                }
            )
        }
        let table = Markup.tag("table", [.tag("thead", [names]), .tag("tbody", lines)])
        // A wide table is pushed aside by itself, and not the page with it.
        return .tag("section", [.tag("h3", title), .tag("div", ["class": "wide"], [table])])
    }
}
