// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleCallCore

/// The tables of the in-memory store, with the rules that a database keeps by its constraints.
struct MemoryTables {
    struct Call {
        var log: [LoggedCallEvent]
        var summary: CallSummary
        let panelName: String
        let unitLabel: String
        var answeredByName: String?
    }

    /// An attempt with the names of its time.
    struct Attempt {
        let attempt: DoorAttempt
        let doorName: String
        let byName: String
    }

    private struct Sent {
        let entry: EventID
        let at: Timestamp
    }

    private struct KeyName: Hashable {
        let principal: Principal
        let key: String
    }

    var directory = DirectoryRows()
    private(set) var calls: [CallID: Call] = [:]
    private(set) var keys: [KeyRecord] = []
    private var keyNames: [KeyName: Timestamp] = [:]

    /// What keys of the group that is being written took the place of.
    private var replacedKeys: [KeyRecord] = []
    private(set) var attempts: [CommandID: Attempt] = [:]
    private var commandsOfCalls: [CallID: [CommandID]] = [:]
    private var results: [CommandID: [DoorResultRecord]] = [:]
    private(set) var pushes: [PushRecord] = []
    private(set) var outbox: [EventID: OutboxEntry] = [:]

    /// That entries of it were sent, in the order it was said: more than once is harmless.
    private var sent: [Sent] = []

    /// How long a key counts.
    private let keyLife: Duration

    init(keyLife: Duration) {
        self.keyLife = keyLife
    }

    /// Writes all of a group, or nothing of it.
    mutating func write(_ group: LedgerGroup, at time: Timestamp) throws(StoreError) {
        replacedKeys = []
        for (index, entry) in group.entries.enumerated() {
            do throws(StoreError) {
                try write(entry, at: time)
            } catch {
                for written in group.entries[..<index].reversed() { undo(written) }
                throw error
            }
        }
    }

    func attempt(_ command: CommandID) -> DoorAttemptRecord? {
        attempts[command].map {
            DoorAttemptRecord(
                attempt: $0.attempt,
                doorName: $0.doorName,
                byName: $0.byName,
                result: DoorResultRecord.standing(results[command] ?? [])
            )
        }
    }

    func attempts(of call: CallID) -> [DoorAttemptRecord] {
        (commandsOfCalls[call] ?? []).compactMap(attempt)
    }

    func isSent(_ entry: EventID) -> Bool { sent.contains { $0.entry == entry } }

    /// Removes what is too old, `batch` of each kind at most; answers how many went.
    mutating func prune(_ span: PruneSpan, batch: Int) -> Int {
        let oldKeys = keys.dropLast(span.keysLeast).filter { $0.at < span.keys }
            .sorted { $0.at < $1.at }.prefix(batch)
        for key in oldKeys { remove(key) }
        let delivered = Set(
            sent.filter { $0.at < span.sent }.map(\.entry).filter { outbox[$0] != nil }
                .prefix(batch)
        )
        for entry in delivered { outbox[entry] = nil }
        let before = pushes.count
        for _ in 0..<batch {
            guard let old = pushes.firstIndex(where: { $0.at < span.pushes }) else { break }
            pushes.remove(at: old)
        }
        return oldKeys.count + delivered.count + before - pushes.count
    }

    /// The keys since then, and the newest ones besides.
    func keys(since: Timestamp, least: Int) -> [KeyRecord] {
        keys.dropLast(least).filter { $0.at >= since } + keys.suffix(least)
    }

    private mutating func remove(_ record: KeyRecord) {
        keyNames[KeyName(principal: record.principal, key: record.key)] = nil
        keys.removeAll { $0.principal == record.principal && $0.key == record.key }
    }

    private mutating func add(_ record: KeyRecord) throws(StoreError) {
        let name = KeyName(principal: record.principal, key: record.key)
        if let used = keyNames[name] {
            guard record.at - used >= keyLife else { throw .taken("a key") }
            let old = keys.filter { $0.principal == record.principal && $0.key == record.key }
            replacedKeys += old
            for key in old { remove(key) }
        }
        keyNames[name] = record.at
        keys.append(record)
    }

    private mutating func write(
        _ entry: LedgerEntry,
        at time: Timestamp
    ) throws(StoreError) {
        switch entry {
        case .call(let call, let property, let index, let event):
            try write(event, at: index, of: call, property)
        case .key(let record):
            try add(record)
        case .doorAttempt(let attempt):
            guard attempts[attempt.command] == nil else { throw .taken("a door command") }
            attempts[attempt.command] = Attempt(
                attempt: attempt,
                doorName: directory.doors.first { $0.id == attempt.door }?.name ?? "",
                byName: name(of: attempt.by.resident)
            )
            if let call = attempt.call {
                commandsOfCalls[call, default: []].append(attempt.command)
            }
        case .doorResult(let result):
            guard attempts[result.command] != nil else {
                throw .constraint(detail: "a result of a command that nobody gave")
            }
            results[result.command, default: []].append(result)
        case .push(let record):
            pushes.append(record)
        case .outbox(let entry):
            guard outbox[entry.id] == nil else { throw .taken("an entry of the outbox") }
            outbox[entry.id] = entry
        case .sent(let id):
            sent.append(Sent(entry: id, at: time))
        }
    }

    private func name(of resident: ResidentID) -> String {
        directory.residents.first { $0.id == resident }?.name ?? ""
    }

    private mutating func write(
        _ event: LoggedCallEvent,
        at index: Int,
        of id: CallID,
        _ property: PropertyID
    ) throws(StoreError) {
        guard index > 0 else {
            guard calls[id] == nil else { throw .taken("a call") }
            let summary = try CallSummary.begin(id, property, event)
            let panel = directory.panels.first { $0.id == summary.panel }?.name
            let unit = directory.units.first { $0.id == summary.unit }?.label
            calls[id] = Call(
                log: [event],
                summary: summary,
                panelName: panel ?? "",
                unitLabel: unit ?? ""
            )
            return
        }
        guard calls[id]?.summary.events == index else {
            throw .gap(at: index, events: calls[id]?.summary.events ?? 0)
        }
        calls[id]?.log.append(event)
        calls[id]?.summary.apply(event)
        nameWhoAnswered(id)
    }

    /// Keeps the name of that time, as soon as somebody answered.
    private mutating func nameWhoAnswered(_ id: CallID) {
        guard let call = calls[id], call.answeredByName == nil,
            let party = call.summary.answeredBy
        else { return }
        let name = name(of: party.resident)
        calls[id]?.answeredByName = name
    }

    /// Takes back what was just written.
    private mutating func undo(_ entry: LedgerEntry) {
        switch entry {
        case .call(let id, _, let index, _):
            guard index > 0, var call = calls[id] else {
                calls[id] = nil
                return
            }
            call.log.removeLast()
            if let summary = CallSummary(log: call.log) { call.summary = summary }
            if call.summary.answeredBy == nil { call.answeredByName = nil }
            calls[id] = call
        case .key(let record):
            remove(record)
            guard let old = replacedKeys.last, old.principal == record.principal,
                old.key == record.key
            else { return }
            replacedKeys.removeLast()
            keyNames[KeyName(principal: old.principal, key: old.key)] = old.at
            keys.append(old)
        case .doorAttempt(let attempt):
            attempts[attempt.command] = nil
            if let call = attempt.call { commandsOfCalls[call]?.removeLast() }
        case .doorResult(let result): results[result.command]?.removeLast()
        case .push: pushes.removeLast()
        case .outbox(let entry): outbox[entry.id] = nil
        case .sent: sent.removeLast()
        }
    }
}

extension CallSummary {
    /// The summary that a log begins with; throws where its first entry is not the start of this
    /// very call.
    package static func begin(
        _ call: CallID,
        _ property: PropertyID,
        _ first: LoggedCallEvent
    ) throws(StoreError) -> CallSummary {
        guard let summary = CallSummary(first) else {
            throw .constraint(detail: "a log that does not begin with the start")
        }
        guard summary.call == call, summary.property == property else {
            throw .constraint(detail: "a start that belongs to another call")
        }
        return summary
    }
}

extension StoreError {
    /// An entry that is not the next of its log.
    package static func gap(at index: Int, events: Int) -> StoreError {
        .constraint(detail: "entry \(index) of a log of \(events)")
    }

    static func taken(_ what: String) -> StoreError {
        .constraint(detail: "\(what) that is there already")
    }
}
