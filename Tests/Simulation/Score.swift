// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore
import VestibuleNotifier
import VestibuleStorage
import VestibuleSwitchboard
import VestibuleTestKit
import VestibuleWire

/// What a run saw, of all its worlds.
final class Score {
    private(set) var worlds = 0
    private(set) var calls = 0
    private(set) var steps = 0
    private(set) var restarts = 0
    private(set) var unlocks = 0
    private(set) var acted = 0
    private(set) var faults: [Fault: Int] = [:]
    private(set) var outcomes: [CallOutcome: Int] = [:]
    private(set) var toldUnrecorded = 0
    private(set) var forgiven = 0
    private(set) var lostGroups = 0
    private(set) var keyRepeats = 0
    private(set) var framesSent = 0
    private(set) var framesReceived = 0
    private(set) var framesAcross = 0
    private(set) var callsInBytes = 0
    private(set) var refusals: [String: Int] = [:]
    private(set) var closes: [Int: Int] = [:]
    private(set) var resumed = 0
    private(set) var replaced = 0

    func count(_ fault: Fault) { faults[fault, default: 0] += 1 }
    func countRestart() { restarts += 1 }
    func countUnlock() { unlocks += 1 }
    func countActed() { acted += 1 }
    func count(_ outcome: CallOutcome) { outcomes[outcome, default: 0] += 1 }
    func countStart(inBytes: Bool) {
        calls += 1
        if inBytes { callsInBytes += 1 }
    }

    func take(
        _ world: World,
        record: RecordChecker,
        keys: KeyChecker,
        media: MediaChecker
    ) {
        worlds += 1
        steps += world.steps
        toldUnrecorded += record.unrecorded
        forgiven += world.witness.record.forgiven
        lostGroups += world.witness.record.lostGroups
        keyRepeats += keys.repeats
        framesSent += media.sent
        framesReceived += media.received
        framesAcross += media.across
        for board in world.boards { world.counters.add(board.counters) }
        refusals.merge(world.counters.refusals, uniquingKeysWith: +)
        closes.merge(world.counters.closes, uniquingKeysWith: +)
        resumed += world.counters.resumed
        replaced += world.counters.replaced
    }

    /// What a long run must have seen, and this one has not.
    var missing: [String] {
        Fault.allCases.filter { faults[$0] == nil }.map(\.rawValue)
            + CallOutcome.allCases.filter { outcomes[$0] == nil }.map(\.rawValue)
            + (unlocks == 0 ? ["unlocks"] : []) + (restarts == 0 ? ["restarts"] : [])
            + (keyRepeats == 0 ? ["answers given again"] : [])
            + (framesAcross == 0 ? ["frames between boards"] : [])
            + (callsInBytes == 0 ? ["calls in bytes"] : [])
    }

    func print(seed: UInt64, seconds: Double) {
        func list<Key>(_ counts: [Key: Int], _ name: (Key) -> String) -> String {
            counts.map { (name($0.key), $0.value) }.sorted { $0.0 < $1.0 }
                .map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        }
        Swift.print(
            """
            seed \(seed): \(calls) calls in \(worlds) worlds, \(steps) steps, \(seconds) s of CPU
            outcomes: \(list(outcomes, \.rawValue))
            faults: \(list(faults, \.rawValue))
            restarts \(restarts), unlocks \(unlocks), doors opened \(acted), told unrecorded \
            \(toldUnrecorded), of those lost in a crash \(forgiven), groups lost \(lostGroups)
            answers given again \(keyRepeats), resumed \(resumed), replaced \(replaced), \
            calls in bytes \(callsInBytes)
            frames sent \(framesSent), received \(framesReceived), between boards \(framesAcross)
            refusals: \(list(refusals, \.self))
            closes: \(list(closes) { "\($0)" })
            """
        )
    }
}

/// Counts for the score what checkers need not know.
final class Tally: Checker {
    private let score: Score
    init(_ score: Score) { self.score = score }

    func asked(_ message: ClientMessage, on link: Link, in world: World) {
        switch message.request {
        case .callUnlock, .doorUnlock: score.countUnlock()
        default: break
        }
    }

    func acted(_ panel: PanelPeer, command: CommandID, door: DoorID, in world: World) {
        score.countActed()
    }

    func appended(_ group: LedgerGroup, in world: World) {
        for case .call(_, _, _, let logged) in group.entries {
            switch logged.event {
            case .started(let plan):
                let panel = world.panels.first { $0.id == plan.panel }
                score.countStart(inBytes: panel?.link?.isInBytes ?? false)
            case .ended(let outcome): score.count(outcome)
            default: break
            }
        }
    }

    func reported(_ report: PushReport, in world: World) {
        switch report.verdict {
        case .failed(PushReason.overtaken): score.count(.pushOvertaken)
        case .failed(PushReason.inboxFull): score.count(.pushRefused)
        default: break
        }
    }

    func crashed(in world: World) { score.countRestart() }
}
