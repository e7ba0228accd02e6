// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// The in-memory twin of every store: the same rules, no threads, and faults on request.
///
/// What is appended is written and answered inside the call while the store is `prompt`; otherwise
/// it waits, in order, until somebody works through it with ``release(_:)``. Whoever drives it (a
/// simulation on a hand clock) thereby draws when the store answers, when it fails and what a
/// crash leaves.
package final class MemoryStore: Sendable {
    /// How the store behaves.
    package enum Condition: Sendable, Equatable {
        /// Writes and answers at once.
        case prompt

        /// Slow: writes what ``MemoryStore/release(_:)`` lets through.
        case held

        /// Another connection holds it: nothing is written, and all waits.
        case locked

        /// No space: nothing is written, and all waits.
        case full
    }

    struct State {
        var tables: MemoryTables
        var queue: LedgerQueue
        let pruneBatch: Int
        var condition = Condition.prompt
        var refusals = 0
        var refusal = ""
        var isWorking = false
    }

    let state: Locked<State>
    let clock: @Sendable () -> Now

    /// Makes an empty store; `clock` tells when a group's `notAfter` has passed.
    package init(limits: Limits = Limits(), clock: @escaping @Sendable () -> Now) {
        state = Locked(
            State(
                tables: MemoryTables(keyLife: limits.door.key),
                queue: LedgerQueue(limits: limits.ledger),
                pruneBatch: limits.ledger.pruneBatch
            )
        )
        self.clock = clock
    }

    /// Changes how it behaves; a store that is prompt again works through what waits.
    package func become(_ condition: Condition) {
        state.withLock { $0.condition = condition }
        if condition == .prompt { work(.max) }
    }

    /// Answers nothing until ``release(_:)`` or until it is prompt again.
    package func hold() { become(.held) }

    /// Works through the oldest `count` groups that wait; a store that is locked or full fails to,
    /// and only answers what has expired.
    package func release(_ count: Int = .max) { work(count) }

    /// Refuses the next `count` groups for good, as if they broke a constraint.
    package func failNext(_ count: Int, reason: String = "refused for a test") {
        state.withLock {
            $0.refusals = count
            $0.refusal = reason
        }
    }

    /// How many groups wait.
    package var waiting: Int { state.withLock { $0.queue.count } }

    /// What it did and what it is at.
    package var metrics: LedgerMetrics { state.withLock { $0.queue.metrics } }

    /// The process dies: what was answered stays, and the oldest `kept` groups that waited may have
    /// reached the disk without anybody having heard of it; the rest is gone, unanswered.
    package func crash(keeping kept: Int = 0) {
        let time = clock().time
        state.withLock { state in
            for waiting in state.queue.all.prefix(max(0, kept)) {
                // Refused ones would have been refused; nobody is there to be told.
                try? state.tables.write(waiting.group, at: time)
            }
            state.queue.forget()
            state.refusals = 0
            state.condition = .prompt
        }
    }

    /// One group after the other, each answered outside the lock before the next is written, so
    /// that answers are in order also where an answer appends.
    private func work(_ count: Int) {
        let isFirst = state.withLock { state in
            defer { state.isWorking = true }
            return !state.isWorking
        }
        // An answer that appends comes here while its own group is being worked through.
        guard isFirst else { return }
        var left = count
        while true {
            let due = step(left > 0)
            guard !due.isEmpty else { return }
            for answer in due { answer.give() }
            left -= due.count
        }
    }

    /// The answers of the next step; none ends the work, in the same breath in which that is
    /// noted, so that what another thread appends meanwhile does not lie there.
    private func step(_ goesOn: Bool) -> [LedgerQueue.Due] {
        let now = clock()
        return state.withLock { state in
            var due: [LedgerQueue.Due] = []
            if goesOn, let next = state.queue.all.first {
                if let fault = state.condition.fault {
                    due = state.queue.noteFailure(fault, at: now.moment)
                } else {
                    due = state.queue.settle([state.write(next, at: now)], at: now.moment)
                }
            }
            state.isWorking = !due.isEmpty
            return due
        }
    }
}

extension MemoryStore: Ledger {
    /// Queues a group.
    ///
    /// A prompt store answers before it returns; so does a full backlog.
    package func append(
        _ group: LedgerGroup,
        answer: @escaping @Sendable (LedgerAnswer) -> Void
    ) {
        let now = clock().moment
        let (refused, isPrompt) = state.withLock { state in
            (state.queue.add(group, at: now, answer: answer), state.condition == .prompt)
        }
        refused?.give()
        if isPrompt { work(.max) }
    }
}

extension MemoryStore.State {
    fileprivate mutating func write(
        _ waiting: LedgerQueue.Waiting,
        at now: Now
    ) -> LedgerAnswer {
        if waiting.isExpired(at: now.moment) { return .expired }
        if refusals > 0 {
            refusals -= 1
            return .refused(reason: refusal)
        }
        do throws(StoreError) {
            try tables.write(waiting.group, at: now.time)
            return .written
        } catch {
            return .refused(reason: "\(error)")
        }
    }
}

extension MemoryStore.Condition {
    /// Why nothing can be written.
    var fault: StoreError? {
        switch self {
        case .prompt, .held: nil
        case .locked: .locked
        case .full: .full
        }
    }
}
