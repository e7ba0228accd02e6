// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleWire

/// A repeated key gets the same answer, in any session and after a restart.
package final class KeyChecker: Checker {
    private typealias Press = RecordSeen.KeyName

    private enum Given: Equatable {
        case call(CallID, UInt32?)
        case door(CommandID, DoorOutcome?)
        case refused(ErrorCode)
    }

    private var presses: [RequestName: Press] = [:]
    private var given: [Press: Given] = [:]

    /// Answers that were given again.
    package private(set) var repeats = 0

    package init() {}

    package func asked(_ message: ClientMessage, on link: Link, in world: World) {
        let key: String
        switch message.request {
        case .callStart(_, let its): key = its
        case .callUnlock(let unlock): key = unlock.key
        case .doorUnlock(_, let its): key = its
        default: return
        }
        presses[RequestName(link, message.id)] = Press(
            principal: link.peer.principal,
            key: key
        )
    }

    package func told(_ message: ServerMessage, on link: Link, in world: World) {
        let (request, answer): (String, Given)
        switch message {
        case .ok(let re, let ok):
            if let call = ok.call {
                (request, answer) = (re, .call(call, ok.handle))
            } else if let command = ok.command {
                (request, answer) = (re, .door(command, ok.outcome))
            } else {
                return
            }
        case .refused(let re?, let refusal):
            // Whether it may be asked now is not what was asked.
            guard refusal.code != .rateLimited, refusal.code != .busyServer else { return }
            (request, answer) = (re, .refused(refusal.code))
        default: return
        }
        guard let press = presses[RequestName(link, request)] else { return }
        judge(answer, press, link, world)
    }

    private func judge(_ answer: Given, _ press: Press, _ link: Link, _ world: World) {
        defer { given[press] = answer }
        guard let before = given[press] else { return }
        repeats += 1
        if case .door(let command, let old) = before, case .door(command, let new) = answer,
            old == nil || old == .unknown || old == new
        {
            return
        }
        if before != answer {
            world.breach("\(link.peer.name) pressed once and heard \(before), then \(answer)")
        }
    }

    /// A restart remembers what is in the record.
    package func crashed(in world: World) {
        let record = world.witness.record
        for (press, answer) in given {
            switch answer {
            case .call(let call, _):
                let isKept = record.calls[call] != nil && record.callKeys.contains(press)
                if !isKept { given[press] = nil }
            case .door(let command, _):
                given[press] = record.attempts[command] == nil ? nil : .door(command, nil)
            case .refused:
                if !record.refusedKeys.contains(press) { given[press] = nil }
            }
        }
    }
}
