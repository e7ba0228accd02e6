// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// Bugs planted at the seams of a world, to show that the checkers bite.
package struct Plants: Sendable {
    /// The postbox loses some mail.
    package var mailLost = false

    /// A line tells an event twice.
    package var eventTwice = false

    /// An event is told, and never arrives.
    package var eventLost = false

    /// A device is told of another winner than the others.
    package var wrongWinner = false

    /// A repeated press arrives under a key of its own.
    package var keyChanged = false

    /// A panel acts on a command seconds later.
    package var doorLate = false

    /// A panel acts on a command twice.
    package var doorTwice = false

    /// A push order gets lost between the board and the notifiers.
    package var pushDropped = false

    /// A push that ends a ring gets lost at the notifiers' desk.
    package var cancelDropped = false

    /// The notifiers' desk never hears that a ring is over, and tries on.
    package var retryAfterEnd = false

    /// A frame reaches somebody else, too.
    package var frameAstray = false

    package init() {}
}

extension World {
    /// What a planted bug makes of a message to a client.
    func distorted(_ message: ServerMessage) -> ServerMessage {
        guard plants.wrongWinner, case .event(let number, .callState(var state)) = message,
            let winner = state.answeredBy, let other = devices.last?.id, random.once(in: 4)
        else { return message }
        state.answeredBy = AnsweredBy(resident: winner.resident, device: other)
        return .event(seq: number, .callState(state))
    }

    /// What a planted bug makes of a request.
    func distorted(_ message: ClientMessage) -> ClientMessage {
        guard plants.keyChanged, message.id.hasPrefix("again") else { return message }
        let key = FreshKey.draw(using: &random)
        switch message.request {
        case .callUnlock(var unlock):
            unlock.key = key
            return ClientMessage(id: message.id, request: .callUnlock(unlock))
        case .doorUnlock(let door, _):
            return ClientMessage(id: message.id, request: .doorUnlock(door: door, key: key))
        case .callStart(let unit, _):
            return ClientMessage(id: message.id, request: .callStart(unit: unit, key: key))
        default: return message
        }
    }

    /// What a planted bug makes of a door command that a panel was told.
    func misobey(_ message: ServerMessage, on link: Link) {
        guard plants.doorLate || plants.doorTwice,
            case .event(_, .doorOpen(let open)) = message, let panel = link.peer as? PanelPeer
        else { return }
        let delay: Duration = plants.doorLate ? .seconds(6) : .milliseconds(700)
        after(delay) { [self] in witness.acted(panel, command: open.command, door: open.door) }
    }
}
