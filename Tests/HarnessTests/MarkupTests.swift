// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleHarness

@Suite struct MarkupTests {
    @Test(arguments: [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("\"it's\"", "&quot;it&#39;s&quot;"),
        ("&amp;", "&amp;amp;"),
        ("µs → ring", "µs → ring"),
        ("a\u{0}b\u{1B}[31m", "a\u{FFFD}b\u{FFFD}[31m"),
        ("a\nb", "a\nb"),
    ])
    func `words of anybody become words, and no markup`(_ row: (words: String, text: String)) {
        #expect(Markup.words(row.words).text == row.text)
    }

    @Test func `attributes are escaped like words`() {
        let link = Markup.tag("a", ["title": "\"><script>"], "x")
        #expect(link.text == "<a title=\"&quot;&gt;&lt;script&gt;\">x</a>")
    }

    @Test func `what is inside of an element is not escaped again`() {
        let inner = Markup.tag("b", "1 < 2")
        #expect(Markup.tag("p", [inner]).text == "<p><b>1 &lt; 2</b></p>")
        #expect(Markup.empty("hr", ["class": "a"]).text == "<hr class=\"a\" />")
    }
}
