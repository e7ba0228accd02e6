// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore
package import VestibuleStorage

/// Reads the record from one connection; on that connection's thread.
struct RecordReader {
    let connection: Connection

    func restore(_ since: RestoreSpan) throws(StoreError) -> Restored {
        try connection.transaction(Connection.reading) { () throws(StoreError) in
            var restored = Restored()
            let live = try connection.prepare(SQL.events("ended_at IS NULL"))
            let ended = try connection.prepare(SQL.events("ended_at > ?1"))
            restored.add(
                try live.all(EventRow.self) + ended.all(EventRow.self, since.tombstonesSince)
            )
            restored.keys = restored.readable(
                "key",
                try connection.prepare(SQL.keys)
                    .all(Readable<KeyRecord>.self, since.keysSince, since.keysLeast)
            )
            let attempts = restored.readable(
                "door attempt",
                try connection.prepare(SQL.attemptsSince)
                    .all(Readable<AttemptRow>.self, since.keysSince)
            )
            for attempt in attempts {
                let results = try connection.prepare(SQL.results)
                    .all(Readable<DoorResultRecord>.self, attempt.attempt.command)
                restored.doors.append(
                    DoorAttemptRecord(
                        attempt,
                        results: restored.readable("door result", results)
                    )
                )
            }
            let waiting = try connection.prepare(SQL.outbox).all(Readable<OutboxEntry>.self)
            restored.add(restored.readable("entry of the outbox", waiting))
            return restored
        }
    }

    func calls(_ query: CallQuery) throws(StoreError) -> [CallRecord] {
        try connection.transaction(Connection.reading) { () throws(StoreError) in
            let statement = try connection.prepare(query.sql)
            let rows = try statement.all(
                CallRow.self,
                query.property,
                query.unit,
                query.call,
                query.before ?? .last,
                max(0, query.limit)
            )
            let attempts = try connection.prepare(SQL.attemptsOfCall)
            var records: [CallRecord] = []
            for row in rows {
                let doors = try withResults(
                    attempts.all(AttemptRow.self, row.summary.call)
                )
                records.append(
                    CallRecord(
                        row.summary,
                        panelName: row.panelName,
                        unitLabel: row.unitLabel,
                        answeredByName: row.answeredByName,
                        doors: doors
                    )
                )
            }
            return records
        }
    }

    func log(of call: CallID) throws(StoreError) -> [LoggedCallEvent] {
        var log: [LoggedCallEvent] = []
        for row in try connection.prepare(SQL.log).all(EventRow.self, call) {
            log.append(try row.event())
        }
        return log
    }

    func doorAttempts(_ query: DoorQuery) throws(StoreError) -> [DoorAttemptRecord] {
        try connection.transaction(Connection.reading) { () throws(StoreError) in
            let statement = try connection.prepare(query.sql)
            return try withResults(
                statement.all(
                    AttemptRow.self,
                    query.property,
                    query.call,
                    max(0, query.limit)
                )
            )
        }
    }

    func pushes(of call: CallID) throws(StoreError) -> [PushRecord] {
        try connection.prepare(SQL.pushes).all(PushRecord.self, call)
    }

    /// Whether nothing ever happened here.
    func isEmpty() throws(StoreError) -> Bool {
        let statement = try connection.prepare(SQL.isUsed)
        return try statement.first(Single<Bool>.self)?.value == false
    }

    private func withResults(
        _ attempts: [AttemptRow]
    ) throws(StoreError) -> [DoorAttemptRecord] {
        let statement = try connection.prepare(SQL.results)
        var records: [DoorAttemptRecord] = []
        for attempt in attempts {
            let results = try statement.all(DoorResultRecord.self, attempt.attempt.command)
            records.append(DoorAttemptRecord(attempt, results: results))
        }
        return records
    }
}

extension DoorAttemptRecord {
    fileprivate init(_ row: AttemptRow, results: [DoorResultRecord]) {
        self.init(
            attempt: row.attempt,
            doorName: row.doorName,
            byName: row.byName,
            result: DoorResultRecord.standing(results)
        )
    }
}

extension Restored {
    /// Adds the logs that can be read to the end; half a call is worse than none.
    fileprivate mutating func add(_ rows: [EventRow]) {
        var faults: [CallID: String] = [:]
        for row in rows where faults[row.call] == nil {
            do throws(StoreError) {
                calls[row.call, default: []].append(try row.event())
            } catch {
                faults[row.call] = error.reasonOfOneRow
            }
        }
        for (call, reason) in faults.sorted(by: { $0.key < $1.key }) {
            calls[call] = nil
            unreadable.append(Unreadable(what: "call \(call.text)", reason: reason))
        }
    }

    /// The values of the rows that can be read; notes the others.
    fileprivate mutating func readable<Value>(
        _ kind: String,
        _ rows: [Readable<Value>]
    ) -> [Value] {
        rows.compactMap { row in
            switch row.value {
            case .success(let value):
                return value
            case .failure(let error):
                let what = "\(kind) \(row.name)"
                unreadable.append(Unreadable(what: what, reason: error.reasonOfOneRow))
                return nil
            }
        }
    }
}

extension CallQuery {
    /// The statement that answers it, with ?1 the property, ?2 the unit, ?3 the call, ?4 the first
    /// call that is too new, ?5 the limit.
    ///
    /// Each shape has an index that is in the right order.
    package var sql: String {
        var conditions = ["call < ?4", "?5 >= 0"]
        conditions.append(property == nil ? "?1 IS NULL" : "property = ?1")
        // A unit is of one property: its index is the narrower one.
        conditions.append(unit == nil ? "?2 IS NULL" : "unit = ?2")
        conditions.append(call == nil ? "?3 IS NULL" : "call = ?3")
        let index =
            if call != nil {
                ""
            } else if unit != nil {
                "INDEXED BY calls_by_unit "
            } else if property != nil {
                "INDEXED BY calls_by_property "
            } else {
                ""
            }
        return """
            SELECT \(CallRow.columns) FROM calls \(index)\
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY call DESC LIMIT ?5
            """
    }
}

extension DoorQuery {
    /// The statement that answers it, with ?1 the property, ?2 the call, ?3 the limit.
    package var sql: String {
        let property = property == nil ? "?1 IS NULL" : "property = ?1"
        let call = call == nil ? "?2 IS NULL" : "call = ?2"
        return """
            SELECT \(AttemptRow.columns) FROM door_attempts WHERE \(property) AND \(call)
            ORDER BY command DESC LIMIT ?3
            """
    }
}

extension CallID {
    /// After every call there can be.
    fileprivate static var last: CallID { CallID(high: .max, low: .max) }
}

/// The statements of the record's reader.
private enum SQL {
    static func events(_ condition: String) -> String {
        """
        SELECT \(EventRow.columns) FROM calls JOIN call_events USING (call)
        WHERE \(condition) ORDER BY call, idx
        """
    }
    static let log = """
        SELECT \(EventRow.columns) FROM call_events WHERE call = ?1 ORDER BY idx
        """
    static let keys = """
        SELECT \(KeyRecord.columns) FROM keys
        WHERE (at >= ?1 OR number > (SELECT coalesce(max(number), 0) FROM keys) - ?2)
            AND scope = '' AND fact IS NOT NULL
        ORDER BY number
        """
    static let attemptsSince = """
        SELECT \(AttemptRow.columns) FROM door_attempts WHERE at >= ?1 ORDER BY command
        """
    static let attemptsOfCall = """
        SELECT \(AttemptRow.columns) FROM door_attempts WHERE call = ?1 ORDER BY command
        """
    static let results = """
        SELECT command, outcome, detail, at FROM door_results WHERE command = ?1
        ORDER BY number
        """
    static let pushes = """
        SELECT push, property, call, device, registration, kind, notifier, verdict, reason, at
        FROM pushes WHERE call = ?1 ORDER BY number
        """
    static let outbox = """
        SELECT id, property, kind, payload, due FROM outbox
        WHERE sent IS NULL ORDER BY due, id
        """
    static let isUsed = """
        SELECT EXISTS (SELECT 1 FROM properties) OR EXISTS (SELECT 1 FROM calls)
        """
}
