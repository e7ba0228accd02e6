// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleCallCore
package import VestibuleStorage

/// The record as it can be seen at the ledger's seam: what was handed over when, and what of it was
/// answered.
package final class RecordSeen {
    /// How far an entry is.
    package enum Stage: Equatable {
        case waiting
        case written

        /// No room, or refused: it will never be there.
        case lost
    }

    package struct Entry {
        package let event: CallEvent
        package let at: Moment
        let index: Int
        var group: Int
        package var stage = Stage.waiting

        /// It was not taken once; what was told of it then may arrive after it is offered again.
        package var wasLost = false
    }

    package struct CallSeen {
        package let plan: CallPlan
        package var entries: [Entry] = []

        /// Something was told of it that the record lost, so that it may be told otherwise later.
        package var isForgiven = false

        package var answeredBy: Party? {
            for entry in entries { if case .answered(let party) = entry.event { return party } }
            return nil
        }

        package var outcome: CallOutcome? {
            for entry in entries { if case .ended(let outcome) = entry.event { return outcome } }
            return nil
        }

        /// An entry that was not taken is handed over once more.
        ///
        /// Answers whether it is a new one.
        mutating func take(_ entry: Entry) -> Bool {
            if let old = entries.firstIndex(where: { $0.index == entry.index && $0.stage == .lost })
            {
                entries[old].group = entry.group
                entries[old].stage = .waiting
                entries[old].wasLost = true
                return false
            }
            entries.append(entry)
            return true
        }

        package var isLost: Bool { entries.contains { $0.stage == .lost } }
    }

    package struct Attempt {
        package let attempt: DoorAttempt
        package let key: KeyRecord?
        package let at: Moment
        let group: Int
        package var stage = Stage.waiting
        package var results: [DoorResult] = []
    }

    package struct DoorResult {
        package let record: DoorResultRecord
        package let at: Moment
        let group: Int
        package var stage = Stage.waiting
    }

    /// A key, as it is unique.
    package struct KeyName: Hashable {
        package let principal: Principal
        package let key: String

        package init(principal: Principal, key: String) {
            self.principal = principal
            self.key = key
        }
    }

    package private(set) var calls: [CallID: CallSeen] = [:]
    package private(set) var attempts: [CommandID: Attempt] = [:]

    /// Calls of which something was told without a record, which then was lost.
    package private(set) var forgiven = 0
    package private(set) var lostGroups = 0

    /// Keys whose refusal is in the store.
    package private(set) var refusedKeys: Set<KeyName> = []
    private var refusals: [Int: KeyName] = [:]

    /// Keys whose call is in the store with them: of a group that was refused twice the key is let
    /// go, so that at least the call is kept.
    package private(set) var callKeys: Set<KeyName> = []

    /// What of a group waits for its answer.
    private struct Waiting {
        let group: Int
        var calls: [CallID] = []
        var commands: [CommandID] = []
        var results: [CommandID] = []
        var keys: [KeyName] = []
    }

    private var waiting: [Waiting] = []

    /// Takes an entry that was handed over; answers whether it is news.
    func append(_ entry: LedgerEntry, group: Int, at now: Moment) -> Bool {
        if waiting.last?.group != group { waiting.append(Waiting(group: group)) }
        switch entry {
        case .call(let id, _, let index, let logged):
            if case .started(let plan) = logged.event, calls[id] == nil {
                calls[id] = CallSeen(plan: plan)
            }
            waiting[waiting.count - 1].calls.append(id)
            let entry = Entry(event: logged.event, at: now, index: index, group: group)
            return calls[id]?.take(entry) ?? true
        case .doorAttempt(let attempt):
            attempts[attempt.command] = Attempt(
                attempt: attempt,
                key: nil,
                at: now,
                group: group
            )
            waiting[waiting.count - 1].commands.append(attempt.command)
        case .key(let key):
            if case .refused = key.fact {
                refusals[group] = KeyName(principal: key.principal, key: key.key)
            }
            if case .call = key.fact {
                let name = KeyName(principal: key.principal, key: key.key)
                waiting[waiting.count - 1].keys.append(name)
            }
            guard case .command(let command) = key.fact, let old = attempts[command] else {
                return true
            }
            attempts[command] = Attempt(
                attempt: old.attempt,
                key: key,
                at: old.at,
                group: old.group
            )
        case .doorResult(let result):
            attempts[result.command]?.results.append(
                DoorResult(record: result, at: now, group: group)
            )
            waiting[waiting.count - 1].results.append(result.command)
        case .push, .outbox, .sent: break
        }
        return true
    }

    func answered(_ group: Int, _ answer: LedgerAnswer, at now: Moment) {
        if let name = refusals.removeValue(forKey: group), answer == .written {
            refusedKeys.insert(name)
        }
        guard let index = waiting.firstIndex(where: { $0.group == group }) else { return }
        let stage: Stage = answer == .written ? .written : .lost
        if stage == .lost { lostGroups += 1 }
        mark(waiting.remove(at: index), stage)
    }

    private func mark(_ waiting: Waiting, _ stage: Stage) {
        if stage == .written { callKeys.formUnion(waiting.keys) }
        for id in waiting.calls {
            guard let call = calls[id] else { continue }
            for index in call.entries.indices where call.entries[index].group == waiting.group {
                calls[id]?.entries[index].stage = stage
            }
        }
        for command in waiting.commands { attempts[command]?.stage = stage }
        for command in waiting.results {
            guard let attempt = attempts[command] else { continue }
            for index in attempt.results.indices
            where attempt.results[index].group == waiting.group {
                attempts[command]?.results[index].stage = stage
            }
        }
    }

    /// What waited is gone, but for the oldest groups, which are written unheard.
    func crashed(keeping kept: Int, at now: Moment) {
        for (index, group) in waiting.enumerated() {
            if index < kept {
                mark(group, .written)
                continue
            }
            for id in group.calls { lose(group.group, of: id) }
            for command in group.commands { attempts[command] = nil }
            for command in group.results {
                attempts[command]?.results.removeAll { $0.group == group.group }
            }
        }
        waiting = []
        // What never had room is gone now, whatever was told of it.
        for (id, call) in calls where call.isLost {
            // Behind a gap the store took nothing.
            let kept = call.entries.enumerated().prefix {
                $0.element.stage != .lost && $0.element.index == $0.offset
            }
            calls[id]?.entries = kept.map(\.element)
            calls[id]?.isForgiven = true
            if calls[id]?.entries.isEmpty == true { calls[id] = nil }
        }
    }

    private func lose(_ group: Int, of id: CallID) {
        guard var call = calls[id] else { return }
        // Told without its record, and gone before it was in the record after all.
        if call.entries.contains(where: { $0.group == group && $0.wasLost }) {
            call.isForgiven = true
        }
        call.entries.removeAll { $0.group == group }
        calls[id] = call.entries.isEmpty ? nil : call
    }

    /// Something was told without its record and the record is gone now.
    package func forgive(_ id: CallID) {
        forgiven += 1
        calls[id]?.isForgiven = true
    }
}
