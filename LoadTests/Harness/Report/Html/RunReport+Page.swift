// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleBasics

extension RunReport {
    /// Writes the page there: one file, for people.
    package func writePage(to path: String) throws {
        try Data(page.html.utf8).write(to: URL(fileURLWithPath: path))
    }

    var page: ReportPage {
        var page = ReportPage()
        page.title = title
        page.subtitle = "\(date), \(machine.processor), \(machine.cores) cores"
        fill(&page, verdict)
        page.numbers = largeNumbers
        let findings = Findings(self)
        page.findings = findings.pageTables
        page.findingNotes = findings.notes
        page.facts = facts
        page.groups = ReportCharts(report: self).groups
        page.tables = ReportTables(report: self).all
        page.notes = [
            """
            Schedules are fixed beforehand: times count from when a frame or a press was due, so \
            what is late counts as late. The generator's own lateness is part of every figure \
            beside it. Only figures of one machine, and best of one run, compare.
            """
        ]
        if metricsCost != nil { page.notes.append(metricsNote) }
        return page
    }

    private func fill(_ page: inout ReportPage, _ verdict: Verdict) {
        page.reasons = verdict.failures + verdict.refusals
        if !verdict.failures.isEmpty {
            page.outcome = .failed
            page.sentence =
                verdict.isRefused
                ? "Something went wrong, and the figures say nothing." : "Something went wrong."
        } else if verdict.isRefused {
            page.outcome = .refused
            page.sentence =
                "The figures say nothing about the server: generator or machine were too busy."
        } else {
            page.outcome = .passed
            page.sentence = ReportText(report: self).verdict.joined(separator: "; ") + "."
            page.sentence = page.sentence.prefix(1).uppercased() + page.sentence.dropFirst()
        }
    }

    private var title: String {
        isAboutFrames
            ? "\(order.scenario): \(Words.count(order.calls)) calls at once"
                + (order.hasLength ? " for \(order.seconds) s" : "")
            : "\(order.scenario): \(Words.count(callsMade)) calls in \(order.seconds) s"
    }

    /// To the second, for people.
    private var date: String {
        order.began.prefix(19).replacingOccurrences(of: "T", with: " ") + " UTC"
    }

    // MARK: The large numbers

    private var largeNumbers: [ReportPage.Number] {
        [isAboutFrames ? costNumber : callsNumber, ringNumber]
    }

    private var costNumber: ReportPage.Number {
        let name = "Server CPU per relayed frame"
        guard !verdict.isRefused else {
            return .init("–", "", name, note: "withheld, the run was refused")
        }
        guard let window, let cost = window.cost else {
            return .init("–", "", name, note: "not known: name the server's process with --pid")
        }
        let rate = Double(window.framesArrived) / window.seconds
        return .init(
            Words.fixed(cost.microseconds, 1),
            "µs",
            name,
            note: """
                \(Words.percent(cost.user + cost.system, 1)) of a core (user \
                \(Words.fixed(cost.user * 100, 1)), system \(Words.fixed(cost.system * 100, 1))) \
                at \(Words.count(Int(rate.rounded()))) frames/s
                """
        )
    }

    private var callsNumber: ReportPage.Number {
        .init(
            Words.count(callsMade),
            "calls",
            "Calls made",
            note: "\(order.pressesPerSecond) presses a second"
        )
    }

    private var ringNumber: ReportPage.Number {
        let name = "Press → ring, p99"
        let ring = latencies.pressToRing
        guard ring.count > 0 else { return .init("–", "", name, note: "nothing rang") }
        guard !verdict.isRefused else {
            return .init("–", "", name, note: "withheld, the run was refused")
        }
        let words = Words.time(ring.p99).split(separator: " ").map(String.init)
        return .init(
            words[0],
            words.last ?? "",
            name,
            note: """
                p50 \(Words.time(ring.p50)), max \(Words.time(ring.max)), of \
                \(Words.count(ring.count)) rings
                """
        )
    }

    // MARK: What was run

    private var facts: [(name: String, words: String)] {
        var facts = [
            ("Command", order.command), ("Date", date),
            ("Version", "vestibule \(order.version)"),
            ("Machine", "\(machine.processor), \(machine.cores) cores, Linux \(machine.kernel)"),
            ("Load", "\(machine.loadBefore) before, \(machine.loadAfter) after"),
            ("Server", cores(order.serverCores, loops: order.loops)),
            ("Generator", generator),
            (
                "Settings",
                order.settings.isEmpty ? "defaults" : order.settings.joined(separator: " ")
            ),
        ]
        if isAboutFrames || accounts.contains(where: { $0.sent > 0 }) {
            facts.append(("Media", media))
        }
        if let window { facts.append(("Window", window.words)) }
        return facts.map { (name: $0.0, words: $0.1) }
    }

    private var generator: String {
        guard let cores = order.generatorCores else { return "cores shared with the server" }
        return "\(cores.named), frames leave at multiples of \(order.gridMicroseconds) µs"
    }

    private func cores(_ cores: [Int]?, loops: Int) -> String {
        let loops = loops == 1 ? "one loop" : "\(loops) loops"
        return cores.map { "\(loops) on \($0.named)" } ?? loops
    }

    private var media: String {
        let media = order.media
        return """
            \(media.audioPerSecond) Opus (\(media.audioBytes) B) and \(media.videoPerSecond) VP8 \
            (\(Words.count(media.interBytes)) B, key \(Words.count(media.keyBytes)) B) frames/s a \
            direction, really encoded
            """
    }

    private var metricsNote: String {
        """
        The server's /metrics were read every \(MetricsWatch.every.milliseconds / 1_000) s, which \
        the server pays for too: a reading took \(Words.time(metricsCost ?? 0)) on average, most \
        of it waiting. Without --html it is not done.
        """
    }
}

extension [Int] {
    fileprivate var named: String {
        (count == 1 ? "core " : "cores ") + map(String.init).joined(separator: ", ")
    }
}

extension Window {
    fileprivate var words: String {
        var words = [
            "\(Words.fixed(seconds, 1)) s",
            "generator \(Words.fixed(generatorCores, 2)) of a core",
            "its worst lag \(Words.time(worstLag))",
        ]
        if let waited = serverWaited {
            words.append(
                "others had the server's core for \(Words.percent(waited / seconds, 1)) of it"
            )
        }
        return words.joined(separator: ", ")
    }
}
