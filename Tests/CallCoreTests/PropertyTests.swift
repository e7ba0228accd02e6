// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

/// Drawn calls: a failure names its seed, which draws the same call again.
@Suite struct PropertyTests {
    private static let callsOfASeed = 25
    private static let steps = 60

    private static func eachCall(
        of seed: UInt64,
        _ look: (DrawnCall, inout SeededGenerator) -> Void
    ) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<callsOfASeed {
            var drawn = DrawnCall(using: &random)
            look(drawn, &random)
            for _ in 0..<steps {
                drawn.step(using: &random)
                look(drawn, &random)
            }
        }
    }

    @Test(arguments: UInt64(0)..<60)
    func `whatever happens, each turn keeps the rules`(_ seed: UInt64) {
        var broken: [String] = []
        var seen = 0
        Self.eachCall(of: seed) { drawn, _ in
            if drawn.turns.count == 1 { seen = 0 }
            for turn in drawn.turns.dropFirst(seen) {
                let rules = Invariants(turn: turn, devices: drawn.parties.map(\.device))
                broken += rules.broken().map { "\($0) in \(drawn.story)" }
            }
            seen = drawn.turns.count
        }
        #expect(broken.first == nil)
    }

    @Test(arguments: UInt64(0)..<60)
    func `whatever happens, there is one winner, one end, one offer to each`(_ seed: UInt64) {
        var broken: [String] = []
        Self.eachCall(of: seed) { drawn, _ in
            guard drawn.turns.count >= Self.steps else { return }
            broken += History(drawn).broken().map { "\($0) in \(drawn.story)" }
        }
        #expect(broken.first == nil)
    }

    @Test(arguments: UInt64(0)..<30)
    func `whatever happens, the call is the fold of its log`(_ seed: UInt64) {
        var broken: [String] = []
        Self.eachCall(of: seed) { drawn, random in
            broken += Fold(drawn).broken(using: &random).map { "\($0) in \(drawn.story)" }
        }
        #expect(broken.first == nil)
    }

    @Test func `chance reaches every outcome and every kind of event`() {
        var outcomes: Set<CallOutcome> = []
        var events: Set<String> = []
        for seed in UInt64(0)..<12 {
            Self.eachCall(of: seed) { drawn, _ in
                if let outcome = drawn.call.outcome { outcomes.insert(outcome) }
                for event in drawn.turns.last?.records ?? [] {
                    events.insert(String("\(event)".prefix { $0 != "(" }))
                }
            }
        }
        #expect(outcomes == Set(CallOutcome.allCases))
        #expect(
            events.map { $0 }.sorted() == [
                "answered", "declined", "deviceRemoved", "ended", "ignored", "lost", "offered",
                "personRemoved", "previewed", "rang", "returned", "started",
            ]
        )
    }
}

extension DrawnCall {
    /// The log and the newest turns, for who reads the failure.
    var story: String {
        let last = turns.suffix(3).map { "\($0.input as Any) → \($0.effects)" }
        return "log \(log.dropFirst().map(\.event)), then \(last), plan \(plan)"
    }
}
