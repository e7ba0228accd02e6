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
    }

    private struct KeyName: Hashable {
        let principal: Principal
        let key: String
    }

    var directory = DirectoryRows()
    private(set) var calls: [CallID: Call] = [:]
    private(set) var keys: [KeyRecord] = []
    private var keyNames: Set<KeyName> = []
    private(set) var attempts: [CommandID: DoorAttempt] = [:]
    private var commandsOfCalls: [CallID: [CommandID]] = [:]
    private var results: [CommandID: [DoorResultRecord]] = [:]
    private(set) var pushes: [PushRecord] = []
    private(set) var notices: [EventID: DeferredNotice] = [:]

    /// How often each notice was said to be sent: more than once is harmless.
    private var sent: [EventID: Int] = [:]

    /// Writes all of a group, or nothing of it.
    mutating func write(_ group: LedgerGroup) throws(StoreError) {
        for (index, entry) in group.entries.enumerated() {
            do throws(StoreError) {
                try write(entry)
            } catch {
                for written in group.entries[..<index].reversed() { undo(written) }
                throw error
            }
        }
    }

    func attempt(_ command: CommandID) -> DoorAttemptRecord? {
        attempts[command].map {
            DoorAttemptRecord(
                attempt: $0,
                result: DoorResultRecord.standing(results[command] ?? [])
            )
        }
    }

    func attempts(of call: CallID) -> [DoorAttemptRecord] {
        (commandsOfCalls[call] ?? []).compactMap(attempt)
    }

    func isSent(_ notice: EventID) -> Bool { sent[notice, default: 0] > 0 }

    private mutating func write(_ entry: LedgerEntry) throws(StoreError) {
        switch entry {
        case .call(let call, let property, let index, let event):
            try write(event, at: index, of: call, property)
        case .key(let record):
            let name = KeyName(principal: record.principal, key: record.key)
            guard keyNames.insert(name).inserted else { throw .taken("a key") }
            keys.append(record)
        case .doorAttempt(let attempt):
            guard attempts[attempt.command] == nil else { throw .taken("a door command") }
            attempts[attempt.command] = attempt
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
        case .notice(let notice):
            guard notices[notice.id] == nil else { throw .taken("a notice") }
            notices[notice.id] = notice
        case .noticeSent(let id):
            sent[id, default: 0] += 1
        }
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
            calls[id] = call
        case .key(let record):
            keyNames.remove(KeyName(principal: record.principal, key: record.key))
            keys.removeLast()
        case .doorAttempt(let attempt):
            attempts[attempt.command] = nil
            if let call = attempt.call { commandsOfCalls[call]?.removeLast() }
        case .doorResult(let result): results[result.command]?.removeLast()
        case .push: pushes.removeLast()
        case .notice(let notice): notices[notice.id] = nil
        case .noticeSent(let id): sent[id, default: 0] -= 1
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
