// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
package import VestibuleWire

/// One winner, one end, and everybody is told of the same; history has what was told.
package final class OutcomeChecker: Checker {
    private var winners: [CallID: AnsweredBy] = [:]
    private var outcomes: [CallID: Outcome] = [:]
    private var answers: [RequestName: CallID] = [:]

    package init() {}

    package func asked(_ message: ClientMessage, on link: Link, in world: World) {
        if case .callAnswer(let call) = message.request {
            answers[RequestName(link, message.id)] = call
        }
    }

    package func told(_ message: ServerMessage, on link: Link, in world: World) {
        link.forEachCall(in: message) { said in
            if let party = said.answeredBy { won(said.call, party, link, world) }
            if said.state == .active, said.answeredBy == nil {
                world.breach("\(link.peer.name) is not told who answered", call: said.call)
            }
            if said.you == .talking, let party = said.answeredBy,
                link.peer.principal != Principal.device(party.device)
            {
                world.breach("\(link.peer.name) talks in another's call", call: said.call)
            }
            if said.state == .ended {
                guard let outcome = said.outcome(in: world.witness.record) else {
                    return world.breach("an end without its outcome", call: said.call)
                }
                ended(said.call, outcome, link, world)
            }
        }
        switch message {
        case .ok(let re, let answer):
            guard answer.handle != nil, let call = answers[RequestName(link, re)],
                case .device(let device) = link.peer.principal
            else { return }
            guard let winner = world.witness.record.calls[call]?.answeredBy,
                winner.device == device
            else { return world.breach("\(link.peer.name) was told that it won", call: call) }
        case .refused(let re, let refusal):
            guard let party = refusal.answeredBy, let re,
                let call = answers[RequestName(link, re)]
            else { return }
            won(call, party, link, world)
        case .event, .welcome: break
        }
    }

    private func won(_ call: CallID, _ party: AnsweredBy, _ link: Link, _ world: World) {
        if let known = winners[call], known != party {
            return world.breach(
                "\(link.peer.name) is told of another winner than others",
                call: call
            )
        }
        winners[call] = party
    }

    private func ended(_ call: CallID, _ outcome: Outcome, _ link: Link, _ world: World) {
        if let known = outcomes[call], known != outcome {
            return world.breach(
                "\(link.peer.name) is told \(outcome), others \(known)",
                call: call
            )
        }
        outcomes[call] = outcome
    }

    /// What was told without a record, and has none now, may be told otherwise.
    package func crashed(in world: World) {
        let calls = world.witness.record.calls
        winners = winners.filter { calls[$0.key]?.isForgiven == false }
        outcomes = outcomes.filter { calls[$0.key]?.isForgiven == false }
    }

    /// History is what was told.
    package func finish(_ final: Final, in world: World) {
        var seen: Set<CallID> = []
        for call in final.calls {
            guard seen.insert(call.id).inserted else {
                return world.breach("two records of one call", call: call.id)
            }
            guard let known = world.witness.record.calls[call.id], !known.isLost,
                !known.isForgiven
            else { continue }
            if let told = outcomes[call.id], told.rawValue != call.outcome?.rawValue {
                world.breach("history says \(call.outcome as Any), told was \(told)", call: call.id)
            }
            guard let log = final.restored.calls[call.id],
                let replayed = Call(replaying: log, previewLimit: 8, at: world.time)
            else { return world.breach("a record without a log", call: call.id) }
            if replayed.outcome != call.outcome || replayed.answeredBy != call.answeredBy {
                world.breach("the log folds to another end than history's", call: call.id)
            }
            if call.outcome == nil { world.breach("a call that never ended", call: call.id) }
        }
        for call in outcomes.keys where !seen.contains(call) {
            guard world.witness.record.calls[call]?.isLost == false else { continue }
            world.breach("an end was told of a call that is not in history", call: call)
        }
    }
}
