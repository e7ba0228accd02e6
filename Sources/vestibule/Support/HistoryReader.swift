// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleSQLiteStore
import VestibuleStorage

/// Reads the history of a folder, served or not.
enum HistoryReader {
    /// The newest calls, or the newest before one.
    static func calls(
        in folder: String,
        limit: Int,
        before: CallID? = nil
    ) async throws -> [CallRecord] {
        let store = try await SQLiteStore.open(folder: folder, limits: Limits(), access: .reader)
        var query = CallQuery()
        query.limit = limit
        query.before = before
        do {
            let calls = try await store.calls(query)
            await store.close()
            return calls
        } catch {
            await store.close()
            throw error
        }
    }
}
