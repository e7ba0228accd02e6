// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationXML
import Testing
import VestibuleBasics
import VestibuleHarness

/// Elements of a page, as a parser of XML sees them.
private final class Elements: NSObject, XMLParserDelegate {
    private(set) var counts: [String: Int] = [:]
    private(set) var attributes: [(name: String, value: String)] = []
    private(set) var words = ""

    func parser(
        _ parser: XMLParser,
        didStartElement elementName: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes attributeDict: [String: String]
    ) {
        counts[elementName, default: 0] += 1
        attributes += attributeDict.map { (name: $0.key, value: $0.value) }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { words += string }

    /// Nil, with a recorded issue, where the page is not well-formed.
    static func of(_ html: String) -> Elements? {
        let parser = XMLParser(data: Data(html.utf8))
        let elements = Elements()
        parser.delegate = elements
        guard parser.parse() else {
            Issue.record("line \(parser.lineNumber): \(String(describing: parser.parserError))")
            return nil
        }
        return elements
    }
}

@Suite struct ReportPageTests {
    private func line(_ name: String, _ values: [Double], colour: Int = 0) -> Curve {
        let points = values.enumerated().map { Curve.Point(x: Double($0), y: $1) }
        return Curve(name, points, colour: colour)
    }

    private func times(_ milliseconds: [Int]) -> Percentiles {
        var latency = Latency()
        let due = Moment(nanoseconds: 0)
        for time in milliseconds { latency.record(from: due, to: due + .milliseconds(time)) }
        return latency.percentiles
    }

    /// A small page with one of each.
    private var page: ReportPage {
        var page = ReportPage()
        page.title = "2 calls <both> ways & more"
        page.outcome = .failed
        page.sentence = "Something went wrong."
        page.reasons = ["silentGap × 1: kind 1, \"sequence\" 5 <script>alert(1)</script>"]
        page.numbers = [.init("18.1", "µs", "Server CPU", note: "47 % of a core")]
        page.facts = [(name: "Command", words: "LoadTests/run --assert 'ring.p99<50ms'")]
        var chart = TimeChart(
            "CPU",
            note: "share of a core",
            .share,
            [line("server", [0.1, 0.5, 0.4]), line("generator", [0.6], colour: 1)],
            empty: "nothing"
        )
        chart.window = 1...2
        page.groups = [
            .init(
                "Load",
                [
                    chart.figure,
                    TimeChart("Sound", .time, [], empty: "no sound in this scenario").figure,
                    PercentileChart(
                        "Signals",
                        [(name: "ring", times: times(Array(1...100)), isFaint: false)],
                        empty: "none"
                    ).figure,
                ]
            )
        ]
        page.tables = [
            PageTable("Faults", head: ["", "times"], rows: [["silentGap", "1"]], empty: "none"),
            PageTable("Assertions", head: [""], rows: [], empty: "None were asked for."),
        ]
        return page
    }

    @Test func `a page is well-formed, and tells what it was given`() {
        guard let elements = Elements.of(page.html) else { return }
        #expect(elements.counts["svg"] == 2)
        #expect(elements.counts["figure"] == 3)
        #expect(elements.counts["table"] == 1)
        #expect(elements.counts["polyline"] == 2)
        for words in [
            "2 calls <both> ways & more", "<script>alert(1)</script>", "no sound in this scenario",
            "None were asked for.", "--assert 'ring.p99<50ms'", "server: 50.0 %", "Failed",
        ] {
            #expect(elements.words.contains(words), "\(words) is missing")
        }
    }

    @Test func `a page needs nobody else`() {
        guard let elements = Elements.of(page.html) else { return }
        #expect(elements.counts["script"] == nil)
        #expect(elements.counts["link"] == nil)
        #expect(elements.counts["img"] == nil)
        #expect(!elements.attributes.contains { ["src", "href", "style"].contains($0.name) })
        #expect(!page.html.contains("url("))
        #expect(!page.html.contains("@import"))
    }

    @Test func `an empty page is one too`() {
        #expect(Elements.of(ReportPage().html)?.counts["svg"] == nil)
    }

    @Test func `a line of one point is a dot, and one of none is not drawn`() {
        let dot = TimeChart("A", .number, [line("one", [3])], empty: "none").figure.markup.text
        #expect(dot.contains("<circle"))
        #expect(!dot.contains("polyline"))
        let none = TimeChart("A", .number, [line("one", [.nan])], empty: "none").figure.markup.text
        #expect(none.contains("<p class=\"empty\">none</p>"))
    }

    @Test func `a long run keeps its peaks`() {
        var values = [Double](repeating: 1, count: 3_000)
        values[1_234] = 99
        values[2_345] = 0
        let thin = line("a", values).thinned(to: 180)
        #expect(thin.count <= 360)
        #expect(thin.contains { $0.x == 1_234 && $0.y == 99 })
        #expect(thin.contains { $0.x == 2_345 && $0.y == 0 })
        #expect(thin.map(\.x) == thin.map(\.x).sorted())
    }

    @Test func `a percentile that no measurement lies beyond is left out`() {
        #expect(PercentileChart.points(times(Array(1...100))).map(\.y).count == 4)
        #expect(PercentileChart.points(times([5])).count == 1)
    }

    @Test func `series of one plot share it`() {
        let points = [Curve.Point(x: 1, y: 2)]
        let charts = TimeChart.all([
            NamedSeries(plot: "Memory", name: "rss", unit: .bytes, points: points),
            NamedSeries(plot: "Idle", name: "sockets", unit: .number, points: points),
            NamedSeries(plot: "Memory", name: "heap", unit: .bytes, points: points),
        ])
        #expect(charts.map(\.title) == ["Memory", "Idle"])
        #expect(charts[0].curves.map(\.name) == ["rss", "heap"])
        #expect(charts[0].curves.map(\.colour) == [0, 1])
    }
}
