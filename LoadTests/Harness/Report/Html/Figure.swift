// SPDX-License-Identifier: Apache-2.0

/// A plot with its title, or the reason why there is nothing to see.
package struct Figure {
    private let title: String
    private let note: String
    private let body: Markup

    /// `svg` is what is drawn on a ``ChartFrame``, `words` what it is for those who do not see it.
    private init(title: String, note: String, body: Markup) {
        self.title = title
        self.note = note
        self.body = body
    }

    static func empty(_ title: String, _ reason: String) -> Figure {
        Figure(title: title, note: "", body: .tag("p", ["class": "empty"], reason))
    }

    static func drawn(_ title: String, _ note: String, _ parts: [Markup]) -> Figure {
        let size = [ChartFrame.width, ChartFrame.height].map(ChartFrame.number)
        let svg = Markup.tag(
            "svg",
            [
                "viewBox": "0 0 \(size[0]) \(size[1])", "role": "img",
                "xmlns": "http://www.w3.org/2000/svg", "aria-label": "\(title), \(note)",
            ],
            parts
        )
        return Figure(title: title, note: note, body: svg)
    }

    /// As it stands on the page.
    package var markup: Markup {
        var head = [Markup.words(title)]
        if !note.isEmpty { head.append(.tag("small", note)) }
        return .tag("figure", [.tag("figcaption", head), body])
    }
}
