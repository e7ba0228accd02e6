// SPDX-License-Identifier: Apache-2.0

package import VestibuleStorage

/// The shape of the database and how an older one becomes it.
///
/// `PRAGMA user_version` counts the steps that were taken. A step that was released is never
/// changed; what is new is a new step. Words that may grow (kinds, states) carry no CHECK, since
/// SQLite cannot change one without rebuilding the table.
package enum Schema {
    /// The steps in order; the number of a version is how many of them it has.
    package static let steps = [directory, record, outbox]

    /// The version that this program writes.
    package static var version: Int { steps.count }

    /// The version of a database; 0 is an empty one.
    package static func version(of connection: Connection) throws(StoreError) -> Int {
        let statement = try connection.prepare("PRAGMA user_version")
        return try statement.first(Single<Int>.self)?.value ?? 0
    }

    /// Takes the steps that are missing, all or none; throws `newer` for what this program does
    /// not know.
    ///
    /// Foreign keys are off meanwhile (they cannot be switched within a transaction), so that a
    /// step may rebuild a table that others refer to; all of them are checked before the commit.
    package static func migrate(
        _ connection: Connection,
        by steps: [String] = steps
    ) throws(StoreError) {
        try connection.execute("PRAGMA foreign_keys = OFF")
        do throws(StoreError) {
            try connection.transaction(Connection.writing) { () throws(StoreError) in
                let found = try version(of: connection)
                guard found <= steps.count else {
                    throw .newer(found: found, known: steps.count)
                }
                guard found >= 0 else { throw .damaged(detail: "a schema of version \(found)") }
                for step in steps.dropFirst(found) { try connection.execute(step) }
                try checkReferences(connection)
                try connection.execute("PRAGMA user_version = \(steps.count)")
            }
        } catch {
            try connection.execute("PRAGMA foreign_keys = ON")
            throw error
        }
        try connection.execute("PRAGMA foreign_keys = ON")
    }

    /// Throws where a row refers to nothing.
    private static func checkReferences(_ connection: Connection) throws(StoreError) {
        let check = try connection.prepare("PRAGMA foreign_key_check")
        guard let table = try check.first(Single<String>.self)?.value else { return }
        throw .damaged(detail: "a row of \(table) refers to nothing")
    }
}

extension Schema {
    /// The settings of every connection.
    ///
    /// `FULL` syncs each commit before it is answered.
    static let settings = """
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA journal_size_limit = 67108864;
        """

    /// Version 3: what is to be delivered, written in the transaction of the fact.
    static let outbox = """
        CREATE TABLE outbox (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB,
            kind TEXT NOT NULL,
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            due INTEGER NOT NULL,
            sent INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX outbox_due ON outbox (due, id) WHERE sent IS NULL;
        CREATE INDEX outbox_sent ON outbox (sent) WHERE sent IS NOT NULL;
        """
}
