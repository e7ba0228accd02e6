// SPDX-License-Identifier: Apache-2.0

/// A piece of a page, which is HTML and well-formed XML alike.
///
/// Words become markup at one door, ``words(_:)``, and attributes at another, so that nothing is
/// left unescaped and nothing is escaped twice.
package struct Markup {
    /// As it stands in the file.
    package let text: String

    private init(markup text: String) { self.text = text }

    /// Nothing.
    package static let none = Markup(markup: "")

    /// Words of anybody.
    package static func words(_ text: String) -> Markup { Markup(markup: escaped(text)) }

    /// One after the other.
    package static func list(_ parts: [Markup]) -> Markup {
        Markup(markup: parts.map(\.text).joined())
    }

    /// An element around others.
    package static func tag(_ name: StaticString, _ children: [Markup]) -> Markup {
        tag(name, [:], children)
    }

    /// An element around words.
    package static func tag(_ name: StaticString, _ words: String) -> Markup {
        tag(name, [:], words)
    }

    /// An element around others.
    package static func tag(
        _ name: StaticString,
        _ attributes: KeyValuePairs<String, String>,
        _ children: [Markup]
    ) -> Markup {
        let head = open(name, attributes)
        return Markup(markup: "<\(head)>" + list(children).text + "</\(name)>")
    }

    /// An element around words.
    package static func tag(
        _ name: StaticString,
        _ attributes: KeyValuePairs<String, String>,
        _ words: String
    ) -> Markup {
        tag(name, attributes, [.words(words)])
    }

    /// An element that holds nothing, `<meta … />`.
    package static func empty(
        _ name: StaticString,
        _ attributes: KeyValuePairs<String, String>
    ) -> Markup {
        Markup(markup: "<\(open(name, attributes)) />")
    }

    /// A style sheet of ours, which has no `<` and no `&` in it.
    static func style(_ sheet: StaticString) -> Markup {
        Markup(markup: "<style>\(sheet)</style>")
    }

    /// A whole file.
    static func document(_ html: Markup) -> String { "<!DOCTYPE html>\n\(html.text)\n" }

    private static func open(
        _ name: StaticString,
        _ attributes: KeyValuePairs<String, String>
    ) -> String {
        "\(name)" + attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    }

    /// Without characters that markup gives a meaning to, and without those that XML 1.0 has not.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}":
                result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
