// SPDX-License-Identifier: Apache-2.0

import VestibuleStorage

/// Removes what is too old, in one transaction; on the writer's thread.
struct RecordPruner {
    let connection: Connection

    /// Answers how many rows went, `batch` of each kind at most.
    func prune(_ span: PruneSpan, batch: Int) throws(StoreError) -> Int {
        try connection.transaction(Connection.writing) { () throws(StoreError) in
            try connection.prepare(SQL.keys).run(span.keys, batch, span.keysLeast)
            var removed = connection.changes
            for (sql, before) in [(SQL.sent, span.sent), (SQL.pushes, span.pushes)] {
                try connection.prepare(sql).run(before, batch)
                removed += connection.changes
            }
            return removed
        }
    }
}

/// Each finds its rows by an index on their time.
private enum SQL {
    static let keys = """
        DELETE FROM keys WHERE number IN (
            SELECT number FROM keys
            WHERE at < ?1 AND number <= (SELECT coalesce(max(number), 0) FROM keys) - ?3
            ORDER BY at LIMIT ?2)
        """
    static let sent = """
        DELETE FROM outbox WHERE id IN (
            SELECT id FROM outbox WHERE sent < ?1 ORDER BY sent LIMIT ?2)
        """
    static let pushes = """
        DELETE FROM pushes WHERE number IN (
            SELECT number FROM pushes WHERE at < ?1 ORDER BY at LIMIT ?2)
        """
}
