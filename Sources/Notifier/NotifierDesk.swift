// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// The bounded desk between the boards, which must not wait, and the notifiers, which are slow.
///
/// ``PushQueue`` decides, this carries out: one task owns the queue and performs its actions in
/// order, each try is a child task of its own.
package final class NotifierDesk: Sendable {
    private let notifiers: [String: any Notifier]
    private let limits: PushLimits
    private let clock: @Sendable () -> Now
    private let seed: UInt64
    private let report: @Sendable (PushReport) -> Void
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let book = Locked(Book())

    fileprivate struct Book {
        var counters = PushCounters()
        var inbox: [PushQueue.Input] = []
        var isClosed = false
    }

    /// A desk that works while ``run()`` runs.
    ///
    /// `clock` is the boards' clock; `report` is called from the desk's task, one report at a time,
    /// and must not wait.
    package init(
        notifiers: [any Notifier],
        limits: PushLimits,
        seed: UInt64,
        clock: @escaping @Sendable () -> Now,
        report: @escaping @Sendable (PushReport) -> Void
    ) {
        self.notifiers = Dictionary(
            notifiers.map { ($0.name, $0) },
            uniquingKeysWith: { _, second in
                preconditionFailure("two notifiers are called \(second.name)")
            }
        )
        self.limits = limits
        self.clock = clock
        self.seed = seed
        self.report = report
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What was done so far; any thread.
    package var counters: PushCounters { book.withLock { $0.counters } }

    /// Takes a request in; any thread, never waits.
    ///
    /// False if the desk holds ``PushLimits/inbox`` notices already or was closed: nothing will be
    /// reported of this one, the refusal is counted.
    package func submit(_ request: PushRequest) -> Bool {
        let served = request.registrations.filter { registration in
            notifiers[registration.notifier]?.takes(request.notice.kind, for: registration) == true
        }
        let isKnown = request.registrations.isEmpty || !served.isEmpty
        let request = PushRequest(
            notice: request.notice,
            registrations: served,
            device: request.device
        )
        let isTaken = book.withLock { book in
            book.take(
                .submitted(
                    request,
                    reason: isKnown ? PushReason.noRegistration : PushReason.noNotifier
                ),
                jobs: max(1, served.count),
                inbox: limits.inbox
            )
        }
        if isTaken { signal.yield() }
        return isTaken
    }

    /// Takes nothing more in.
    ///
    /// What waits is given up, what is under way may end. Any thread.
    package func close() {
        book.withLock { $0.isClosed = true }
        hand(.closed)
    }

    /// Works until the desk is closed and its last try has ended.
    ///
    /// Or until its task is cancelled, which gives up those tries too. Then it shuts the notifiers
    /// down. Called once.
    package func run() async {
        var shift = Shift(queue: PushQueue(limits: limits, seed: seed))
        await withDiscardingTaskGroup { group in
            for await _ in signals {
                for input in takeInputs() {
                    if case .closed = input { shift.isClosing = true }
                    perform(shift.queue.handle(input, at: clock()), &group)
                }
                if shift.isClosing, shift.queue.count == 0 { break }
                arm(&shift, &group)
            }
            group.cancelAll()
        }
        // Cancelled or not, nothing that was taken in stays without a final report: all tries
        // have ended here, so their answers are in the inbox.
        book.withLock { $0.isClosed = true }
        for input in [.closed] + takeInputs() {
            for case .report(let made) in shift.queue.handle(input, at: clock()) { tell(made) }
        }
        for notifier in notifiers.values { await notifier.shutdown() }
    }
}

extension NotifierDesk.Book {
    fileprivate mutating func take(_ input: PushQueue.Input, jobs: Int, inbox limit: Int) -> Bool {
        guard !isClosed else {
            counters.refusedShutdown += 1
            return false
        }
        guard counters.pending + jobs <= limit else {
            counters.refusedInboxFull += 1
            return false
        }
        counters.submitted += 1
        counters.pending += jobs
        inbox.append(input)
        return true
    }

    fileprivate mutating func count(_ report: PushReport) {
        if report.isFinal { counters.pending -= 1 }
        switch report.verdict {
        case .accepted: counters.accepted += 1
        case .rejectedToken: counters.rejectedTokens += 1
        case .retry: counters.retries += 1
        case .failed(let reason):
            counters.failed += 1
            if reason == PushReason.expired { counters.expired += 1 }
            if reason == PushReason.overtaken { counters.overtaken += 1 }
        }
    }
}

extension NotifierDesk {
    /// What the task of ``run()`` has in hand.
    private struct Shift {
        var queue: PushQueue
        var armed: Moment?
        var isClosing = false
    }

    private func hand(_ input: PushQueue.Input) {
        book.withLock { $0.inbox.append(input) }
        signal.yield()
    }

    private func takeInputs() -> [PushQueue.Input] {
        book.withLock { book in
            defer { book.inbox = [] }
            return book.inbox
        }
    }

    private func tell(_ made: PushReport) {
        book.withLock { $0.count(made) }
        report(made)
    }

    private func perform(_ actions: [PushQueue.Action], _ group: inout DiscardingTaskGroup) {
        for action in actions {
            switch action {
            case .report(let made):
                tell(made)
            case .start(let attempt):
                guard let notifier = notifiers[attempt.registration.notifier] else {
                    preconditionFailure("a request is taken in only with notifiers that exist")
                }
                group.addTask { await self.carryOut(attempt, by: notifier) }
            }
        }
    }

    /// One try: the verdict goes into the inbox as soon as it is there; a notifier that overstays
    /// is cancelled (the queue has given it up by then).
    private func carryOut(_ attempt: PushQueue.Attempt, by notifier: any Notifier) async {
        await withTaskGroup { race in
            race.addTask {
                let verdict = await notifier.send(
                    attempt.notice,
                    to: attempt.registration,
                    within: attempt.allowance
                )
                self.hand(.answered(attempt.ticket, tried: attempt.tried, verdict))
            }
            race.addTask { try? await Task.sleep(for: attempt.allowance + self.limits.patience) }
            await race.next()
            race.cancelAll()
        }
    }

    /// Sleeps until the queue wants to be woken, unless an earlier waking is on its way.
    private func arm(_ shift: inout Shift, _ group: inout DiscardingTaskGroup) {
        let now = clock().moment
        if let armed = shift.armed, armed <= now { shift.armed = nil }
        guard let next = shift.queue.next, next < shift.armed ?? Moment(nanoseconds: .max) else {
            return
        }
        shift.armed = next
        group.addTask {
            var left = next - now
            // Not a moment too early, by the boards' clock: what is armed would look pending then.
            while left > .zero, !Task.isCancelled {
                try? await Task.sleep(for: left)
                left = next - self.clock().moment
            }
            self.hand(.timePassed)
        }
    }
}
