// SPDX-License-Identifier: Apache-2.0

/// A run's report for people: tables, what it says, and the two numbers.
struct ReportText {
    let report: RunReport

    var text: String {
        let parts: [[String]] = [
            [headline, ""], times, [""], frames, [""], extra, notes, [""], verdict,
            Findings(report).goals, numbers.lines,
        ]
        return parts.flatMap(\.self).joined(separator: "\n") + "\n"
    }

    private var headline: String {
        """
        \(load)
        \(report.machine.processor), \(report.machine.cores) cores, Linux \
        \(report.machine.kernel), load \(report.machine.loadBefore) before and \
        \(report.machine.loadAfter) after
        """
    }

    /// What was played, in a line.
    var load: String {
        let order = report.order
        guard report.isAboutFrames else {
            return """
                \(order.scenario): \(Words.count(report.callsMade)) calls, \
                \(order.pressesPerSecond) presses a second for \(order.seconds) s
                """
        }
        let media = order.media
        return """
            \(order.calls) calls, \(order.hasLength ? "\(order.seconds) s, " : "")both ways: \(media.audioPerSecond) Opus \
            (\(media.audioBytes) B) and \(media.videoPerSecond) VP8 (\(media.interBytes) B, key \
            \(media.keyBytes) B) frames/s a direction
            """
    }

    // MARK: Tables

    /// What is measured, by the names that people read.
    var distributions: [(name: String, times: Percentiles)] {
        let latencies = report.latencies
        return [
            ("press → ring", latencies.pressToRing),
            ("answer → first picture", latencies.answerToFirstPicture),
            ("unlock → panel's door", latencies.unlockToDoor),
            ("unlock → result", latencies.unlockToResult),
            ("cancel → silence", latencies.cancelToSilence),
            ("end → the others know", latencies.endToOthers),
            ("audio frame", latencies.audio),
            ("video frame", latencies.video),
            ("generator's own lateness", latencies.generatorLateness),
        ]
    }

    private var times: [String] {
        let head = ["count", "p50", "p90", "p99", "p99.9", "max", "dropped"]
        return [line("", head)]
            + distributions.filter { $1.count > 0 }.map { name, times in
                let values = [times.p50, times.p90, times.p99, times.p999, times.max]
                let words = [Words.count(times.count)] + values.map(Words.time)
                return line(name, words + drops(of: name))
            }
    }

    /// Percentiles of what arrived say nothing of what did not: its share stands beside them.
    private func drops(of row: String) -> [String] {
        report.accounts.filter { row == $0.flow + " frame" }.map {
            Words.percent($0.dropShare, $0.droppedInAll == 0 ? 0 : 3)
        }
    }

    private var frames: [String] {
        guard report.accounts.contains(where: { $0.sent > 0 }) else { return ["no frames"] }
        let head = ["sent", "arrived", "dropped", "unaccounted"]
        return [line("frames of the whole run", head)]
            + report.accounts.map { account in
                line(
                    account.flow,
                    [
                        account.sent, account.arrived, account.droppedInAll, account.unaccounted,
                    ].map(Words.count)
                )
            }
    }

    /// What the scenario is about.
    private var extra: [String] {
        let findings = Findings(report)
        guard !findings.isEmpty else { return [] }
        let rows = findings.figures.map { figure in
            Words.left(figure.name, 18) + Words.left(figure.words, 48)
                + Words.right(figure.text, 10) + Words.right(figure.bounds ?? "", 18)
                + Words.right(findings.judgement(of: figure) ?? "", 13)
        }
        let tables = findings.tables.flatMap { [""] + $0.lines }
        return rows + tables + (tables.isEmpty ? [] : [""]) + findings.notes + [""]
    }

    private func line(_ name: String, _ cells: [String]) -> String {
        Words.left(name, 26) + cells.map { Words.right($0, 12) }.joined()
    }

    // MARK: Notes

    private var notes: [String] {
        var lines: [String] = []
        let reasons = report.accounts.flatMap { account in
            account.dropped.sorted { $0.key < $1.key }.map { "\($1) \(account.flow) \($0)" }
        }
        if !reasons.isEmpty {
            lines.append("dropped by the server: " + reasons.joined(separator: ", "))
        }
        for account in report.accounts where account.takenByServer != account.sent {
            lines.append("the server counts \(account.takenByServer) \(account.flow) frames in")
        }
        lines.append(
            """
            \(report.keyFrameRequests) key frames asked for, \(report.rateHints) hints of rate; \
            longest turn of the server \(report.longestServerTurn.map(Words.time) ?? "–")
            """
        )
        if let calls = report.callsInHistory { lines.append("\(calls) calls in the history") }
        if let reason = report.mayStandStill {
            lines.append("that sound stood still is not judged: \(reason)")
        }
        guard let window = report.window else { return lines }
        let perSecond = Double(window.framesArrived) / window.seconds
        lines.append(
            """
            \(Words.count(Int(perSecond.rounded()))) frames/s relayed; generator \
            \(Words.fixed(window.generatorCores, 2)) of a core, worst lag \
            \(Words.time(window.worstLag))
            """
        )
        if let waited = waiting(window) { lines.append(waited) }
        return lines
    }

    /// Says so where the machine was not the run's alone.
    private func waiting(_ window: Window) -> String? {
        let server = window.serverWaited.map { $0 / window.seconds }
        let generator = window.generatorWaited / window.seconds
        guard max(server ?? 0, generator) > 0.02 else { return nil }
        let words = [("server", server), ("generator", generator)].compactMap { name, share in
            share.map { "the \(name)'s threads \(Words.fixed($0 * 100, 1)) %" }
        }
        return "not a quiet machine: others had the core while it was wanted, "
            + words.joined(separator: ", ") + " of the time"
    }

    /// How it went, a sentence a line.
    var verdict: [String] {
        let verdict = report.verdict
        let lines =
            verdict.failures.map { "FAILED: \($0)" }
            + verdict.refusals.map { "REFUSED, the figures say nothing: \($0)" }
        if !lines.isEmpty { return lines }
        if report.accounts.allSatisfy({ $0.sent == 0 }) { return ["every call went as it should"] }
        if verdict.dropped == 0 { return ["every frame was delivered"] }
        let count = Words.count(verdict.dropped)
        return ["every frame is accounted for; the server dropped \(count), as it may here"]
    }

    private var numbers: Numbers {
        Numbers(
            cost: report.window?.cost,
            hasMedia: report.isAboutFrames,
            ring: report.latencies.pressToRing,
            isRefused: report.verdict.isRefused
        )
    }
}
