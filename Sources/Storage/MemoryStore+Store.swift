// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleCallCore

extension MemoryStore: Store {
    package func directory() async throws(StoreError) -> DirectoryRows {
        read { $0.directory.inOrder }
    }

    package func directoryVersion() async throws(StoreError) -> Int64 {
        read { $0.directory.version }
    }

    package func save(_ rows: DirectoryRows) async throws(StoreError) {
        try change { (tables) throws(StoreError) in try tables.directory.merge(rows) }
    }

    package func issue(
        _ credential: CredentialRow,
        replacing: Bool
    ) async throws(StoreError) {
        try change { (tables) throws(StoreError) in
            try tables.directory.issue(credential, replacing: replacing)
        }
    }

    package func revoke(_ principal: Principal) async throws(StoreError) -> Int {
        try change { (tables) throws(StoreError) in tables.directory.revoke(principal) }
    }

    package func restore(_ since: RestoreSpan) async throws(StoreError) -> Restored {
        read { tables in
            var restored = Restored()
            restored.calls = tables.calls.filter { _, call in
                call.summary.endedAt.map { $0 > since.tombstonesSince } ?? true
            }.mapValues(\.log)
            restored.keys = tables.keys(since: since.keysSince, least: since.keysLeast)
                .sorted { $0.at < $1.at }
            restored.doors = tables.attempts.values.map(\.attempt)
                .filter { $0.at >= since.keysSince }.map(\.command).sorted().compactMap(
                    tables.attempt
                )
            restored.add(
                tables.outbox.values.filter { !tables.isSent($0.id) }
                    .sorted { ($0.due, $0.id) < ($1.due, $1.id) }
            )
            return restored
        }
    }

    package func calls(_ query: CallQuery) async throws(StoreError) -> [CallRecord] {
        read { tables in
            tables.calls.values.filter { query.matches($0.summary) }
                .sorted { $0.summary.call > $1.summary.call }
                .prefix(max(0, query.limit))
                .map { call in
                    CallRecord(
                        call.summary,
                        panelName: call.panelName,
                        unitLabel: call.unitLabel,
                        answeredByName: call.answeredByName,
                        doors: tables.attempts(of: call.summary.call)
                    )
                }
        }
    }

    package func log(of call: CallID) async throws(StoreError) -> [LoggedCallEvent] {
        read { $0.calls[call]?.log ?? [] }
    }

    package func doorAttempts(
        _ query: DoorQuery
    ) async throws(StoreError) -> [DoorAttemptRecord] {
        read { tables in
            tables.attempts.values.map(\.attempt)
                .filter { attempt in
                    (query.property ?? attempt.property) == attempt.property
                        && (query.call == nil || query.call == attempt.call)
                }
                .map(\.command).sorted(by: >).prefix(max(0, query.limit))
                .compactMap(tables.attempt)
        }
    }

    package func pushes(of call: CallID) async throws(StoreError) -> [PushRecord] {
        read { $0.pushes.filter { $0.call == call } }
    }

    package func prune(_ span: PruneSpan) async throws(StoreError) -> Int {
        try state.withLock { (state) throws(StoreError) in
            if let fault = state.condition.fault { throw fault }
            return state.tables.prune(span, batch: state.pruneBatch)
        }
    }

    /// Works through what waits, refuses what cannot be written, and takes nothing any more.
    package func close() async {
        release()
        let now = clock().moment
        let due = state.withLock { state in
            state.queue.close("the store is closed")
            return state.queue.refuseAll("the store was closed", at: now)
        }
        for answer in due { answer.give() }
    }

    private func read<Result>(_ body: (MemoryTables) -> Result) -> Result {
        state.withLock { body($0.tables) }
    }

    private func change<Result>(
        _ body: (inout MemoryTables) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try state.withLock { (state) throws(StoreError) in
            if let fault = state.condition.fault { throw fault }
            return try body(&state.tables)
        }
    }
}

extension CallQuery {
    fileprivate func matches(_ summary: CallSummary) -> Bool {
        (property ?? summary.property) == summary.property
            && (unit ?? summary.unit) == summary.unit && (call ?? summary.call) == summary.call
            && (before.map { summary.call < $0 } ?? true)
    }
}
