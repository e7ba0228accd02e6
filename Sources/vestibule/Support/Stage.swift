// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// How far a simulated client's call has come, so that a script can wait for it.
final class Stage: Sendable {
    enum Mark: String, Sendable {
        case ringing
        case active
        case ended

        /// The panel has its directory.
        case directory

        /// What a call reaches, and a script waits for.
        static let ofCalls: [Mark] = [.ringing, .active, .ended]
    }

    /// How waiting for a mark came out.
    enum Outcome: Equatable, Sendable {
        case reached

        /// It cannot be reached any more, and why.
        case hopeless(String)

        /// The wait was cancelled.
        case cancelled
    }

    private struct Waiter {
        let mark: Mark
        let continuation: AsyncStream<Outcome>.Continuation
    }

    private struct State {
        var reached: Set<Mark> = []
        var isLive = false
        var waiters: [Waiter] = []
        var end: String?
    }

    private let state = Locked(State())

    /// Whether others ring here: then a call that ended may be followed by another.
    private let isRung: Bool

    init(isRung: Bool) {
        self.isRung = isRung
    }

    /// A new call: what the last one reached is over.
    func begin() {
        state.withLock { state in
            state.reached.subtract(Mark.ofCalls)
            state.isLive = true
        }
    }

    /// It has come so far.
    func enter(_ mark: Mark) {
        change { state in
            state.reached.insert(mark)
            if mark == .ended { state.isLive = false }
        }
    }

    /// No call can come any more.
    func end(_ reason: String) {
        change { $0.end = $0.end ?? reason }
    }

    /// Whether a call is under way.
    var isLive: Bool { state.withLock { $0.isLive } }

    /// Waits until the call has come so far, or cannot any more.
    func wait(for mark: Mark) async -> Outcome {
        let (stream, continuation) = AsyncStream<Outcome>.makeStream()
        change { $0.waiters.append(Waiter(mark: mark, continuation: continuation)) }
        for await outcome in stream { return outcome }
        return .cancelled
    }

    private func change(_ body: @Sendable (inout State) -> Void) {
        let due = state.withLock { state in
            body(&state)
            let all = state.waiters.map { ($0, outcome(for: $0.mark, in: state)) }
            state.waiters = all.filter { $0.1 == nil }.map(\.0)
            return all
        }
        for case (let waiter, let outcome?) in due {
            waiter.continuation.yield(outcome)
            waiter.continuation.finish()
        }
    }

    private func outcome(for mark: Mark, in state: State) -> Outcome? {
        if state.reached.contains(mark) { return .reached }
        if let end = state.end { return .hopeless(end) }
        let mayFollow = mark == .directory || isRung && mark == .ringing
        if state.reached.contains(.ended), !mayFollow {
            return .hopeless("the call ended before it was \(mark.rawValue)")
        }
        return nil
    }
}
