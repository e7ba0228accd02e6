// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleHarness

/// What a scenario found, as text and page show it.
@Suite struct FindingsTests {
    /// One figure reached, one missed, one not measured, one only stated; a table and a line.
    private var extra: Extra {
        var extra = Extra()
        extra.add("storm.back", "until all were back", 1_500_000, .time, atMost: 10_000_000)
        extra.add("storm.audio", "survivors' audio p99", 60_000, .time, atMost: 50_000)
        extra.add("loops.across", "frames across", nil, .share, atLeast: 0.95)
        extra.add("storm.most", "the worst frame", 80_000, .time)
        extra.add(
            ExtraTable("Rows", head: ["calls", "CPU"], rows: [["10", "18.1"], ["1,000", "9"]])
        )
        extra.add(
            ExtraSeries(
                name: "1 loop",
                plot: "CPU per frame",
                x: "calls",
                y: "ms",
                points: [ExtraSeries.Point(10, 2)]
            )
        )
        extra.add(ExtraSeries(name: "2 loops", plot: "CPU per frame", y: "ms", points: []))
        extra.notes = ["all from one address"]
        return extra
    }

    private func page(isRefused: Bool = false) -> String {
        var page = ReportPage()
        let findings = Findings(extra, isRefused: isRefused)
        page.findings = findings.pageTables
        page.findingNotes = findings.notes
        return page.html
    }

    @Test func `a page shows what was to be reached, what was found, and what came of it`() {
        let html = page()
        for words in [
            "storm.back", "1.50 s", "at most 10.0 s", ">reached<", "60.0 ms", ">NOT REACHED<",
            "at least 95.000 %", "the worst frame", "Rows", "1,000", "all from one address",
        ] {
            #expect(html.contains(words), "\(words) is missing")
        }
    }

    @Test func `a refused run judges nothing, on its page as in its text`() {
        #expect(!page(isRefused: true).contains("NOT REACHED"))
        #expect(page(isRefused: true).contains("not judged"))
        let findings = Findings(extra, isRefused: true)
        let words = findings.figures.map { findings.judgement(of: $0) }
        #expect(words == ["not judged", "not judged", "not judged", nil])
    }

    @Test func `a text ends with what was to be reached`() {
        #expect(
            Findings(extra, isRefused: false).goals == [
                "reached      storm.back: until all were back 1.50 s, at most 10.0 s",
                "NOT REACHED  storm.audio: survivors' audio p99 60.0 ms, at most 50.0 ms",
                "NOT REACHED  loops.across: frames across –, at least 95.000 %",
            ]
        )
    }

    @Test func `a page of a run that looked for nothing else has no place for it`() {
        #expect(Findings(Extra(), isRefused: false).isEmpty)
        #expect(!ReportPage().html.contains("What was found"))
    }

    @Test func `lines are drawn in the unit of plots, and those without a point are not`() {
        let lines = Findings(extra, isRefused: false).series
        #expect(lines.map(\.name) == ["1 loop"])
        #expect(lines[0].across == "calls")
        #expect(lines[0].unit == .time)
        #expect(lines[0].points == [Curve.Point(x: 10, y: 2_000)])
    }

    @Test func `a table's columns stand below each other`() {
        #expect(extra.tables[0].lines == ["Rows", "calls   CPU", "10     18.1", "1,000     9"])
    }

    @Test(arguments: [(0.94, false), (0.95, true), (1, true)])
    func `a figure may have a bound below it`(_ value: Double, _ isReached: Bool) {
        var extra = Extra()
        extra.add("loops.across", "frames across", value, .share, atLeast: 0.95)
        #expect(extra.figures[0].isReached == isReached)
        #expect(extra.unmet.isEmpty == isReached)
    }

    @Test func `the most of several readings counts, and a family that no page has is nothing`() {
        let pages = ["a 1\nb 2\n", "a 3\n", "a 2\n"].map(ServerMetrics.init(page:))
        #expect(ServerMetrics.most("a", in: pages) == 3)
        #expect(ServerMetrics.most("b", in: pages) == 2)
        #expect(ServerMetrics.most("c", in: pages) == nil)
    }
}
