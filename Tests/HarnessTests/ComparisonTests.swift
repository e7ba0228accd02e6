// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleHarness

@Suite struct ComparisonTests {
    private static let ours = Contestant(.vestibule)
    private static let beast = Contestant(.beast)

    private func trial(
        _ contestant: Contestant,
        _ round: Int,
        cpu: Double,
        refusal: String? = nil,
        failure: String? = nil
    ) -> Trial {
        var trial = Trial(contestant, round: round, cpu: cpu, p50: 100, p99: 2 * cpu)
        trial.refusals = refusal.map { [$0] } ?? []
        trial.failures = failure.map { [$0] } ?? []
        return trial
    }

    /// Three rounds on a machine that becomes slower and slower.
    private var drifting: [Trial] {
        [
            trial(Self.ours, 1, cpu: 9), trial(Self.beast, 1, cpu: 10),
            trial(Self.ours, 2, cpu: 20), trial(Self.beast, 2, cpu: 20),
            trial(Self.ours, 3, cpu: 32), trial(Self.beast, 3, cpu: 40),
        ]
    }

    @Test func `a spread is the least, the middle and the most`() {
        #expect(Spread([]) == nil)
        let odd = Spread([3, 1, 2])
        #expect(odd.map { [$0.least, $0.middle, $0.most] } == [1, 2, 3])
        let even = Spread([4, 1, 2, 8])
        #expect(even.map { [$0.least, $0.middle, $0.most] } == [1, 3, 8])
        let one = Spread([5])
        #expect(one.map { [$0.least, $0.middle, $0.most] } == [5, 5, 5])
    }

    @Test func `only turns of one round are held against each other`() {
        let ratio = Comparison(drifting).ratio(of: Self.ours, to: Self.beast, \.cpu)
        #expect(ratio.map { [$0.least, $0.middle, $0.most] } == [0.8, 0.9, 1])
    }

    /// A turn with these times of sound.
    private func turn(_ contestant: Contestant, _ round: Int, _ p50: Double) -> Trial {
        Trial(contestant, round: round, cpu: 1, p50: p50, p99: 2 * p50)
    }

    @Test func `what a relay adds is its time less that without one, of the same round`() {
        let comparison = Comparison([
            turn(.direct, 1, 50), turn(Self.ours, 1, 150), turn(Self.beast, 1, 100),
            turn(.direct, 2, 100), turn(Self.ours, 2, 160), turn(Self.beast, 2, 180),
            // Nobody was asked in this round how long it takes without.
            turn(Self.ours, 3, 900), turn(Self.beast, 3, 100),
        ])
        let added = comparison.added(by: Self.ours, \.p50)
        #expect(added.map { [$0.least, $0.most] } == [60, 100])
        let ratio = comparison.addedRatio(of: Self.ours, to: Self.beast, \.p50)
        #expect(ratio.map { [$0.least, $0.most] } == [0.75, 2])
        #expect(comparison.addedRatio(of: Self.ours, to: Self.beast, \.p99)?.count == 2)
        let goal = Goal("", .addedRatio(Self.ours, to: Self.beast), .p50, 1.3)
        #expect(goal.outcome(in: Comparison(drifting)) == .notMeasured)
    }

    @Test func `a relay that adds nothing has no ratio to it`() {
        let comparison = Comparison([
            turn(.direct, 1, 50), turn(Self.ours, 1, 60), turn(Self.beast, 1, 50),
        ])
        #expect(comparison.addedRatio(of: Self.ours, to: Self.beast, \.p50) == nil)
    }

    @Test func `a turn that was refused or failed has no figures, and its round no ratio`() {
        var trials = drifting
        trials[1] = trial(Self.beast, 1, cpu: 10, refusal: "busy")
        trials[4] = trial(Self.ours, 3, cpu: 32, failure: "lost")
        let comparison = Comparison(trials)
        let ratio = comparison.ratio(of: Self.ours, to: Self.beast, \.cpu)
        #expect(ratio.map { [$0.least, $0.most] } == [1, 1])
        #expect(comparison.spread(of: Self.beast, \.cpu)?.least == 20)
    }

    @Test func `what was lost weighs more than what was refused`() {
        #expect(Comparison(drifting).status == 0)
        let refused = drifting + [trial(Self.ours, 4, cpu: 1, refusal: "busy")]
        #expect(Comparison(refused).status == 2)
        let failed = refused + [trial(Self.ours, 5, cpu: 1, failure: "lost")]
        #expect(Comparison(failed).status == 1)
    }

    @Test(arguments: [(0.95, true), (0.9, true), (0.899, false)])
    func `a goal is reached where the middle of the rounds is within it`(
        _ bound: Double,
        _ isReached: Bool
    ) throws {
        let goal = Goal("", .ratio(Self.ours, to: Self.beast), .cpu, bound)
        let spread = try #require(
            Comparison(drifting).ratio(of: Self.ours, to: Self.beast, \.cpu)
        )
        let outcome = goal.outcome(in: Comparison(drifting))
        #expect(outcome == (isReached ? .reached(spread) : .missed(spread)))
    }

    @Test func `a goal about somebody who was not there is not measured`() {
        let goal = Goal("", .ratio(Self.ours, to: Contestant(.epoll)), .cpu, 1)
        #expect(goal.outcome(in: Comparison(drifting)) == .notMeasured)
    }

    @Test func `a goal about a time is held against the contestant's own`() {
        let goal = Goal("", .time(Self.beast), .p99, 40)
        let outcome = goal.outcome(in: Comparison(drifting))
        #expect(Spread([20, 40, 80]).map(Goal.Outcome.reached) == outcome)
    }

    @Test func `everybody has their turn, and who ends no TLS none over wss`() {
        #expect(
            ComparisonOrder().contestants.map(\.name) == [
                "direct ws", "vestibule ws", "paced ws", "epoll ws", "haproxy ws", "beast ws",
                "vestibule wss", "beast wss",
            ]
        )
    }

    @Test func `a comparison can be with some, and one way`() {
        var order = ComparisonOrder()
        order.peers = [.beast]
        order.hasSecure = false
        #expect(
            order.contestants.map(\.name) == ["direct ws", "vestibule ws", "paced ws", "beast ws"]
        )
        order.hasSecure = true
        order.hasPlain = false
        #expect(order.contestants.map(\.name) == ["direct ws", "vestibule wss", "beast wss"])
    }

    @Test func `in a flood nobody is paced, and no forwarder takes part`() {
        var order = ComparisonOrder()
        order.flood = 16
        order.hasSecure = false
        #expect(order.contestants.map(\.name) == ["vestibule ws", "epoll ws", "beast ws"])
    }

    @Test func `who ends no TLS is compared with over ws, and ours is not alone over wss`() {
        var order = ComparisonOrder()
        order.peers = [.epoll]
        #expect(
            order.contestants.map(\.name) == ["direct ws", "vestibule ws", "paced ws", "epoll ws"]
        )
    }

    @Test func `a comparison with nobody is refused, and one with a program that is not there`() {
        var order = ComparisonOrder()
        order.programs = [.beast: "/nowhere/beast", .epoll: "/bin/sh", .haproxy: "/bin/sh"]
        #expect(
            order.complaint
                == "no program of beast at /nowhere/beast: LoadTests/compare sees to it"
        )
        order.peers = [.epoll, .haproxy]
        #expect(order.complaint == nil)
        order.hasPlain = false
        #expect(
            order.complaint == "nobody to compare with: that is nothing for epoll or haproxy"
        )
        order.hasPlain = true
        order.peers = [.haproxy]
        order.flood = 16
        #expect(order.complaint == "nobody to compare with: that is nothing for haproxy")
    }

    @Test func `the report says what was reached, what was not, and what was not measured`() {
        let trials =
            drifting + [
                trial(Contestant(.paced), 1, cpu: 9), trial(Self.ours, 4, cpu: 1, refusal: "busy"),
            ]
        let report = ComparisonReport(ComparisonOrder(), Comparison(trials))
        let lines = report.text.split(separator: "\n").map(String.init)
        func has(_ line: String) -> Bool { lines.contains(line) }
        #expect(has("reached      CPU a frame, ws, to Beast's: 0.90 (0.80 … 1.00), at most 0.95"))
        #expect(
            has("not reached  CPU a frame, paced, to unpaced: 1.00 (one turn), at most 0.80")
        )
        #expect(has("reached      p99, paced: 18 µs (one turn), at most 3.00 ms"))
        #expect(has("not measured CPU a frame, wss, to Beast's, at most 1.05"))
        #expect(has("REFUSED (vestibule ws, round 4), its figures do not count: busy"))
    }
}
