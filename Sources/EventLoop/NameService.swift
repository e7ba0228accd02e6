// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Why a name could not be looked up.
package struct NameFailure: Error, Equatable, Sendable {
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}

/// Looks host names up on threads of its own, because the system's `getaddrinfo` blocks.
///
/// Everything is bounded: threads, names that wait, who waits for one name, and what is
/// remembered. Who asks for a name that is being looked up joins that lookup. Any thread; the
/// threads are started by the first name.
package final class NameService: Sendable {
    /// Numeric addresses in the order to try them, none if there is nobody of that name.
    package typealias Answer = Result<[String], NameFailure>
    package typealias Taker = @Sendable (Answer) -> Void

    /// What is allowed, each with its cost.
    package struct Bounds: Sendable {
        /// Threads; a name server that does not answer holds one for half a minute.
        package var threads = 2

        /// Names that wait or are in hand; more are refused.
        package var names = 256

        /// Who may wait for one name; more are refused, so that one dead name holds up few.
        package var perName = 64

        /// Names remembered, the oldest forgotten first, and for how long.
        ///
        /// Longer serves more from memory and notices a moved host later. Failures and names
        /// without addresses are not remembered.
        package var remembered = 256
        package var memory: Duration = .seconds(30)

        package init() {}
    }

    private struct Question {
        var takers: [UInt64: Taker] = [:]
        var isInHand = false
    }

    private struct Memory {
        let addresses: [String]
        let until: Moment
    }

    private struct State {
        var workers: [Worker] = []
        var questions: [String: Question] = [:]
        var waiting: [String] = []
        var idle: [Int] = []
        var lastTaker: UInt64 = 0
        var memories: [String: Memory] = [:]
        var isStopped = false
    }

    private let bounds: Bounds
    private let clock: @Sendable () -> Moment
    private let lookUp: @Sendable (String) -> Answer
    private let state: Locked<State>

    /// A service over the system's resolver, or over another `lookUp`, which may block.
    package init(
        bounds: Bounds = Bounds(),
        clock: @escaping @Sendable () -> Moment = { EventLoop.readMoment() },
        lookUp: @escaping @Sendable (String) -> Answer = { SystemNames.lookUp($0) }
    ) {
        precondition(bounds.threads > 0, "somebody has to look names up")
        self.bounds = bounds
        self.clock = clock
        self.lookUp = lookUp
        state = Locked(State())
    }

    deinit {
        for worker in state.withLock({ $0.workers }) { worker.abandon() }
    }

    /// Calls `found` once, at once or from a thread of the service; never after the returned
    /// lookup was cancelled.
    package func find(_ name: String, _ found: @escaping Taker) -> NameLookup {
        let now = clock()
        let (answer, number) = state.withLock { state in
            ask(name, found, at: now, &state)
        }
        if let answer { found(answer) }
        return NameLookup { [weak self] in
            if let number { self?.drop(number, of: name) }
        }
    }

    /// Answers everybody who waits with a failure, and leaves the threads to what they have in
    /// hand, which may block for long; again does no harm.
    package func stop() {
        let (takers, workers) = state.withLock { state in
            state.isStopped = true
            defer {
                state.questions = [:]
                state.waiting = []
                state.memories = [:]
                state.workers = []
            }
            return (state.questions.values.flatMap(\.takers.values), state.workers)
        }
        for worker in workers { worker.abandon() }
        for taker in takers { taker(.failure(NameFailure("stopped"))) }
    }

    private func ask(
        _ name: String,
        _ found: @escaping Taker,
        at now: Moment,
        _ state: inout State
    ) -> (Answer?, UInt64?) {
        if state.isStopped { return (.failure(NameFailure("stopped")), nil) }
        if let memory = state.memories[name] {
            if now < memory.until { return (.success(memory.addresses), nil) }
            state.memories[name] = nil
        }
        let isNew = state.questions[name] == nil
        guard isNew ? state.questions.count < bounds.names : true else {
            return (.failure(NameFailure("too many names to look up")), nil)
        }
        guard (state.questions[name]?.takers.count ?? 0) < bounds.perName else {
            return (.failure(NameFailure("too many wait for this name")), nil)
        }
        state.lastTaker += 1
        state.questions[name, default: Question()].takers[state.lastTaker] = found
        if isNew {
            state.waiting.append(name)
            wake(&state)
        }
        return (nil, state.lastTaker)
    }

    /// Sends an idle thread to work, if there is one.
    private func wake(_ state: inout State) {
        if state.workers.isEmpty {
            state.workers = (0..<bounds.threads).map { Worker(name: "names-\($0)", capacity: 1) }
            state.idle = Array(0..<bounds.threads)
        }
        guard let index = state.idle.popLast() else { return }
        let isTaken = state.workers[index].submit { [self] in work(as: index) }
        precondition(isTaken, "an idle worker takes a job")
    }

    /// Looks up what waits until nothing does; on a thread of the service.
    private func work(as index: Int) {
        while let name = next(for: index) {
            let answer = lookUp(name)
            let now = clock()
            let takers = state.withLock { finish(name, answer, at: now, &$0) }
            for taker in takers { taker(answer) }
        }
    }

    private func next(for index: Int) -> String? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.idle.append(index)
                return nil
            }
            let name = state.waiting.removeFirst()
            state.questions[name]?.isInHand = true
            return name
        }
    }

    private func finish(
        _ name: String,
        _ answer: Answer,
        at now: Moment,
        _ state: inout State
    ) -> [Taker] {
        guard !state.isStopped else { return [] }
        if case .success(let addresses) = answer, !addresses.isEmpty {
            if state.memories.count >= bounds.remembered,
                let oldest = state.memories.min(by: { $0.value.until < $1.value.until })
            {
                state.memories[oldest.key] = nil
            }
            state.memories[name] = Memory(addresses: addresses, until: now + bounds.memory)
        }
        return state.questions.removeValue(forKey: name).map { Array($0.takers.values) } ?? []
    }

    /// Nobody waits for a name any more that is not in hand yet: it is not looked up.
    private func drop(_ number: UInt64, of name: String) {
        let dropped = state.withLock { state in
            let taker = state.questions[name]?.takers.removeValue(forKey: number)
            if let question = state.questions[name], question.takers.isEmpty, !question.isInHand {
                state.questions[name] = nil
                state.waiting.removeAll { $0 == name }
            }
            return taker
        }
        withExtendedLifetime(dropped) {}
    }
}

/// A question to a ``NameService``, which may be taken back.
package struct NameLookup: Sendable {
    private let drop: @Sendable () -> Void

    /// `drop` is called for each ``cancel()``.
    package init(_ drop: @escaping @Sendable () -> Void = {}) {
        self.drop = drop
    }

    /// Whoever asked does not wait any more; again, or after the answer, it does nothing.
    package func cancel() { drop() }
}
