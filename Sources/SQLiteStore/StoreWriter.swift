// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics
import VestibuleEventLoop
import VestibuleStorage

/// The writer's connection, on a worker of its own: one transaction for all that waits, tried
/// again, in order, while the store is locked or full.
///
/// Changes of the directory come between two transactions of the ledger, as jobs of this actor.
actor StoreWriter {
    private struct Inbox {
        var queue: LedgerQueue
        var isScheduled = false
    }

    private nonisolated let worker: Worker
    private nonisolated let inbox: Locked<Inbox>
    private nonisolated let limits: LedgerLimits
    private nonisolated let clock: @Sendable () -> Now
    private let connection: Connection
    private var record: RecordWriter?

    /// Pages of the log that a checkpoint has seen.
    private var checkpointed = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        worker.asUnownedSerialExecutor()
    }

    init(
        worker: Worker,
        connection: sending Connection,
        limits: Limits,
        clock: @escaping @Sendable () -> Now
    ) throws(StoreError) {
        self.worker = worker
        self.limits = limits.ledger
        self.clock = clock
        inbox = Locked(Inbox(queue: LedgerQueue(limits: limits.ledger)))
        record = try RecordWriter(connection, keyLife: limits.door.key)
        self.connection = connection
    }

    /// What the ledger did and what it is at; any thread.
    nonisolated var metrics: LedgerMetrics { inbox.withLock { $0.queue.metrics } }

    /// Queues a group; any thread, never blocks.
    nonisolated func append(
        _ group: LedgerGroup,
        answer: @escaping @Sendable (LedgerAnswer) -> Void
    ) {
        let now = clock().moment
        let (refused, isFirst) = inbox.withLock { inbox in
            let refused = inbox.queue.add(group, at: now, answer: answer)
            defer { if refused == nil { inbox.isScheduled = true } }
            return (refused, refused == nil && !inbox.isScheduled)
        }
        refused?.give()
        if isFirst { schedule() }
    }

    /// Runs `body` with the connection, on the worker.
    func run<Result: Sendable>(
        _ body: @Sendable (Connection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        defer { checkpoint() }
        return try body(connection)
    }

    /// A commit that changes nothing, so that the first of a call is not the first of all: the
    /// log's file is there, statements and coders have run.
    ///
    /// What fails here fails again where it matters.
    func rehearse() {
        guard let record else { return }
        let time = clock().time
        try? connection.transaction(Connection.writing) { () throws(StoreError) in
            try record.rehearse(Rehearsal.groups(at: time), at: time)
            // Writes its page though nothing changes.
            try connection.execute("PRAGMA user_version = \(Schema.version)")
        }
    }

    /// Takes nothing more, writes what waits until `deadline`, refuses the rest, and closes the
    /// connection.
    func finish(by deadline: Moment) {
        inbox.withLock { $0.queue.close("the store is closed") }
        while !isIdle, clock().moment < deadline { writeBatch() }
        let now = clock().moment
        let due = inbox.withLock { $0.queue.refuseAll("the store was closed", at: now) }
        for answer in due { answer.give() }
        record = nil
        connection.close()
    }

    private var isIdle: Bool { inbox.withLock { $0.queue.isEmpty } }

    /// A turn of the worker for the next transaction; others get theirs in between.
    private nonisolated func schedule() {
        let isTaken = worker.submit { self.assumeIsolated { $0.turn() } }
        precondition(isTaken || isClosed, "the writer's inbox holds one turn at a time")
    }

    private nonisolated var isClosed: Bool { inbox.withLock { $0.queue.isClosed } }

    private func turn() {
        writeBatch()
        checkpoint()
        let goesOn = inbox.withLock { inbox in
            inbox.isScheduled = !inbox.queue.isEmpty
            return inbox.isScheduled
        }
        if goesOn { schedule() }
    }

    private func writeBatch() {
        let batch = inbox.withLock { $0.queue.batch() }
        guard !batch.isEmpty else { return }
        let begun = clock().moment
        do throws(StoreError) {
            let answers = try write(batch)
            let now = clock().moment
            let due = inbox.withLock { $0.queue.settle(answers, at: now, took: now - begun) }
            for answer in due { answer.give() }
        } catch {
            let now = clock().moment
            let due = inbox.withLock { $0.queue.noteFailure(error, at: now) }
            for answer in due { answer.give() }
            // A statement that found the store locked has waited already.
            if error != .locked { pause(limits.retry) }
        }
    }

    /// Moves the log into the database when enough of it waits, after the answers.
    ///
    /// Not put off while more is to be written: what waits then would wait longer.
    private func checkpoint() {
        let pages = connection.logPages
        // It began anew.
        if pages < checkpointed { checkpointed = 0 }
        let fresh = pages - checkpointed
        guard fresh >= limits.checkpoint else { return }
        connection.checkpoint()
        checkpointed = pages
    }

    /// One transaction: answers only when it is durable.
    private func write(_ batch: [LedgerQueue.Waiting]) throws(StoreError) -> [LedgerAnswer] {
        guard let record else { throw .failed(detail: "the store is closed") }
        return try connection.transaction(Connection.writing) { () throws(StoreError) in
            var answers: [LedgerAnswer] = []
            answers.reserveCapacity(batch.count)
            for waiting in batch {
                let now = clock()
                answers.append(
                    waiting.isExpired(at: now.moment)
                        ? .expired : try record.write(waiting.group, at: now.time)
                )
            }
            return answers
        }
    }

    private func pause(_ duration: Duration) {
        let nanoseconds = max(0, duration.nanoseconds)
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000)
        )
        nanosleep(&time, nil)
    }
}
