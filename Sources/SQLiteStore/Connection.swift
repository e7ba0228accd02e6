// SPDX-License-Identifier: Apache-2.0

import CVestibuleSQLite
package import VestibuleStorage

/// The one holder of a database handle.
///
/// One thread at a time: each connection belongs to the worker that it was given to.
package final class Connection {
    private var handle: OpaquePointer?

    /// Pages in the write-ahead log after the last commit, while ``keepLog()`` counts them.
    private(set) var logPages = 0

    /// Opens a file, or makes it; `patience` is how long a statement waits for another
    /// connection's lock before it fails `locked`.
    package init(path: String, patience: Duration) throws(StoreError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let error = StoreError.sqlite(opened, code)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_extended_result_codes(opened, 1)
        let milliseconds = patience / .milliseconds(1)
        sqlite3_busy_timeout(opened, Int32(max(0, min(milliseconds, 3_600_000))))
    }

    deinit { sqlite3_close_v2(handle) }

    /// Closes the database once its statements are gone; what is asked of it later fails.
    package func close() {
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Turns write-ahead logging on; throws where the file system or another program does not let
    /// it, since every promise of the store rests on it.
    package func logAhead() throws(StoreError) {
        let answer = try prepare("PRAGMA journal_mode = WAL").first(Single<String>.self)?.value
        guard answer == "wal" else {
            throw .failed(
                detail:
                    "SQLite cannot use its write-ahead log here (it says \(answer ?? "nothing"))"
            )
        }
    }

    /// Leaves it to ``checkpoint()`` when the log is moved into the database.
    ///
    /// SQLite itself would do it within a commit. The log's file stays when the database is closed.
    package func keepLog() throws(StoreError) {
        let handle = try open()
        var isKept: Int32 = 1
        sqlite3_file_control(handle, nil, SQLITE_FCNTL_PERSIST_WAL, &isKept)
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(handle, { Connection.committed($0, pages: $3) }, context)
    }

    /// Called by SQLite on the thread that commits, while the connection lives.
    private static func committed(_ context: UnsafeMutableRawPointer?, pages: Int32) -> Int32 {
        guard let context else { return SQLITE_OK }
        let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
        connection.logPages = Int(pages)
        return SQLITE_OK
    }

    /// Moves what it can of the log into the database, without waiting for anybody; what it cannot
    /// is moved another time.
    package func checkpoint() {
        guard let handle else { return }
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    /// Runs statements that take and return nothing.
    package func execute(_ sql: String) throws(StoreError) {
        let handle = try open()
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw .sqlite(handle, code) }
    }

    /// Compiles one statement, whose values are numbered from `?1`.
    package func prepare(_ sql: String) throws(StoreError) -> Statement {
        let handle = try open()
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw .sqlite(handle, code) }
        return Statement(statement)
    }

    /// Runs `body` between `begin` and `COMMIT`; whatever it or the commit throws undoes all of it.
    package func transaction<Result>(
        _ begin: String,
        _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try execute(begin)
        do throws(StoreError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    /// Ends a transaction without a trace, unless SQLite did so already when it failed.
    package func rollBack() {
        guard let handle, sqlite3_get_autocommit(handle) == 0 else { return }
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    /// How many rows the last statement changed.
    package var changes: Int { handle.map { Int(sqlite3_changes64($0)) } ?? 0 }

    private func open() throws(StoreError) -> OpaquePointer {
        guard let handle else { throw .failed(detail: "the store is closed") }
        return handle
    }
}

extension Connection {
    /// Changes what is there.
    static let writing = "BEGIN IMMEDIATE"

    /// Sees one moment.
    static let reading = "BEGIN DEFERRED"
}

extension StoreError {
    /// What a result code of SQLite means to an operator.
    static func sqlite(_ handle: OpaquePointer?, _ code: Int32) -> StoreError {
        let message = String(cString: handle.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
        let detail = "\(message) (SQLite \(code))"
        return switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: .locked
        case SQLITE_FULL: .full
        // A value that no column takes is refused like one that breaks a rule: it would never pass.
        case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH: .constraint(detail: detail)
        case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged(detail: detail)
        default: .failed(detail: detail)
        }
    }
}
