// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleSQLiteStore
import VestibuleStorage

/// Reads the history of a folder, served or not.
enum HistoryReader {
    static func calls(in folder: String, limit: Int) async throws -> [CallRecord] {
        let store = try await SQLiteStore.open(folder: folder, limits: Limits(), access: .tool)
        var query = CallQuery()
        query.limit = limit
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
