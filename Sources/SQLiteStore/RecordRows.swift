// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
package import VestibuleStorage

extension Principal {
    /// The word of its kind in a row.
    var kind: String {
        switch self {
        case .panel: "panel"
        case .device: "device"
        }
    }

    /// Its id in a row.
    var id: PrincipalBytes {
        switch self {
        case .panel(let id): PrincipalBytes(high: id.high, low: id.low)
        case .device(let id): PrincipalBytes(high: id.high, low: id.low)
        }
    }

    /// The expression of the property that a principal of this kind and id is in, or NULL.
    static func property(_ kind: String, _ id: String) -> String {
        """
        CASE \(kind)
            WHEN 'panel' THEN (SELECT property FROM panels WHERE id = \(id))
            WHEN 'device' THEN (SELECT property FROM devices WHERE id = \(id))
        END
        """
    }
}

/// An id of one of several kinds, which another column names.
struct PrincipalBytes: Bindable, Column {
    let high: UInt64
    let low: UInt64

    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        PanelID(high: high, low: low).bind(to: statement, at: index)
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) -> PrincipalBytes? {
        PanelID.read(statement, column).map { PrincipalBytes(high: $0.high, low: $0.low) }
    }
}

extension Row {
    /// A principal in two columns, kind and id.
    mutating func principal() throws(StoreError) -> Principal {
        let kind = try next(String.self)
        let id = try next(PrincipalBytes.self)
        return switch kind {
        case "panel": .panel(PanelID(high: id.high, low: id.low))
        case "device": .device(DeviceID(high: id.high, low: id.low))
        default: throw .unreadable(detail: "an unknown kind of principal")
        }
    }

    /// A party in two columns, either of which may be NULL.
    fileprivate mutating func party() throws(StoreError) -> Party? {
        let resident = try next(ResidentID?.self)
        let device = try next(DeviceID?.self)
        guard let resident, let device else { return nil }
        return Party(resident: resident, device: device)
    }
}

extension CallSummary: RowReadable {
    /// The columns of `calls` in the order they are read.
    static let columns = """
        call, property, unit, panel, started_at, events, answered_at, answered_by,
        answered_by_device, ended_at, outcome
        """

    package init(row: inout Row) throws(StoreError) {
        let call = try row.next(CallID.self)
        let property = try row.next(PropertyID.self)
        let unit = try row.next(UnitID.self)
        let panel = try row.next(PanelID.self)
        let startedAt = try row.next(Timestamp.self)
        let events = try row.next(Int.self)
        let answeredAt = try row.next(Timestamp?.self)
        let answeredBy = try row.party()
        let endedAt = try row.next(Timestamp?.self)
        let outcome = try row.next(String?.self)
        self.init(
            call: call,
            property: property,
            unit: unit,
            panel: panel,
            startedAt: startedAt,
            events: events,
            answeredAt: answeredAt,
            endedAt: endedAt,
            outcome: outcome.flatMap { CallOutcome(rawValue: $0) },
            answeredBy: answeredBy
        )
    }
}

/// A row of `calls`: the summary and the names of its time.
struct CallRow: RowReadable {
    static let columns = CallSummary.columns + ", panel_name, unit_label, answered_by_name"

    let summary: CallSummary
    let panelName: String
    let unitLabel: String
    let answeredByName: String?

    init(row: inout Row) throws(StoreError) {
        summary = try CallSummary(row: &row)
        panelName = try row.next()
        unitLabel = try row.next()
        answeredByName = try row.next()
    }
}

/// A row of `call_events`.
struct EventRow: RowReadable {
    static let columns = "call, format, call_events.at, body"

    let call: CallID
    private let format: Int
    private let at: Timestamp
    private let body: String

    init(row: inout Row) throws(StoreError) {
        call = try row.next()
        format = try row.next()
        at = try row.next()
        body = try row.next()
    }

    /// The event; throws `unreadable`, or `newer` for one of a later version.
    func event() throws(StoreError) -> LoggedCallEvent {
        LoggedCallEvent(at: at, event: try CallEventCoding.event(from: body, format: format))
    }
}

/// A row with its number or id, so that one which cannot be read can be named; the first column.
struct Readable<Value: RowReadable>: RowReadable {
    let name: String
    let value: Result<Value, StoreError>

    init(row: inout Row) throws(StoreError) {
        name = row.name()
        do throws(StoreError) {
            value = .success(try Value(row: &row))
        } catch {
            value = .failure(error)
        }
    }
}

extension StoreError {
    /// What it means for the one row that was being read.
    var reasonOfOneRow: String {
        switch self {
        case .unreadable(let detail): detail
        case .newer(let found, let known): "written in format \(found), known is \(known)"
        default: "\(self)"
        }
    }
}

extension KeyRecord: RowReadable {
    static let columns = "number, principal_kind, principal, key, fact, at"

    package init(row: inout Row) throws(StoreError) {
        _ = try row.next(Int.self)
        self.init(
            principal: try row.principal(),
            key: try row.next(),
            fact: try Fact(coded: row.next(String.self)),
            at: try row.next()
        )
    }
}

extension DoorAttempt: RowReadable {
    static let columns = """
        command, property, panel, door, by_id, device, way, call, at, deadline
        """

    package init(row: inout Row) throws(StoreError) {
        let command = try row.next(CommandID.self)
        let property = try row.next(PropertyID.self)
        let panel = try row.next(PanelID.self)
        let door = try row.next(DoorID.self)
        guard let party = try row.party() else {
            throw .unreadable(detail: "a door attempt of nobody")
        }
        self.init(
            command: command,
            property: property,
            panel: panel,
            door: door,
            by: party,
            way: try row.word(),
            call: try row.next(),
            at: try row.next(),
            deadline: try row.next()
        )
    }
}

/// A row of `door_attempts`: the attempt and the names of its time.
struct AttemptRow: RowReadable {
    static let columns = DoorAttempt.columns + ", door_name, by_name"

    let attempt: DoorAttempt
    let doorName: String
    let byName: String

    init(row: inout Row) throws(StoreError) {
        attempt = try DoorAttempt(row: &row)
        doorName = try row.next()
        byName = try row.next()
    }
}

extension DoorResultRecord: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        self.init(
            command: try row.next(),
            outcome: try row.word(),
            detail: try row.next(),
            at: try row.next()
        )
    }
}

extension PushRecord: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        self.init(
            push: try row.next(),
            property: try row.next(),
            call: try row.next(),
            device: try row.next(),
            registration: try row.next(),
            kind: try row.next(),
            notifier: try row.next(),
            verdict: try row.next(),
            reason: try row.next(),
            at: try row.next()
        )
    }
}

extension OutboxEntry: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(
            id: row.next(),
            property: row.next(),
            payload: Payload(kind: row.next(), json: row.next()),
            due: row.next()
        )
    }
}
