// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleCallCore

/// The way out of the record, and the directory.
///
/// Reads run on the store's own reader thread and never delay the ledger.
package protocol Store: Sendable {
    /// Everything of the directory, of one moment.
    func directory() async throws(StoreError) -> DirectoryRows

    /// Grows with each commit to the directory, by whatever process.
    func directoryVersion() async throws(StoreError) -> Int64

    /// Adds or replaces rows in one transaction and raises the version.
    func save(_ rows: DirectoryRows) async throws(StoreError)

    /// Adds a credential; with `replacing`, the principal's other credentials die with it.
    func issue(_ credential: CredentialRow, replacing: Bool) async throws(StoreError)

    /// Removes all credentials of a principal; answers how many there were.
    func revoke(_ principal: Principal) async throws(StoreError) -> Int

    /// What a starting server takes up again.
    func restore(_ since: RestoreSpan) async throws(StoreError) -> Restored

    /// Calls, newest first.
    func calls(_ query: CallQuery) async throws(StoreError) -> [CallRecord]

    /// The log of one call, oldest first; empty where there is none.
    func log(of call: CallID) async throws(StoreError) -> [LoggedCallEvent]

    /// The door attempts of one call, or all of a property, newest first.
    func doorAttempts(_ query: DoorQuery) async throws(StoreError) -> [DoorAttemptRecord]

    /// What notifiers said about one call, oldest first.
    func pushes(of call: CallID) async throws(StoreError) -> [PushRecord]

    /// Removes what is needed no longer, the oldest first: at most `ledger.pruneBatch` rows of each
    /// kind in one transaction, between two of the ledger's.
    ///
    /// Answers how many went; 0 when nothing is left to remove.
    func prune(_ span: PruneSpan) async throws(StoreError) -> Int

    /// Ends the reader and the writer after what waits is written, or after `deadline`.
    func close() async
}

/// How far back a starting server looks.
package struct RestoreSpan: Sendable {
    /// Calls that ended after this are tombstones; live ones are always restored.
    package let tombstonesSince: Timestamp

    /// Keys and door commands after this.
    package let keysSince: Timestamp

    /// So many of the newest keys besides, whatever their time says: the civil clock may have been
    /// set, and a key must not open a door twice for that.
    package let keysLeast: Int

    package init(tombstonesSince: Timestamp, keysSince: Timestamp, keysLeast: Int = 0) {
        self.tombstonesSince = tombstonesSince
        self.keysSince = keysSince
        self.keysLeast = keysLeast
    }

    /// What these limits need of the time before `time`.
    package init(_ limits: Limits, at time: Timestamp) {
        self.init(
            tombstonesSince: time + (.zero - limits.session.tombstone),
            keysSince: time + (.zero - max(limits.door.key, limits.door.lateResult)),
            keysLeast: limits.door.keysKept
        )
    }
}

/// What is old enough to go: all that is before these instants.
package struct PruneSpan: Sendable {
    /// First uses of keys.
    package let keys: Timestamp

    /// When what is in the outbox was sent; what was not stays.
    package let sent: Timestamp

    /// What notifiers said.
    package let pushes: Timestamp

    /// So many of the newest keys stay, whatever their time says.
    package let keysLeast: Int

    package init(keys: Timestamp, sent: Timestamp, pushes: Timestamp, keysLeast: Int = 0) {
        self.keys = keys
        self.sent = sent
        self.pushes = pushes
        self.keysLeast = keysLeast
    }

    /// What no rule of these limits needs any more at `time`.
    package init(_ limits: Limits, at time: Timestamp) {
        keys = time + (.zero - max(limits.door.key, limits.door.lateResult))
        sent = time + (.zero - limits.ledger.sent)
        pushes = time + (.zero - limits.push.records)
        keysLeast = limits.door.keysKept
    }
}

/// What a starting server takes up again.
package struct Restored: Sendable, Equatable {
    package var calls: [CallID: [LoggedCallEvent]] = [:]
    package var keys: [KeyRecord] = []
    package var doors: [DoorAttemptRecord] = []

    /// Notices that were not sent.
    package var notices: [DeferredNotice] = []

    /// What else waits in the outbox.
    package var outbox: [OutboxEntry] = []

    /// What is there and cannot be read; the server does without it and says so.
    package var unreadable: [Unreadable] = []

    package init() {}

    /// Sorts what waits in the outbox.
    package mutating func add(_ waiting: [OutboxEntry]) {
        for entry in waiting {
            if let notice = DeferredNotice(entry) {
                notices.append(notice)
            } else {
                outbox.append(entry)
            }
        }
    }
}

/// Something of the store that cannot be read, and why; of a call, all of it.
package struct Unreadable: Sendable, Equatable {
    /// Such as `call call_01j…`, for a line in the log.
    package let what: String
    package let reason: String

    package init(what: String, reason: String) {
        self.what = what
        self.reason = reason
    }
}

/// A door attempt with what became of it, where that is known, and the names of its time.
package struct DoorAttemptRecord: Sendable, Equatable {
    package let attempt: DoorAttempt
    package let doorName: String
    package let byName: String

    /// The newest result: a late one stands before `unknown`.
    package let result: DoorResultRecord?

    package init(
        attempt: DoorAttempt,
        doorName: String = "",
        byName: String = "",
        result: DoorResultRecord?
    ) {
        self.attempt = attempt
        self.doorName = doorName
        self.byName = byName
        self.result = result
    }
}

/// Which calls.
///
/// Nil matches all.
package struct CallQuery: Sendable {
    package var property: PropertyID?
    package var unit: UnitID?
    package var call: CallID?

    /// Only calls started before this one (a page begins after its last).
    package var before: CallID?
    package var limit = 50

    package init() {}
}

/// Which door attempts.
///
/// Nil matches all.
package struct DoorQuery: Sendable {
    package var property: PropertyID?
    package var call: CallID?
    package var limit = 50

    package init() {}
}

/// A call in history: a reading of its log.
package struct CallRecord: Sendable, Equatable {
    /// Something with the name that it had.
    package struct Named<Name: Sendable & Equatable>: Sendable, Equatable {
        package let id: Name
        package let name: String

        package init(id: Name, name: String) {
            self.id = id
            self.name = name
        }
    }

    package struct Unlock: Sendable, Equatable {
        package let door: DoorID
        package let at: Timestamp
        package let outcome: DoorResultRecord.Outcome

        package init(door: DoorID, at: Timestamp, outcome: DoorResultRecord.Outcome) {
            self.door = door
            self.at = at
            self.outcome = outcome
        }
    }

    package let id: CallID
    package let property: PropertyID
    package let panel: Named<PanelID>
    package let unit: Named<UnitID>
    package let startedAt: Timestamp
    package let answeredAt: Timestamp?
    package let endedAt: Timestamp?
    package let outcome: CallOutcome?
    package let answeredBy: Party?

    /// The name they had then.
    package let answeredByName: String?
    package let unlocks: [Unlock]

    package init(
        id: CallID,
        property: PropertyID,
        panel: Named<PanelID>,
        unit: Named<UnitID>,
        startedAt: Timestamp,
        answeredAt: Timestamp?,
        endedAt: Timestamp?,
        outcome: CallOutcome?,
        answeredBy: Party?,
        answeredByName: String?,
        unlocks: [Unlock]
    ) {
        self.id = id
        self.property = property
        self.panel = panel
        self.unit = unit
        self.startedAt = startedAt
        self.answeredAt = answeredAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.answeredBy = answeredBy
        self.answeredByName = answeredByName
        self.unlocks = unlocks
    }
}

/// Why the store could not do it; each names what an operator can do.
package enum StoreError: Error, Sendable, Equatable {
    /// The folder is held by another server.
    case held(folder: String)

    /// There is no store in the folder, and who opens it makes none.
    case missing(folder: String)

    /// Written by a newer version than this one knows.
    case newer(found: Int, known: Int)

    /// Written by an older version, and who opens it does not migrate.
    case older(found: Int, known: Int)
    case notEmpty(folder: String)

    /// The file is no whole database.
    case damaged(detail: String)

    /// One value cannot be read; what lies beside it can.
    case unreadable(detail: String)
    case locked
    case full
    case constraint(detail: String)
    case failed(detail: String)
}
