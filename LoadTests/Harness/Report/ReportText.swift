// SPDX-License-Identifier: Apache-2.0

/// A run's report for people: tables, what it says, and the two numbers.
struct ReportText {
    let report: RunReport

    var text: String {
        ([headline, ""] + times + [""] + frames + [""] + notes + [""] + verdict + numbers)
            .joined(separator: "\n") + "\n"
    }

    private var headline: String {
        let order = report.order
        let media = order.media
        return """
            \(order.calls) calls, \(order.seconds) s, both ways: \(media.audioPerSecond) Opus \
            (\(media.audioBytes) B) and \(media.videoPerSecond) VP8 (\(media.interBytes) B, key \
            \(media.keyBytes) B) frames/s a direction
            \(report.machine.processor), \(report.machine.cores) cores, Linux \
            \(report.machine.kernel), load \(report.machine.loadBefore) before and \
            \(report.machine.loadAfter) after
            """
    }

    // MARK: Tables

    private var times: [String] {
        let latencies = report.latencies
        let rows: [(String, Percentiles)] = [
            ("press → ring", latencies.pressToRing),
            ("answer → first picture", latencies.answerToFirstPicture),
            ("unlock → panel's door", latencies.unlockToDoor),
            ("unlock → result", latencies.unlockToResult),
            ("audio frame", latencies.audio),
            ("video frame", latencies.video),
            ("generator's own lateness", latencies.generatorLateness),
        ]
        let head = ["count", "p50", "p90", "p99", "p99.9", "max"]
        return [line("", head)]
            + rows.map { name, times in
                let values = [times.p50, times.p90, times.p99, times.p999, times.max]
                let words = values.map { times.count == 0 ? "–" : Words.time($0) }
                return line(name, [Words.count(times.count)] + words)
            }
    }

    private var frames: [String] {
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
            longest turn of the server \(Words.time(report.longestServerTurn))
            """
        )
        if let calls = report.callsInHistory { lines.append("\(calls) calls in the history") }
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

    private var verdict: [String] {
        switch report.verdict {
        case .refused(let reason): ["REFUSED: the generator was the bottleneck: \(reason)"]
        case .failed(let reasons): reasons.map { "FAILED: \($0)" }
        case .passed(let dropped):
            [
                dropped == 0
                    ? "every frame was delivered"
                    : "every frame is accounted for; the server dropped \(Words.count(dropped))"
            ]
        }
    }

    private var numbers: [String] {
        var lines: [String] = []
        if let window = report.window, let cost = window.microsecondsPerFrame,
            let user = window.serverUser, let system = window.serverSystem,
            let cores = window.serverCores
        {
            let share = Words.fixed(cores * 100, 1)
            let userShare = Words.fixed(user / window.seconds * 100, 1)
            let systemShare = Words.fixed(system / window.seconds * 100, 1)
            lines.append("server: \(share) % of a core (user \(userShare), system \(systemShare))")
            lines.append("server CPU: \(Words.fixed(cost, 1)) µs per relayed frame")
        } else {
            lines.append("server CPU: not known, name its process with --pid")
        }
        lines.append("ring p99: \(Words.time(report.latencies.pressToRing.p99))")
        return lines
    }
}
