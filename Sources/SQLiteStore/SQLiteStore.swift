// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
import VestibuleEventLoop
package import VestibuleStorage

/// How an older store was brought to this version.
package struct Migration: Sendable, Equatable {
    package let from: Int
    package let to: Int

    /// The file that holds the store as it was.
    package let copy: String

    package init(from: Int, to: Int, copy: String) {
        self.from = from
        self.to = to
        self.copy = copy
    }
}

/// The store in a folder: SQLite in WAL mode, each commit synced before it is answered.
///
/// One connection writes and one reads, each on a thread of its own. Any thread may call it.
package final class SQLiteStore: Sendable {
    /// Who opens a folder.
    package enum Access: Sendable {
        /// A server, or whoever must be alone with the folder: `held` while another is.
        case server

        /// A tool beside a running server, which notices the tool's commits; migrates only while no
        /// server has the folder.
        case tool

        /// A tool that only looks: it neither makes nor migrates anything, and takes no lock.
        case reader
    }

    /// How many reads, and how many changes of the directory, may wait.
    private static let inbox = 1_024

    /// How often a change of the directory is tried on a locked store; each try waits
    /// `ledger.retry`, and the ledger gets its turns in between.
    private static let tries = 20

    /// Who is inside, and whether anybody may still come.
    private struct Usage {
        var waiting = 0
        var isClosed = false
        var unreadable = 0
    }

    package let folder: DataFolder

    /// What was done to an older store when it was opened.
    package let migration: Migration?
    private let lock: FolderLock?
    let limits: Limits
    private let clock: @Sendable () -> Now
    let writer: StoreWriter
    private let reader: StoreReader
    private let workers: [Worker]
    private let usage = Locked(Usage())

    /// Opens the store in `folder`, migrating it as needed; a server makes what is missing.
    ///
    /// Throws `held`, `missing`, `newer`, `older`, `damaged`, or what the file system said.
    package static func open(
        folder path: String,
        limits: Limits,
        access: Access,
        clock: @escaping @Sendable () -> Now = { EventLoop.readNow() }
    ) async throws(StoreError) -> SQLiteStore {
        let folder: DataFolder
        var lock: FolderLock?
        switch access {
        case .server: (folder, lock) = try DataFolder.make(path)
        case .tool, .reader: folder = try DataFolder(existing: path)
        }
        let migration = try prepare(folder, access)
        let readWorker = Worker(name: "store-read", capacity: 1)
        let writeWorker = Worker(name: "store-write", capacity: 1)
        do throws(StoreError) {
            let reading = try connect(folder, patience: .seconds(5))
            try reading.execute("PRAGMA query_only = ON")
            let reader = StoreReader(worker: readWorker, connection: reading)
            let writing = try connect(folder, patience: limits.ledger.retry)
            try writing.logAhead()
            try writing.keepLog()
            let writer = try StoreWriter(
                worker: writeWorker,
                connection: writing,
                limits: limits,
                clock: clock
            )
            if lock != nil { await writer.rehearse() }
            return SQLiteStore(
                folder: folder,
                migration: migration,
                lock: lock,
                limits: limits,
                clock: clock,
                writer: writer,
                reader: reader,
                workers: [readWorker, writeWorker]
            )
        } catch {
            await readWorker.stop()
            await writeWorker.stop()
            throw error
        }
    }

    private init(
        folder: DataFolder,
        migration: Migration?,
        lock: FolderLock?,
        limits: Limits,
        clock: @escaping @Sendable () -> Now,
        writer: StoreWriter,
        reader: StoreReader,
        workers: [Worker]
    ) {
        self.folder = folder
        self.migration = migration
        self.lock = lock
        self.limits = limits
        self.clock = clock
        self.writer = writer
        self.reader = reader
        self.workers = workers
    }

    /// Whether a server has this folder now; neither makes nor locks anything.
    package static func isServed(folder path: String) throws(StoreError) -> Bool {
        try DataFolder(existing: path).isLocked()
    }

    /// Brings the file to this version, once there is a copy of what it was; nil where there was
    /// nothing to do.
    ///
    /// A tool does so only while no server has the folder, a reader never.
    private static func prepare(
        _ folder: DataFolder,
        _ access: Access
    ) throws(StoreError) -> Migration? {
        let connection = try connect(folder, patience: .seconds(5))
        defer { connection.close() }
        let found = try Schema.version(of: connection)
        guard found != Schema.version else { return nil }
        guard found < Schema.version else {
            throw .newer(found: found, known: Schema.version)
        }
        guard access != .reader else {
            throw .older(found: found, known: Schema.version)
        }
        let lock = access == .server ? nil : try folder.lock()
        defer { lock?.release() }
        try connection.logAhead()
        let copy = found > 0 ? try folder.copyDatabase(connection, version: found) : nil
        try Schema.migrate(connection)
        return copy.map { Migration(from: found, to: Schema.version, copy: $0) }
    }

    private static func connect(
        _ folder: DataFolder,
        patience: Duration
    ) throws(StoreError) -> Connection {
        let connection = try Connection(path: folder.database, patience: patience)
        try connection.execute(Schema.settings)
        return connection
    }

    /// What the ledger did and what it is at.
    package var metrics: LedgerMetrics {
        var metrics = writer.metrics
        metrics.unreadable = usage.withLock { $0.unreadable }
        return metrics
    }

    func note(unreadable: Int) {
        usage.withLock { $0.unreadable = unreadable }
    }

    /// Whether nothing was ever kept here.
    package func isEmpty() async throws(StoreError) -> Bool {
        try await read { (connection) throws(StoreError) in
            try RecordReader(connection: connection).isEmpty()
        }
    }

    /// Runs `body` with the writer's connection, between two transactions: for `doctor`, and for
    /// tests that make the store fail.
    ///
    /// Never for backups: all that is to be recorded would wait behind one. They take a connection
    /// of their own.
    package func withWriter<Result: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await counted { () async throws(StoreError) in try await writer.run(body) }
    }

    /// Runs `body` with the reader's connection.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await counted { () async throws(StoreError) in try await reader.run(body) }
    }

    /// Runs a change of the directory.
    func change<Result: Sendable>(
        _ body: @escaping @Sendable (DirectoryWriter) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await again { (connection) throws(StoreError) in
            try body(DirectoryWriter(connection: connection))
        }
    }

    /// Runs `body` with the writer's connection, again where another connection holds the store.
    func again<Result: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        for _ in 1..<Self.tries {
            do throws(StoreError) {
                return try await withWriter(body)
            } catch .locked {
                continue
            }
        }
        return try await withWriter(body)
    }

    /// Bounds what waits for the two threads.
    private func counted<Result: Sendable>(
        _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try usage.withLock { (usage) throws(StoreError) in
            guard !usage.isClosed else { throw .failed(detail: "the store is closed") }
            guard usage.waiting < Self.inbox else {
                throw .failed(detail: "too much waits for the store")
            }
            usage.waiting += 1
        }
        defer { usage.withLock { $0.waiting -= 1 } }
        return try await body()
    }

    /// Closes both connections after what waits is written, `transport.shutdown` at the latest,
    /// and gives the folder free; a second call returns at once.
    package func close() async {
        let isFirst = usage.withLock { usage in
            defer { usage.isClosed = true }
            return !usage.isClosed
        }
        guard isFirst else { return }
        await reader.close()
        await writer.finish(by: clock().moment + limits.transport.shutdown)
        for worker in workers { await worker.stop() }
        lock?.release()
    }
}
