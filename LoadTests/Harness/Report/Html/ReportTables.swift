// SPDX-License-Identifier: Apache-2.0

/// The tables of a run's page.
struct ReportTables {
    let report: RunReport

    var all: [PageTable] {
        [times, frames, assertions, faults, rest]
    }

    private var times: PageTable {
        PageTable(
            "Times",
            head: ["", "count", "p50", "p90", "p99", "p99.9", "p99.99", "max"],
            rows: ReportText(report: report).distributions.filter { $0.times.count > 0 }.map {
                name,
                times in
                let values = [
                    times.p50, times.p90, times.p99, times.p999, times.p9999, times.max,
                ]
                return [.init(name), .init(Words.count(times.count))]
                    + values.map { .init(Words.time($0)) }
            },
            empty: "nothing was measured"
        )
    }

    private var frames: PageTable {
        let accounts = report.accounts.filter { $0.sent > 0 || $0.arrived > 0 }
        let reasons = Set(accounts.flatMap(\.dropped.keys)).sorted()
        return PageTable(
            "Frames of the whole run",
            head: ["", "sent", "arrived"] + reasons.map { "dropped: \($0)" }
                + ["unaccounted"],
            rows: accounts.map { account in
                let drops = reasons.map { reason in
                    let count = account.dropped[reason] ?? 0
                    let isBad = count > 0 && !report.allowsDrops
                    return PageTable.Cell(Words.count(count), isBad ? .bad : .plain)
                }
                return [
                    .init(account.flow), .init(Words.count(account.sent)),
                    .init(Words.count(account.arrived)),
                ] + drops + [count(account.unaccounted)]
            },
            empty: "no frames in this scenario"
        )
    }

    private func count(_ mishaps: Int) -> PageTable.Cell {
        mishaps == 0 ? .init("0", .good) : .init(Words.count(mishaps), .bad)
    }

    private var assertions: PageTable {
        let figures = report.figures
        return PageTable(
            "Assertions",
            head: ["", "figure", ""],
            rows: report.assertions.map { assertion in
                if report.verdict.isRefused {
                    let value = assertion.value(in: figures) ?? "nothing was measured"
                    return [.init(assertion.description), .init(value), "not judged: refused"]
                }
                let holds = assertion.complaint(about: figures) == nil
                return [
                    .init(assertion.description),
                    .init(assertion.value(in: figures) ?? "nothing was measured"),
                    holds ? .init("held", .good) : .init("not held", .bad),
                ]
            },
            empty: "None were asked for (--assert 'ring.p99<50ms')."
        )
    }

    private var faults: PageTable {
        PageTable(
            "Faults",
            head: ["", "times", "the first"],
            rows: report.faults.map { fault in
                [
                    .init(fault.fault.rawValue), .init(Words.count(fault.count), .bad),
                    .wordy(fault.first),
                ]
            },
            empty: "None: no frame altered, repeated or silently missing, no call ended wrongly."
        )
    }

    private var rest: PageTable {
        var rows: [[PageTable.Cell]] = [
            ["calls made", .init(Words.count(report.callsMade))],
            ["key frames asked for", .init(Words.count(report.keyFrameRequests))],
            ["hints of rate", .init(Words.count(report.rateHints))],
            ["frames that found no room in the generator's sockets", count(report.framesNotSent)],
            [
                "longest turn of the server",
                .init(report.longestServerTurn.map(Words.time) ?? "–"),
            ],
        ]
        if let calls = report.callsInHistory {
            rows.insert(["calls in the history", .init(Words.count(calls))], at: 1)
        }
        return PageTable("Counts", head: ["", ""], rows: rows, empty: "")
    }
}
