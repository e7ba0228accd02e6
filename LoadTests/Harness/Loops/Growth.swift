// SPDX-License-Identifier: Apache-2.0

/// What a relayed frame costs as calls and loops grow: a table.
///
/// Server and generator share the cores in all runs, so that rows compare; where there are fewer
/// cores than loops and generator want, the larger rows show what a full machine does.
struct Growth {
    let order: RunOrder

    private static let loops = [1, 2, 4]
    private static let calls = [10, 25, 50, 100, 200, 400, 1_000]

    /// A generator of one core makes the frames of so many calls and a few more; of larger rows
    /// each party leaves out all but one of some beats, as the table says.
    private static let whole = 400

    private static func thinning(_ calls: Int) -> Int { calls > whole ? 5 : 1 }

    /// A generator that is later than this (p99) no longer makes the load that it says.
    private static let mostLate = 20_000

    func run(
        _ play: (RunOrder) throws(LoadFailure) -> RunReport
    ) throws(LoadFailure) -> RunReport {
        guard order.existing == nil else {
            throw .usage("growth starts servers of its own: not with --url")
        }
        var reports: [RunReport] = []
        for loops in Self.loops {
            for calls in Self.calls where calls <= order.calls ?? .max {
                var part = order
                part.calls = calls
                part.loops = loops
                part.seconds = max(2, order.seconds / 12)
                part.thinning = Self.thinning(calls)
                part.assertions = []
                part.sharesCores = true
                Progress.say("\(calls) calls on \(loops) loop\(loops == 1 ? "" : "s")")
                reports.append(try play(part))
            }
        }
        // The run's own is the last row whose figures mean something.
        let own = reports.lastIndex { !Self.isLate($0) } ?? reports.endIndex - 1
        guard reports.indices.contains(own) else { throw .usage("--calls is at least 10") }
        var report = reports[own]
        report.extra = Self.findings(reports, own: own)
        report.assertions = order.assertions
        return report
    }

    private static func findings(_ reports: [RunReport], own: Int) -> Extra {
        var extra = Extra()
        extra.add(table(reports))
        extra.notes = [
            "! the generator was too late to make the load: the row shows a full machine",
            """
            * each party sends one of \(thinning(.max)) frames, which is what a generator of one core \
            can make of so many calls
            """,
        ]
        for loops in Self.loops {
            let points = reports.filter { $0.order.loops == loops && !isLate($0) }
                .compactMap { report in
                    report.window?.microsecondsPerFrame.map {
                        ExtraSeries.Point(Double(report.order.calls), $0)
                    }
                }
            extra.add(
                ExtraSeries(
                    name: "\(loops) loop\(loops == 1 ? "" : "s")",
                    plot: "CPU per frame",
                    x: "calls",
                    y: "µs",
                    points: points
                )
            )
        }
        for (index, report) in reports.enumerated() where index != own {
            let words = "\(report.order.calls) calls on \(report.order.loops) loops"
            extra.take(report.verdict, of: words, isFigure: !isLate(report))
        }
        return extra
    }

    /// Whether the generator did not make the load: then the row has no figures of the server.
    private static func isLate(_ report: RunReport) -> Bool {
        report.latencies.generatorLateness.p99 > mostLate || report.framesNotSent > 0
    }

    private static func table(_ reports: [RunReport]) -> ExtraTable {
        ExtraTable(
            "Growth",
            head: [
                "loops", "calls", "frames/s", "CPU µs/frame", "audio p99", "generator late p99",
                "across", "dropped",
            ],
            rows: reports.map(row)
        )
    }

    private static func row(_ report: RunReport) -> [String] {
        let window = report.window
        let rate = window.map { Double($0.framesArrived) / $0.seconds } ?? 0
        let across = report.extra?.figures.first { $0.name == "loops.across" }
        return [
            "\(report.order.loops)",
            Words.count(report.order.calls) + (thinning(report.order.calls) > 1 ? " *" : ""),
            Words.count(Int(rate.rounded())),
            window?.microsecondsPerFrame.map { Words.fixed($0, 1) } ?? "–",
            Words.time(report.latencies.audio.p99),
            Words.time(report.latencies.generatorLateness.p99) + (isLate(report) ? " !" : ""),
            across?.value.map { Words.percent($0, 0) } ?? "–",
            Words.count(report.verdict.dropped),
        ]
    }
}
