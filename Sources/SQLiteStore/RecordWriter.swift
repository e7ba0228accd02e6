// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage

/// Writes the record's entries inside a transaction that somebody else holds; on the writer's
/// thread.
final class RecordWriter {
    private let connection: Connection
    private let mark: Statement
    private let keep: Statement
    private let undo: Statement
    private let beginCall: Statement
    private let findCall: Statement
    private let updateCall: Statement
    private let addEvent: Statement
    private let addKey: Statement
    private let addAttempt: Statement
    private let addResult: Statement
    private let addPush: Statement
    private let addOutbox: Statement
    private let noteSent: Statement
    private let keyLife: Int64

    /// `keyLife` is how long a key counts; after it the next use takes its place.
    init(_ connection: Connection, keyLife: Duration) throws(StoreError) {
        self.connection = connection
        self.keyLife = keyLife.milliseconds
        mark = try connection.prepare("SAVEPOINT entries")
        keep = try connection.prepare("RELEASE entries")
        undo = try connection.prepare("ROLLBACK TO entries")
        beginCall = try connection.prepare(SQL.beginCall)
        findCall = try connection.prepare(SQL.findCall)
        updateCall = try connection.prepare(SQL.updateCall)
        addEvent = try connection.prepare(SQL.addEvent)
        addKey = try connection.prepare(SQL.addKey)
        addAttempt = try connection.prepare(SQL.addAttempt)
        addResult = try connection.prepare(SQL.addResult)
        addPush = try connection.prepare(SQL.addPush)
        addOutbox = try connection.prepare(SQL.addOutbox)
        noteSent = try connection.prepare(SQL.noteSent)
    }

    /// Writes a group as a whole, or nothing of it where it breaks a rule or needs a row that
    /// cannot be read: then the answer says which, and the transaction goes on.
    ///
    /// Throws what fails the whole transaction; a file that is damaged does.
    func write(_ group: LedgerGroup, at time: Timestamp) throws(StoreError) -> LedgerAnswer {
        try mark.run()
        do throws(StoreError) {
            for entry in group.entries { try write(entry, at: time) }
            try keep.run()
            return .written
        } catch {
            guard let reason = error.reasonOfOneGroup else { throw error }
            try undo.run()
            try keep.run()
            return .refused(reason: reason)
        }
    }

    /// Goes through every statement and coder once, so that the first call does not; leaves
    /// nothing.
    func rehearse(_ groups: [LedgerGroup], at time: Timestamp) throws(StoreError) {
        try mark.run()
        for group in groups { _ = try write(group, at: time) }
        try undo.run()
        try keep.run()
    }

    private func write(_ entry: LedgerEntry, at time: Timestamp) throws(StoreError) {
        switch entry {
        case .call(let call, let property, let index, let event):
            try write(event, at: index, of: call, property)
        case .key(let record):
            try addKey.run(
                record.principal.kind,
                record.principal.id,
                record.key,
                record.fact.coded(),
                record.at,
                keyLife
            )
            guard connection.changes == 1 else {
                throw .constraint(detail: "a key that is there already")
            }
        case .doorAttempt(let attempt):
            try write(attempt)
        case .doorResult(let result):
            try addResult.run(
                result.command,
                result.outcome.rawValue,
                result.detail,
                result.at
            )
            guard connection.changes == 1 else {
                throw .constraint(detail: "a result of a command that nobody gave")
            }
        case .push(let record):
            try addPush.run(
                record.push,
                record.property,
                record.call,
                record.device,
                record.registration,
                record.kind,
                record.notifier,
                record.verdict,
                record.reason,
                record.at
            )
        case .outbox(let entry):
            let payload = try entry.payload.coded()
            try addOutbox.run(entry.id, entry.property, payload.kind, payload.json, entry.due)
        case .sent(let id):
            try noteSent.run(id, time)
        }
    }

    private func write(
        _ event: LoggedCallEvent,
        at index: Int,
        of call: CallID,
        _ property: PropertyID
    ) throws(StoreError) {
        if index > 0 {
            try advance(call, by: event, at: index)
        } else {
            let summary = try CallSummary.begin(call, property, event)
            try beginCall.run(
                call,
                property,
                summary.unit,
                summary.panel,
                summary.startedAt
            )
        }
        try addEvent.run(
            call,
            index,
            property,
            LoggedCallEvent.format,
            event.at,
            CallEventCoding.text(of: event.event)
        )
    }

    private func advance(
        _ call: CallID,
        by event: LoggedCallEvent,
        at index: Int
    ) throws(StoreError) {
        guard var summary = try findCall.first(CallSummary.self, call), summary.events == index
        else {
            let found = try findCall.first(CallSummary.self, call)
            throw .gap(at: index, events: found?.events ?? 0)
        }
        summary.apply(event)
        try updateCall.run(
            call,
            summary.events,
            summary.answeredAt,
            summary.answeredBy?.resident,
            summary.answeredBy?.device,
            summary.endedAt,
            summary.outcome?.rawValue
        )
    }

    private func write(_ attempt: DoorAttempt) throws(StoreError) {
        try addAttempt.run(
            attempt.command,
            attempt.property,
            attempt.panel,
            attempt.door,
            "resident",
            attempt.by.resident,
            attempt.by.device,
            attempt.way.rawValue,
            attempt.call,
            attempt.at,
            attempt.deadline
        )
    }
}

extension StoreError {
    /// Why a group alone is refused, where the store itself is well; nil where it is not.
    fileprivate var reasonOfOneGroup: String? {
        switch self {
        case .constraint(let detail), .unreadable(let detail): detail
        case .newer(let found, let known): "an entry of format \(found), known is \(known)"
        case .held, .missing, .older, .notEmpty, .damaged, .locked, .full, .failed: nil
        }
    }
}

/// The statements of the record's writer.
private enum SQL {
    static let beginCall = """
        INSERT INTO calls (
            call, property, unit, panel, started_at, events, unit_label, panel_name
        ) VALUES (
            ?1, ?2, ?3, ?4, ?5, 1,
            coalesce((SELECT label FROM units WHERE id = ?3), ''),
            coalesce((SELECT name FROM panels WHERE id = ?4), ''))
        """
    static let findCall = "SELECT \(CallSummary.columns) FROM calls WHERE call = ?1"
    static let updateCall = """
        UPDATE calls SET events = ?2, answered_at = ?3, answered_by = ?4,
            answered_by_device = ?5, ended_at = ?6, outcome = ?7,
            answered_by_name = CASE WHEN ?4 IS NULL THEN NULL ELSE coalesce(
                answered_by_name, (SELECT name FROM residents WHERE id = ?4), '') END
        WHERE call = ?1
        """
    static let addEvent = """
        INSERT INTO call_events (call, idx, property, format, at, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """
    static let addKey = """
        INSERT INTO keys (principal_kind, principal, key, fact, at, property)
        VALUES (?1, ?2, ?3, ?4, ?5, \(Principal.property("?1", "?2")))
        ON CONFLICT (principal_kind, principal, scope, key) DO UPDATE SET
            fact = excluded.fact, at = excluded.at, property = excluded.property,
            body_hash = NULL, answer = NULL
        WHERE excluded.at - keys.at >= ?6
        """
    static let addAttempt = """
        INSERT INTO door_attempts (
            command, property, panel, door, by_kind, by_id, device, way, call, at, deadline,
            door_name, by_name
        ) VALUES (
            ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
            coalesce((SELECT name FROM doors WHERE id = ?4), ''),
            coalesce((SELECT name FROM residents WHERE id = ?6), ''))
        """
    static let addResult = """
        INSERT INTO door_results (command, outcome, detail, at, property)
        SELECT command, ?2, ?3, ?4, property FROM door_attempts WHERE command = ?1
        """
    static let addPush = """
        INSERT INTO pushes (
            push, property, call, device, registration, kind, notifier, verdict, reason, at
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """
    static let addOutbox = """
        INSERT INTO outbox (id, property, kind, payload, due) VALUES (?1, ?2, ?3, ?4, ?5)
        """
    static let noteSent = "UPDATE outbox SET sent = ?2 WHERE id = ?1 AND sent IS NULL"
}
