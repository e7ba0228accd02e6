// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleCallCore

/// The way into the record: append only, in order, answered when it is durable.
///
/// What the server tells anybody is told when its entry was answered `written` (the exceptions for
/// a late store are the caller's). Implementations keep the order of `append` calls of each
/// caller, write many groups in one transaction, retry while the store is locked or full, and
/// bound what waits (``LedgerLimits``).
package protocol Ledger: Sendable {
    /// Queues one group, which becomes durable as a whole or not at all. Never blocks; any thread.
    ///
    /// `answer` is called exactly once, on any thread, in the order of the groups of one caller.
    /// What is not taken at all is the exception: `backlogFull`, and `refused` by a closed store,
    /// are answered at once, inside the call, before the answers of groups that still wait.
    func append(_ group: LedgerGroup, answer: @escaping @Sendable (LedgerAnswer) -> Void)
}

/// Entries that belong together.
package struct LedgerGroup: Sendable, Equatable {
    package var entries: [LedgerEntry]

    /// Not written any more after this: an unlock that nobody waits for must not look attempted.
    package var notAfter: Moment?

    package init(_ entries: [LedgerEntry], notAfter: Moment? = nil) {
        self.entries = entries
        self.notAfter = notAfter
    }
}

/// What became of a group.
package enum LedgerAnswer: Sendable, Equatable {
    case written

    /// Its `notAfter` came first; nothing of it is in the store.
    case expired

    /// Too much waits; nothing of it is in the store, and that was counted.
    case backlogFull

    /// The store refused it for good (a constraint, say); nothing of it is in the store.
    case refused(reason: String)
}

/// One fact.
package enum LedgerEntry: Sendable, Equatable {
    /// The entry of a call's log at `index` (from 0, gapless).
    case call(CallID, property: PropertyID, index: Int, LoggedCallEvent)

    /// What a key stands for; written with the fact, unique by (principal, key) for as long as a
    /// key counts (`door.key`): then its next use takes its place.
    case key(KeyRecord)

    /// Somebody is about to open a door. Written before the command leaves.
    case doorAttempt(DoorAttempt)

    /// What became of it; a late result amends `unknown`.
    case doorResult(DoorResultRecord)

    /// What a notifier said, for "why did it not ring?".
    case push(PushRecord)

    /// Something that is to be delivered, at its `due` at the earliest.
    case outbox(OutboxEntry)

    /// What waited in the outbox was handed on; once more is harmless.
    case sent(EventID)

    /// A notice that is due later, as an entry of the outbox.
    package static func notice(_ notice: DeferredNotice) -> LedgerEntry {
        .outbox(OutboxEntry(notice))
    }
}

/// Something that is to be delivered, written in the transaction of the fact it tells of.
package struct OutboxEntry: Sendable, Equatable {
    package enum Payload: Sendable, Equatable {
        /// A missed-call notice for the end of somebody's quiet hours.
        case missed(CallID, ResidentID)

        /// Of a sender's own: the word of its kind, and JSON that it reads itself.
        case other(kind: String, json: String)
    }

    package let id: EventID

    /// Nil for what concerns no property, or several.
    package let property: PropertyID?
    package let payload: Payload
    package let due: Timestamp

    package init(id: EventID, property: PropertyID?, payload: Payload, due: Timestamp) {
        self.id = id
        self.property = property
        self.payload = payload
        self.due = due
    }

    package init(_ notice: DeferredNotice) {
        self.init(
            id: notice.id,
            property: notice.property,
            payload: .missed(notice.call, notice.resident),
            due: notice.due
        )
    }
}

/// What the first use of a key led to; a repeat gets the same answer.
package struct KeyRecord: Sendable, Equatable {
    package enum Fact: Sendable, Equatable {
        /// `ringTimeout` in milliseconds; `unreachable` where the press was refused so.
        case call(CallID, handle: UInt32, ringTimeout: Int64, unreachable: Bool)
        case command(CommandID)

        /// Nothing came of it; the code that the client was told.
        case refused(code: String)
    }

    package let principal: Principal
    package let key: String
    package let fact: Fact
    package let at: Timestamp

    package init(principal: Principal, key: String, fact: Fact, at: Timestamp) {
        self.principal = principal
        self.key = key
        self.fact = fact
        self.at = at
    }
}

/// The way somebody came to a door; rest.md's words.
package enum DoorWay: String, Sendable, Codable {
    case app
    case call
    case pin
    case qr
    case guestPage
    case partner
}

/// An attempt to open a door, as the audit has it.
package struct DoorAttempt: Sendable, Equatable {
    package let command: CommandID
    package let property: PropertyID
    package let panel: PanelID
    package let door: DoorID
    package let by: Party
    package let way: DoorWay
    package let call: CallID?
    package let at: Timestamp

    /// The last instant at which the panel may act.
    package let deadline: Timestamp

    package init(
        command: CommandID,
        property: PropertyID,
        panel: PanelID,
        door: DoorID,
        by: Party,
        way: DoorWay,
        call: CallID?,
        at: Timestamp,
        deadline: Timestamp
    ) {
        self.command = command
        self.property = property
        self.panel = panel
        self.door = door
        self.by = by
        self.way = way
        self.call = call
        self.at = at
        self.deadline = deadline
    }
}

/// What became of a door command.
package struct DoorResultRecord: Sendable, Equatable {
    package enum Outcome: String, Sendable, Codable {
        case opened
        case failed
        case unknown

        /// The command never left the server.
        case notSent
    }

    package let command: CommandID
    package let outcome: Outcome

    /// The panel's words; of what was not sent, the code that its press was refused with.
    package let detail: String?
    package let at: Timestamp

    package init(command: CommandID, outcome: Outcome, detail: String?, at: Timestamp) {
        self.command = command
        self.outcome = outcome
        self.detail = detail
        self.at = at
    }
}

/// One attempt of a notifier.
package struct PushRecord: Sendable, Equatable {
    package let push: PushID

    /// Nil for a device of an account that lives in several properties.
    package let property: PropertyID?
    package let call: CallID?
    package let device: DeviceID

    /// The registration it was sent to, where there is one.
    package let registration: RegistrationID?
    package let kind: String
    package let notifier: String

    /// The verdict in a word, such as `accepted`, and the provider's reason.
    package let verdict: String
    package let reason: String?
    package let at: Timestamp

    package init(
        push: PushID,
        property: PropertyID?,
        call: CallID?,
        device: DeviceID,
        registration: RegistrationID? = nil,
        kind: String,
        notifier: String,
        verdict: String,
        reason: String?,
        at: Timestamp
    ) {
        self.push = push
        self.property = property
        self.call = call
        self.device = device
        self.registration = registration
        self.kind = kind
        self.notifier = notifier
        self.verdict = verdict
        self.reason = reason
        self.at = at
    }
}

/// A missed-call notice that waits for the end of somebody's quiet hours.
package struct DeferredNotice: Sendable, Equatable {
    package let id: EventID
    package let property: PropertyID
    package let call: CallID
    package let resident: ResidentID
    package let due: Timestamp

    package init(
        id: EventID,
        property: PropertyID,
        call: CallID,
        resident: ResidentID,
        due: Timestamp
    ) {
        self.id = id
        self.property = property
        self.call = call
        self.resident = resident
        self.due = due
    }

    /// Reads it from the outbox; nil for what is none.
    package init?(_ entry: OutboxEntry) {
        guard case .missed(let call, let resident) = entry.payload,
            let property = entry.property
        else { return nil }
        self.init(
            id: entry.id,
            property: property,
            call: call,
            resident: resident,
            due: entry.due
        )
    }
}
