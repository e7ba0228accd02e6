// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleCallCore
package import VestibuleStorage

extension SQLiteStore: Ledger {
    package func append(
        _ group: LedgerGroup,
        answer: @escaping @Sendable (LedgerAnswer) -> Void
    ) {
        writer.append(group, answer: answer)
    }
}

extension SQLiteStore: Store {
    package func directory() async throws(StoreError) -> DirectoryRows {
        try await read { (connection) throws(StoreError) in
            try DirectoryReader(connection: connection).rows()
        }
    }

    package func directoryVersion() async throws(StoreError) -> Int64 {
        try await read { (connection) throws(StoreError) in
            try DirectoryReader(connection: connection).version()
        }
    }

    package func save(_ rows: DirectoryRows) async throws(StoreError) {
        try await change { (directory) throws(StoreError) in try directory.save(rows) }
    }

    package func issue(
        _ credential: CredentialRow,
        replacing: Bool
    ) async throws(StoreError) {
        try await change { (directory) throws(StoreError) in
            try directory.issue(credential, replacing: replacing)
        }
    }

    package func revoke(_ principal: Principal) async throws(StoreError) -> Int {
        try await change { (directory) throws(StoreError) in try directory.revoke(principal) }
    }

    package func restore(_ since: RestoreSpan) async throws(StoreError) -> Restored {
        let restored = try await record { (record) throws(StoreError) in
            try record.restore(since)
        }
        note(unreadable: restored.unreadable.count)
        return restored
    }

    package func prune(_ span: PruneSpan) async throws(StoreError) -> Int {
        let batch = limits.ledger.pruneBatch
        return try await again { (connection) throws(StoreError) in
            try RecordPruner(connection: connection).prune(span, batch: batch)
        }
    }

    package func calls(_ query: CallQuery) async throws(StoreError) -> [CallRecord] {
        try await record { (record) throws(StoreError) in try record.calls(query) }
    }

    package func log(of call: CallID) async throws(StoreError) -> [LoggedCallEvent] {
        try await record { (record) throws(StoreError) in try record.log(of: call) }
    }

    package func doorAttempts(
        _ query: DoorQuery
    ) async throws(StoreError) -> [DoorAttemptRecord] {
        try await record { (record) throws(StoreError) in try record.doorAttempts(query) }
    }

    package func pushes(of call: CallID) async throws(StoreError) -> [PushRecord] {
        try await record { (record) throws(StoreError) in try record.pushes(of: call) }
    }

    private func record<Result: Sendable>(
        _ body: @escaping @Sendable (RecordReader) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await read { (connection) throws(StoreError) in
            try body(RecordReader(connection: connection))
        }
    }
}
