// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleCallCore
package import VestibuleStorage
package import VestibuleWire

/// What reaches a board from another board, the ledger or the server: all of it values.
package enum Mail: Sendable {
    // Sessions that move.
    /// The principal said `hello` on `board`: give its session there.
    case handOver(Principal, epoch: UInt64, to: BoardIndex)
    case handedOver(Principal, epoch: UInt64, Session?)

    // Between sessions and calls.
    /// A principal has a socket now, or draws its screen: answer with ``entry``.
    case arrived(Arrival)
    case entry(CallID, EntryReply)
    /// A principal's socket is gone.
    case left(Principal, epoch: UInt64, CallID)
    case revoked(Principal, CallID)
    case ask(Ask)
    case tell(Principal, Told)
    case answer(Principal, request: String, Reply)

    // Media.
    case route(RouteOrder)
    case keyFrame(Principal, CallID)
    case frames(FrameBatch)

    // Doors.
    case openDoor(DoorOrder)
    case doorResult(PanelResult)

    // From the ledger and the server.
    case written(CallID, ticket: UInt64, LedgerAnswer)
    case doorWritten(CommandID, LedgerAnswer)
    case resultWritten(CommandID, DoorResultRecord.Outcome, LedgerAnswer)
    case directory(DirectorySnapshot)
    case adopt(Adoption)
    /// The server stops: tell everybody, within this time.
    case restarting
    case closeAll
}

/// Somebody's arrival, as the owner of a call that concerns them learns it.
package struct Arrival: Sendable {
    let principal: Principal
    let epoch: UInt64
    let board: BoardIndex
    let call: CallID

    /// The panel came back without memory of its call.
    let forgot: Bool
    let abilities: MediaAbilities?
}

/// What the owner of a call answers to an arrival: the call as the arriving one sees it.
package struct EntryReply: Sendable {
    let principal: Principal
    let epoch: UInt64
    let entry: CallEntry?
    let version: Int
}

/// An event on its way to a session.
///
/// `version` rises with what a call tells, so that of two events that took different ways the older
/// one is not told after the newer one.
package struct Told: Sendable {
    let event: ServerEvent
    let call: CallID?
    let version: Int

    /// When the button was pressed of which this is the ring; nil where nobody counts it.
    var pressedAt: Moment?
}

/// A request about a call, on its way to the board that owns it.
package struct Ask: Sendable {
    enum Kind: Sendable {
        case ringing
        case answer
        case decline
        case ignore
        case preview
        case hangUp
        case media(MediaActivity)
        case keyFrame
        case unlock(door: DoorID?, key: String, until: Moment)
    }

    let call: CallID
    let principal: Principal
    let request: String
    let kind: Kind
    let abilities: MediaAbilities?

    /// When it came to the server.
    let at: Moment
}

/// The answer to a request.
package enum Reply: Sendable, Equatable {
    case ok(Answer)
    case refused(Refusal)

    static func refused(_ code: ErrorCode, _ detail: String) -> Reply {
        .refused(Refusal(code, detail: detail))
    }
}

/// Calls, keys and commands of the store that this board takes up after a restart.
package struct Adoption: Sendable {
    package let calls: [CallID: [LoggedCallEvent]]
    package let doors: [AdoptedDoor]
    package let notices: [DeferredNotice]

    package init(
        calls: [CallID: [LoggedCallEvent]],
        doors: [AdoptedDoor],
        notices: [DeferredNotice]
    ) {
        self.calls = calls
        self.doors = doors
        self.notices = notices
    }
}

/// A door command of the last day, with the key that led to it.
package struct AdoptedDoor: Sendable {
    package let record: DoorAttemptRecord
    package let key: String?

    package init(record: DoorAttemptRecord, key: String?) {
        self.record = record
        self.key = key
    }
}
