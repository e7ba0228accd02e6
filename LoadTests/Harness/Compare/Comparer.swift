// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Lets the contestants take turns, A B A B, each with a process and sockets of its own.
package struct Comparer {
    private let order: ComparisonOrder

    /// Nothing there varies but the machine.
    private static let directSeconds = 5

    package init(_ order: ComparisonOrder) { self.order = order }

    package func run() throws(LoadFailure) -> ComparisonReport {
        var machine = Machine()
        var trials: [Trial] = []
        for round in 1...order.rounds {
            for contestant in order.contestants {
                trials.append(try turn(of: contestant, in: round))
            }
        }
        machine.loadAfter = Machine.load
        return ComparisonReport(order, machine: machine, Comparison(trials))
    }

    /// A turn that was refused is had again, once.
    private func turn(of contestant: Contestant, in round: Int) throws(LoadFailure) -> Trial {
        let first = try trial(of: contestant, in: round)
        guard !first.refusals.isEmpty, first.failures.isEmpty else { return first }
        Progress.say("again, because that was refused")
        return try trial(of: contestant, in: round)
    }

    private func trial(of contestant: Contestant, in round: Int) throws(LoadFailure) -> Trial {
        Progress.say("round \(round) of \(order.rounds): \(contestant.name)")
        // The turn ties its generator to a core; the next one chooses again.
        let cores = Cores.allowed()
        defer { Cores.restrict(to: cores) }
        let report = try Runner(try runOrder(for: contestant)).run()
        guard let trial = Trial(contestant, round: round, report) else {
            throw .program("nothing was measured of \(contestant.name)", log: "")
        }
        Progress.say(
            """
            \(contestant.name): \(Words.fixed(trial.cpu, 2)) µs a frame, p50 \
            \(Words.time(Int(trial.p50))), p99 \(Words.time(Int(trial.p99)))
            """
        )
        for reason in trial.failures { Progress.say("FAILED: \(reason)") }
        for reason in trial.refusals { Progress.say("REFUSED: \(reason)") }
        return trial
    }

    private func runOrder(for contestant: Contestant) throws(LoadFailure) -> RunOrder {
        var run = RunOrder()
        run.calls = order.pairs
        run.seconds = order.seconds
        run.grid = order.grid
        run.binary = order.binary
        // As many doors a second as in the canonical minute: a short window would be full of them.
        run.unlocks = min(order.pairs, max(1, order.pairs * order.seconds / 60))
        run.tls = contestant.isSecure
        run.flood = order.flood
        if contestant.program == .direct {
            run.seconds = min(order.seconds, Self.directSeconds)
            run.isDirect = true
            return run
        }
        guard let kind = contestant.program.peer else {
            run.settings = order.settings
            if contestant.program == .paced { run.settings.append("pace=0.001") }
            if order.flood != nil { run.settings += ComparisonOrder.floodLimits }
            return run
        }
        guard let path = order.programs[kind] else {
            throw .usage("no program of \(kind.rawValue) was named")
        }
        run.peer = Peer(kind, at: path)
        return run
    }
}
