// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import Glibc
import VestibuleBasics

/// Why a worker did not take a job.
package enum WorkerError: Error, Equatable {
    /// Its inbox holds as much as it may.
    case full

    /// It was stopped.
    case stopped
}

/// A named thread for work that blocks or takes long, with a bounded inbox.
///
/// Also a serial executor, for an actor that wraps something slow; an actor's jobs are never
/// refused, so such an actor bounds its callers itself.
package final class Worker: SerialExecutor, @unchecked Sendable {
    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct Inbox {
        var work: [Work] = []
        var closures = 0
        var stopping = false
        var ended = false
        var epilogue = false
    }

    /// The name of its thread.
    package let name: String

    /// How many submitted jobs may wait.
    package let capacity: Int

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var inbox = Inbox()
    private let thread = NamedThread()

    /// Starts the thread.
    package init(name: String, capacity: Int) {
        self.name = name
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
        thread.start(name: name, owner: identity) { self.main() }
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Whether the caller is on the worker's thread.
    package var isCurrent: Bool { vestibule_current_executor() == identity }

    private var identity: UnsafeRawPointer {
        UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    }

    /// Runs `job` after what was submitted before; false if the inbox is full or the worker was
    /// stopped.
    ///
    /// Any thread.
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        withLock {
            guard !inbox.stopping, inbox.closures < capacity else { return false }
            inbox.closures += 1
            inbox.work.append(.closure(job))
            pthread_cond_signal(condition)
            return true
        }
    }

    /// Runs `body` on the worker and answers with its result.
    ///
    /// Throws ``WorkerError`` if it was not taken. Any thread.
    package func run<T: Sendable>(
        _ body: @escaping @Sendable () throws -> T
    ) async throws -> T {
        try await withThrowingHandoff { continuation in
            if !submit({ continuation.resume(with: Result { try body() }) }) {
                continuation.resume(throwing: isStopped ? WorkerError.stopped : .full)
            }
        }
    }

    /// Jobs that wait now, for metrics; any thread.
    package var backlog: Int { withLock { inbox.work.count } }

    /// Takes no more jobs, finishes what waits, ends and joins the thread; idempotent.
    package func stop() async {
        withLock {
            inbox.stopping = true
            pthread_cond_signal(condition)
        }
        await thread.end()
    }

    /// Takes no more jobs, forgets those that wait, and leaves the thread to whatever it has in
    /// hand; idempotent, any thread.
    ///
    /// For work that may block for longer than anyone wants to wait for it. Jobs of actors are
    /// still run.
    package func abandon() {
        // Let go outside the lock: what a job holds may end with it.
        let forgotten = withLock {
            inbox.stopping = true
            inbox.closures = 0
            let waiting = inbox.work
            inbox.work = waiting.filter { if case .job = $0 { true } else { false } }
            pthread_cond_signal(condition)
            return waiting
        }
        thread.letGo()
        withExtendedLifetime(forgotten) {}
    }

    /// An actor's job.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let late = withLock {
            inbox.work.append(.job(job))
            pthread_cond_signal(condition)
            defer { if inbox.ended { inbox.epilogue = true } }
            return inbox.ended && !inbox.epilogue
        }
        // An actor may be resumed after the worker has ended; its job must still run.
        if late {
            NamedThread().start(name: name, owner: identity, isJoined: false) { self.main() }
        }
    }

    package func checkIsolated() {
        precondition(isCurrent, "This belongs on the worker \(name)")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isStopped: Bool { withLock { inbox.stopping } }

    private func main() {
        var batch: [Work] = []
        while take(&batch) {
            for work in batch { perform(work) }
            batch.removeAll(keepingCapacity: true)
        }
    }

    /// Waits for work; false when there is none left and the worker was stopped.
    private func take(_ batch: inout [Work]) -> Bool {
        withLock {
            while inbox.work.isEmpty {
                if inbox.stopping {
                    inbox.ended = true
                    inbox.epilogue = false
                    return false
                }
                pthread_cond_wait(condition, mutex)
            }
            // One at a time, so that the bound counts what has not begun.
            batch.append(inbox.work.removeFirst())
            if case .closure = batch[0] { inbox.closures -= 1 }
            return true
        }
    }

    private func perform(_ work: Work) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
        case .closure(let closure): closure()
        }
    }

    private func withLock<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
