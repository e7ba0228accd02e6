// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore
package import VestibuleStorage
package import VestibuleWire

/// Written before told: whatever is told is in the record, or was handed over and waited for as
/// long as the server waits.
package final class RecordChecker: Checker {
    /// Facts told without their record.
    package private(set) var unrecorded = 0

    private struct Fact {
        let call: CallID
        let event: CallEvent
    }

    private var open: [Fact] = []

    package init() {}

    package func told(_ message: ServerMessage, on link: Link, in world: World) {
        link.forEachCall(in: message) { said in
            guard !said.isReplay else { return }
            judge(said, link, world)
        }
        switch message {
        case .ok(_, let answer):
            if let call = answer.call {
                need(call, "its start", link, world) {
                    if case .started = $0 { true } else { false }
                }
            }
            if let command = answer.command, let outcome = answer.outcome {
                result(command, outcome, link, world)
            }
        case .refused(_, let refusal):
            if refusal.code == .unreachable, let call = refusal.call {
                need(call, "its end", link, world) { if case .ended = $0 { true } else { false } }
            }
        case .event(let number, let event) where !link.isReplay(number):
            happened(event, link, world)
        case .event, .welcome: break
        }
    }

    private func judge(_ said: CallSaid, _ link: Link, _ world: World) {
        switch said.state {
        case .ringing:
            need(said.call, "its start", link, world) {
                if case .started = $0 { true } else { false }
            }
        case .active:
            need(said.call, "who answered", link, world) { event in
                guard case .answered(let party) = event else { return false }
                return party.device == said.answeredBy?.device
            }
        case .ended:
            need(said.call, "its end", link, world) { event in
                guard case .ended(let outcome) = event else { return false }
                return outcome.rawValue == said.outcome(in: world.witness.record)?.rawValue
            }
        case .unknown, nil: break
        }
    }

    private func happened(_ event: ServerEvent, _ link: Link, _ world: World) {
        switch event {
        case .callPeer(let call, let present, _):
            // After a restart everybody is away until they come back: the restart says it.
            if let first = world.witness.record.calls[call]?.entries.first,
                first.at < world.bootedAt
            {
                return
            }
            need(call, "who is lost", link, world) { event in
                switch event {
                case .lost: !present
                case .returned: present
                default: false
                }
            }
        case .doorOpened(let opened): result(opened.command, opened.outcome, link, world)
        default: break
        }
    }

    /// A door's end is told when it is in the record; that nothing is known is told at once.
    private func result(
        _ command: CommandID,
        _ outcome: DoorOutcome,
        _ link: Link,
        _ world: World
    ) {
        guard outcome != .unknown else { return }
        guard let attempt = world.witness.record.attempts[command] else {
            return world.breach("\(link.peer.name) is told of a command without its audit")
        }
        let results = attempt.results.filter { $0.record.outcome.rawValue == outcome.rawValue }
        guard let first = results.first else {
            return world.breach("\(link.peer.name) is told \(outcome), which the audit never got")
        }
        if results.contains(where: { $0.stage == .written }) { return }
        unrecorded += 1
        if results.contains(where: { $0.stage == .lost }) { return }
        let age = world.now - first.at
        if age < world.options.limits.ledger.patience {
            world.breach("\(link.peer.name) is told \(outcome) \(age) after it was handed over")
        }
    }

    private func need(
        _ call: CallID,
        _ what: String,
        _ link: Link,
        _ world: World,
        _ matches: (CallEvent) -> Bool
    ) {
        let entries = (world.witness.record.calls[call]?.entries ?? []).filter { matches($0.event) }
        guard let newest = entries.last else {
            return world.breach(
                "\(link.peer.name) is told of a call without \(what) in the record",
                call: call
            )
        }
        // What is told may be an older one of its kind: who was lost and is lost again, say.
        if entries.contains(where: { $0.stage == .written }) { return }
        unrecorded += 1
        if entries.contains(where: { $0.stage == .lost || $0.wasLost }) { return }
        let age = world.now - (entries.first ?? newest).at
        guard age >= world.options.limits.ledger.patience else {
            return world.breach(
                "\(link.peer.name) is told \(what) \(age) after it was handed over, unwritten",
                call: call
            )
        }
        open.append(Fact(call: call, event: newest.event))
    }

    /// The notices for the end of quiet hours are written with the end that they tell of.
    package func appended(_ group: LedgerGroup, in world: World) {
        for case .call(let id, _, _, let logged) in group.entries
        where logged.event == .ended(.missed) {
            guard let plan = world.witness.record.calls[id]?.plan, plan.groups.isEmpty else {
                continue
            }
            let asleep = plan.skipped.filter { $0.reason == .quietHours }.map(\.resident)
            let noticed = group.entries.compactMap { entry in
                if case .outbox(let entry) = entry { DeferredNotice(entry)?.resident } else { nil }
            }
            if Set(asleep) != Set(noticed) {
                world.breach("a call missed for quiet hours without its notices", call: id)
            }
        }
    }

    package func crashed(in world: World) {
        let record = world.witness.record
        for fact in open {
            let call = record.calls[fact.call]
            if call?.entries.contains(where: { $0.event == fact.event }) != true {
                record.forgive(fact.call)
            }
        }
        open = []
    }
}
