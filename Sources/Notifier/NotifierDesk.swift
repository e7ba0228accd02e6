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
    private let report: @Sendable ([PushReport]) -> Void
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let book = Locked(Book())

    fileprivate struct Book {
        var counters = PushCounters()
        var inbox: [PushQueue.Input] = []

        /// Ways of the requests in there.
        var waiting = 0
        var isClosed = false
    }

    /// A desk that works while ``run()`` runs.
    ///
    /// `clock` is the boards' clock. `report` takes all reports of one turn of the desk's task, or
    /// those of a request that is refused, on the thread of who submits it; it must not wait.
    package init(
        notifiers: [any Notifier],
        limits: PushLimits,
        seed: UInt64,
        clock: @escaping @Sendable () -> Now,
        report: @escaping @Sendable ([PushReport]) -> Void
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
    /// Each way, or the device if it has none, gets one final report, whatever happens; so does a
    /// request that is refused because the desk is full or closed.
    package func submit(_ request: PushRequest) {
        let served = request.registrations.filter { registration in
            notifiers[registration.notifier]?.takes(request.notice.kind, for: registration) == true
        }
        let isKnown = request.registrations.isEmpty || !served.isEmpty
        let request = PushRequest(
            notice: request.notice,
            registrations: served,
            device: request.device,
            isUrgent: request.isUrgent
        )
        let reason = isKnown ? PushReason.noRegistration : PushReason.noNotifier
        let refusal = book.withLock { $0.take(request, reason: reason, limits) }
        if let refusal {
            refuse(request, because: refusal)
        } else {
            signal.yield()
        }
    }

    /// The ring is over for these devices: what waits or pauses of it is dropped, what is under way
    /// is not repeated.
    ///
    /// Any thread; overtakes everything, and is taken however full the desk is.
    package func silence(_ devices: [DeviceID], of call: CallID) {
        hand(.silenced(call, devices))
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
        let notifiers = notifiers
        let queue = PushQueue(limits: limits, seed: seed) { registration in
            notifiers[registration.notifier]?.lane(for: registration) ?? registration.notifier
        }
        var shift = Shift(queue: queue)
        await withDiscardingTaskGroup { group in
            for await _ in signals {
                work(&shift, &group)
                if shift.isClosing, shift.queue.count == 0 { break }
                arm(&shift, &group)
            }
            group.cancelAll()
        }
        // Cancelled or not, nothing that was taken in stays without a final report: all tries
        // have ended here, so their answers are in the inbox.
        book.withLock { $0.isClosed = true }
        var made: [PushReport] = []
        for input in [.closed] + takeInputs() {
            made += shift.queue.handle(input, at: clock()).reports
        }
        tell(made)
        for notifier in notifiers.values { await notifier.shutdown() }
    }
}

extension NotifierDesk.Book {
    /// Nil if it was taken, or why not.
    fileprivate mutating func take(
        _ request: PushRequest,
        reason: String,
        _ limits: PushLimits
    ) -> String? {
        counters.submitted += 1
        guard !isClosed else { return PushReason.shutdown }
        let ways = max(1, request.registrations.count)
        let most = request.isUrgent ? limits.inbox : limits.laterInbox
        guard waiting + ways <= most else { return PushReason.inboxFull }
        waiting += ways
        counters.pending += ways
        inbox.append(.submitted(request, reason: reason))
        return nil
    }

    fileprivate mutating func count(_ report: PushReport) {
        switch report.verdict {
        case .accepted: counters.accepted += 1
        case .rejectedToken: counters.rejectedTokens += 1
        case .retry, .pause: counters.retries += 1
        case .failed(let reason):
            counters.failed += 1
            if reason == PushReason.expired { counters.expired += 1 }
            if reason == PushReason.overtaken { counters.overtaken += 1 }
            if reason == PushReason.inboxFull { counters.refusedInboxFull += 1 }
            if reason == PushReason.shutdown { counters.refusedShutdown += 1 }
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
            defer {
                book.inbox = []
                book.waiting = 0
            }
            return book.inbox
        }
    }

    /// One turn: everything that came in, and one batch of reports.
    private func work(_ shift: inout Shift, _ group: inout DiscardingTaskGroup) {
        var made: [PushReport] = []
        for input in takeInputs() {
            if case .closed = input { shift.isClosing = true }
            let actions = shift.queue.handle(input, at: clock())
            for case .start(let attempt) in actions { start(attempt, &group) }
            made += actions.reports
        }
        tell(made)
    }

    private func tell(_ made: [PushReport]) {
        guard !made.isEmpty else { return }
        book.withLock { book in
            for report in made {
                book.count(report)
                if report.isFinal { book.counters.pending -= 1 }
            }
        }
        report(made)
    }

    private func refuse(_ request: PushRequest, because reason: String) {
        if request.notice.endsRing, let call = request.notice.call {
            silence([request.device], of: call)
        }
        let made = PushQueue.refusals(of: request, because: reason, clock())
        book.withLock { book in
            for report in made { book.count(report) }
        }
        report(made)
    }

    private func start(_ attempt: PushQueue.Attempt, _ group: inout DiscardingTaskGroup) {
        guard let notifier = notifiers[attempt.registration.notifier] else {
            preconditionFailure("a request is taken in only with notifiers that exist")
        }
        group.addTask { await self.carryOut(attempt, by: notifier) }
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

extension [PushQueue.Action] {
    fileprivate var reports: [PushReport] {
        compactMap { if case .report(let report) = $0 { report } else { nil } }
    }
}
