// SPDX-License-Identifier: Apache-2.0

/// The same calls on one loop and on two, in turn: what it costs that both ends of a call are on
/// different loops.
///
/// Server and generator share the cores in all four runs, or those of one loop would be pinned and
/// those of two not.
struct TwoLoops {
    let order: RunOrder

    /// A quarter of work A.
    private static let calls = 50

    /// Runs one after the other; `play` makes one.
    func run(
        _ play: (RunOrder) throws(LoadFailure) -> RunReport
    ) throws(LoadFailure) -> RunReport {
        guard order.existing == nil else {
            throw .usage("two-loops starts servers of its own: not with --url")
        }
        var reports: [RunReport] = []
        for loops in [1, 2, 1, 2] {
            var part = order
            part.calls = order.calls ?? Self.calls
            part.seconds = max(1, order.seconds / 4)
            part.loops = loops
            part.assertions = []
            part.sharesCores = true
            Progress.say("\(loops) loop\(loops == 1 ? "" : "s"), \(part.seconds) s")
            reports.append(try play(part))
        }
        guard var report = reports.last else { preconditionFailure("Four runs make four reports") }
        report.extra = findings(reports)
        // A part whose generator was out of room refuses the whole.
        report.framesNotSent = reports.reduce(0) { $0 + $1.framesNotSent }
        report.assertions = order.assertions
        return report
    }

    private func findings(_ reports: [RunReport]) -> Extra {
        func costs(_ loops: Int) -> [Double] {
            reports.filter { $0.order.loops == loops }
                .compactMap { $0.window?.microsecondsPerFrame }
        }
        var extra = Extra()
        extra.add(
            "loops.ratio",
            "CPU per frame on two loops, to one",
            Judgement.ratio(Judgement.mean(costs(2)), to: costs(1)),
            .ratio,
            atMost: Judgement.loopsRatio
        )
        let across = reports.filter { $0.order.loops == 2 }.map { report in
            report.extra?.figures.first { $0.name == "loops.across" }?.value
        }
        extra.add(
            "loops.across",
            "frames whose receiver is on another loop, of two",
            Judgement.least(across),
            .share,
            atLeast: Judgement.loopsAcross
        )
        let last = reports.last?.extra?.figures ?? []
        for figure in last where figure.name != "loops.across" {
            extra.add(figure.name, figure.words, figure.value, figure.measure)
        }
        extra.add(Self.table(reports))
        for (number, report) in reports.enumerated().dropLast() {
            extra.take(report.verdict, of: "run \(number + 1)")
        }
        extra.notes = [
            """
            generator and loops share \(reports.last?.machine.cores ?? 0) cores, so its lateness is \
            stated and refuses nothing; processor time does not count what a thread waits
            """
        ]
        return extra
    }

    private static func table(_ reports: [RunReport]) -> ExtraTable {
        ExtraTable(
            "Runs",
            head: ["", "loops", "CPU a frame", "audio p99", "generator late p99"],
            rows: reports.enumerated().map { number, report in
                [
                    "run \(number + 1)", "\(report.order.loops)",
                    report.window?.microsecondsPerFrame.map { Words.fixed($0, 1) + " µs" } ?? "–",
                    Words.time(report.latencies.audio.p99),
                    Words.time(report.latencies.generatorLateness.p99),
                ]
            }
        )
    }
}
