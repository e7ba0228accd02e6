// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
package import CVestibuleUV
package import VestibuleBasics

/// Why a loop cannot be had.
package enum EventLoopError: Error, Equatable, CustomStringConvertible {
    /// The system refused, most likely for want of descriptors.
    case unavailable(String)

    package var description: String {
        switch self {
        case .unavailable(let reason): "no event loop: \(reason)"
        }
    }
}

/// One thread that sleeps in one epoll(7), one serial executor and one task executor.
///
/// WebSockets hang on it directly (``LoopSocket``); libuv, on which libwebsockets and libcurl hang
/// their own, is its guest: the loop sleeps for it too, and lets it run when it has something to do.
///
/// Everything that lives on a loop (sockets, timers, sessions, calls) is touched on its thread
/// only, by callbacks and by jobs. Work from elsewhere comes in by ``submit(_:)``, ``run(_:)`` or
/// as the jobs of actors whose executor this is, first in first out, one wake per batch.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private enum Phase {
        case idle
        case running
        case ended
        /// Ended, and a short-lived thread runs what came too late.
        case epilogue
    }

    private struct Inbox {
        var phase = Phase.idle
        var work: [Work] = []

        /// The bell was rung for what waits.
        var isRung = false

        /// The loop looks here by itself within ``Attention/patience``.
        var isWatched = false

        /// How much of what waits has that much time.
        var unhurried = 0
        var wakes: UInt64 = 0
        var stalls = RecentMost()
    }

    /// The name of its thread.
    package let name: String

    /// The guest, for the rooms that hang handles of their own on it; on the loop only.
    package let uv: UnsafeMutablePointer<uv_loop_t>

    /// How long a turn under load may be stretched so that frames of many calls share a wake;
    /// zero turns that off.
    package let pace: Duration

    let sockets: LoopSockets
    private let thread = NamedThread()
    private let inbox = Locked(Inbox())

    // Below: touched on the loop only.
    var ready: [Work] = []
    var spare: [Work] = []
    var timers = TimerHeap()
    var hooks: [Hook] = []
    var lastHook: UInt64 = 0
    var pacer: Pacer
    var attention = Attention()
    /// The moment of this turn, once it was asked for.
    var turnMoment: Moment?
    private var isStopping = false
    private var isOpen = true

    /// How long its turns were, to about a millisecond: libuv's clock, which says when one began,
    /// has no finer one; on the loop only.
    package internal(set) var turns = LatencyHistogram(bounds: EventLoop.turnBounds)

    /// The longest turn since ``takeLongestTurn()``, in nanoseconds.
    var longestTurn: Int64 = 0

    /// Makes the loop; nothing runs before ``start()``.
    package init(name: String, pace: Duration = .zero) throws(EventLoopError) {
        vestibule_ignore_broken_pipes()
        self.name = name
        self.pace = pace
        pacer = Pacer(pace: pace)
        uv = .allocate(capacity: 1)
        let failure = uv_loop_init(uv)
        guard failure == 0 else {
            uv.deallocate()
            throw .unavailable(String(cString: uv_strerror(failure)))
        }
        do throws(EventLoopError) {
            sockets = try LoopSockets(guests: uv_backend_fd(uv))
        } catch {
            uv_loop_close(uv)
            uv.deallocate()
            throw error
        }
    }

    deinit {
        if isOpen { closeUV() }
        sockets.close()
        uv.deallocate()
    }

    /// Starts the loop's thread; once.
    package func start() {
        inbox.withLock { inbox in
            precondition(inbox.phase == .idle, "A loop is started once")
            inbox.phase = .running
        }
        thread.start(name: name, owner: identity) { self.main() }
    }

    /// Lets the loop run until all its sockets and the handles of its guests are closed, then ends
    /// and joins its thread; idempotent, any thread.
    ///
    /// Whoever put a socket or a handle on the loop takes it off: a forgotten one keeps the loop alive. Jobs that
    /// come after the end still run, one by one, on a thread that stands in for the loop.
    package func stop() async {
        let phase = inbox.withLock { $0.phase }
        guard phase != .idle else { return }
        if phase == .running { submit { self.isStopping = true } }
        await thread.end()
    }

    /// Whether the caller is on the loop's thread; one load.
    package var isCurrent: Bool { vestibule_current_executor() == identity }

    private var identity: UnsafeRawPointer {
        UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    }

    /// Runs `job` on the loop, after what was submitted before; any thread.
    package func submit(_ job: @escaping @Sendable () -> Void) {
        append(.closure(job))
    }

    /// The same for a job that has a millisecond: while many of those come the loop looks for them
    /// by itself, and nobody rings for each; any thread.
    ///
    /// To be woken costs a loop more than to pass a frame on.
    package func submitUnhurried(_ job: @escaping @Sendable () -> Void) {
        append(.closure(job), isUnhurried: true)
    }

    /// Runs `body` on the loop and answers with its result; any thread.
    package func run<T: Sendable>(
        _ body: @escaping @Sendable () throws -> T
    ) async throws -> T {
        try await withThrowingHandoff { continuation in
            submit { continuation.resume(with: Result { try body() }) }
        }
    }

    private func append(_ work: Work, isUnhurried: Bool = false) {
        if isCurrent {
            ready.append(work)
            return
        }
        let late = inbox.withLock { inbox in
            inbox.work.append(work)
            if isUnhurried { inbox.unhurried += 1 }
            switch inbox.phase {
            case .running:
                // Rung under the lock: the bell is closed only after the phase has changed.
                if !inbox.isRung, !(isUnhurried && inbox.isWatched) {
                    inbox.isRung = true
                    inbox.wakes &+= 1
                    sockets.ring()
                }
                return false
            case .ended:
                inbox.phase = .epilogue
                return true
            case .idle, .epilogue:
                return false
            }
        }
        if late { startEpilogue() }
    }

    /// Moves what others submitted to what is ready; they are told in the same step whether they
    /// are to ring for more.
    func takeInbox() {
        inbox.withLock { inbox in
            attention.found(inbox.unhurried)
            inbox.unhurried = 0
            inbox.isRung = false
            inbox.isWatched = attention.isOn
            if ready.isEmpty {
                swap(&ready, &inbox.work)
            } else {
                ready.append(contentsOf: inbox.work)
                inbox.work.removeAll(keepingCapacity: true)
            }
        }
    }

    private func main() {
        // What was submitted before the start rang no bell.
        takeInbox()
        repeat { turn() } while !finish()
    }

    /// Closes the loop unless something came in meanwhile.
    private func finish() -> Bool {
        guard isStopping, ready.isEmpty, sockets.isEmpty, uv_loop_alive(uv) == 0 else {
            return false
        }
        let ended = inbox.withLock { inbox in
            if inbox.work.isEmpty { inbox.phase = .epilogue }
            return inbox.work.isEmpty
        }
        if ended {
            closeUV()
            runLate()
        }
        return ended
    }

    private func closeUV() {
        isOpen = false
        uv_run(uv, UV_RUN_NOWAIT)
        if uv_loop_close(uv) == 0 { return }
        // A library may have lost an inactive handle.
        uv_walk(
            uv,
            { handle, _ in
                if let handle, uv_is_closing(handle) == 0 { uv_close(handle, nil) }
            },
            nil
        )
        uv_run(uv, UV_RUN_DEFAULT)
        let failure = uv_loop_close(uv)
        precondition(failure == 0, "A handle on \(name) cannot be closed")
    }

    private func startEpilogue() {
        NamedThread().start(name: name, owner: identity, isJoined: false) { self.runLate() }
    }

    /// Runs what came after the end, until there is no more.
    private func runLate() {
        var more = true
        while more {
            takeInbox()
            runReady()
            more = inbox.withLock { inbox in
                let isDone = inbox.work.isEmpty && ready.isEmpty
                if isDone { inbox.phase = .ended }
                return !isDone
            }
        }
    }
}

extension EventLoop {
    /// An actor's or a task's job.
    package func enqueue(_ job: consuming ExecutorJob) {
        append(.job(UnownedJob(job)))
    }

    package func checkIsolated() {
        precondition(isCurrent, "This belongs on the loop \(name)")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    static let turnBounds: [Duration] = [
        .milliseconds(1), .microseconds(2_500), .milliseconds(5), .milliseconds(10),
        .milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(250),
        .milliseconds(500), .seconds(1), .milliseconds(2_500), .seconds(10),
    ]

    /// How often another thread woke the loop since its start; any thread.
    package var wakes: UInt64 { inbox.withLock { $0.wakes } }

    /// Turns of more than 2 ms, lately and since the start, in nanoseconds (to about a
    /// millisecond): how long a socket may have waited for its loop; any thread.
    package var stalls: RecentMost { inbox.withLock { $0.stalls } }

    /// The longest turn since this was last asked, for the one who lives on the loop; on the loop
    /// only.
    package func takeLongestTurn() -> Duration {
        defer { longestTurn = 0 }
        return .nanoseconds(longestTurn)
    }

    /// Writes down a long turn.
    func noteStall(_ nanoseconds: Int64) {
        let now = Self.readMoment()
        inbox.withLock { $0.stalls.see(nanoseconds, at: now) }
    }
}
