// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension PushQueue {
    mutating func submit(
        _ request: PushRequest,
        _ reason: String,
        _ now: Now,
        _ actions: inout [Action]
    ) {
        // Whether it is taken in or not: what it says of the ring holds.
        if request.notice.endsRing, let call = request.notice.call {
            overtake(Ringing(call: call, device: request.device), now, &actions)
        }
        guard !request.registrations.isEmpty else {
            actions.append(.report(Self.wayless(request, reason, now)))
            return
        }
        for registration in request.registrations {
            let job = Job(request, registration, lane: laneOf(registration), now)
            if isClosed {
                actions.append(.report(job.gaveUp(PushReason.shutdown, now)))
            } else if request.notice.remaining <= .zero {
                actions.append(.report(job.gaveUp(PushReason.expired, now)))
            } else if makeRoom(for: job, now, &actions) {
                add(job)
            } else {
                actions.append(.report(job.gaveUp(PushReason.inboxFull, now)))
            }
        }
    }

    /// Whether there is room for one more; what is urgent evicts what is not, the oldest first.
    private mutating func makeRoom(
        for job: Job,
        _ now: Now,
        _ actions: inout [Action]
    ) -> Bool {
        guard job.isUrgent else {
            return laterJobs < limits.laterInbox && jobs.count < limits.inbox
        }
        while jobs.count >= limits.inbox, let ticket = evictable.popFirst() {
            guard let later = jobs[ticket] else { continue }
            switch later.state {
            case .waiting, .pausing: end(ticket, later.gaveUp(PushReason.inboxFull, now), &actions)
            case .underWay: continue
            }
        }
        return jobs.count < limits.inbox
    }

    mutating func answer(
        _ ticket: Ticket,
        _ verdict: Verdict,
        _ now: Now,
        _ actions: inout [Action]
    ) {
        guard let job = jobs[ticket], case .underWay = job.state else { return }
        lanes.ended(isUrgent: job.isUrgent, in: job.lane)
        switch verdict {
        case .retry(let after, _):
            let pause = after ?? self.pause(before: job.tries + 1)
            again(ticket, job, verdict, after: pause, now, &actions)
        case .pause(let wanted, _):
            let pause = min(max(.zero, wanted), limits.lanePause)
            lanes.close(job.lane, until: now.moment + pause)
            again(ticket, job, verdict, after: pause, now, &actions)
        case .rejectedToken(_, let since?) where since < job.registration.registeredAt:
            end(ticket, job.gaveUp(PushReason.registeredSince, now), &actions)
        case .accepted, .rejectedToken, .failed:
            end(ticket, job.report(verdict, now, isFinal: true), &actions)
        }
    }

    /// Tries it again after a pause, if that is still of use.
    private mutating func again(
        _ ticket: Ticket,
        _ job: Job,
        _ verdict: Verdict,
        after pause: Duration,
        _ now: Now,
        _ actions: inout [Action]
    ) {
        let moment = now.moment + pause
        if job.isOvertaken {
            actions.append(.report(job.report(verdict, now, isFinal: false)))
            end(ticket, job.gaveUp(PushReason.overtaken, now), &actions)
        } else if !isClosed, job.tries < limits.attempts, moment < job.expires {
            actions.append(.report(job.report(verdict, now, isFinal: false)))
            set(.pausing(until: moment), of: ticket, timer: moment)
            if !job.isUrgent { evictable.append(ticket) }
        } else {
            end(ticket, job.report(verdict, now, isFinal: true), &actions)
        }
    }

    mutating func passTime(_ now: Now, _ actions: inout [Action]) {
        lanes.open(at: now.moment)
        while let (moment, ticket) = timers.popDue(now.moment) {
            guard let job = jobs[ticket] else { continue }
            switch job.state {
            case .waiting where job.expires <= now.moment:
                end(ticket, job.gaveUp(PushReason.expired, now), &actions)
            case .underWay(moment):
                answer(ticket, .retry(after: nil, reason: PushReason.noAnswer), now, &actions)
            case .pausing(moment):
                set(.waiting, of: ticket, timer: job.expires)
                enqueue(ticket, job)
            case .waiting, .underWay, .pausing:
                // A timer of a state that is over.
                continue
            }
        }
    }

    mutating func close(_ now: Now, _ actions: inout [Action]) {
        isClosed = true
        for ticket in jobs.keys.sorted() {
            guard let job = jobs[ticket] else { continue }
            switch job.state {
            case .waiting, .pausing: end(ticket, job.gaveUp(PushReason.shutdown, now), &actions)
            case .underWay: continue
            }
        }
    }

    mutating func startWhatMay(_ now: Now, _ actions: inout [Action]) {
        while let ticket = lanes.takeNext(limits) {
            guard let job = jobs[ticket], job.state == .waiting else { continue }
            let remaining = job.expires - now.moment
            guard remaining > .zero else {
                end(ticket, job.gaveUp(PushReason.expired, now), &actions)
                continue
            }
            start(ticket, job, remaining: remaining, now, &actions)
        }
    }

    /// Jobs end before their timers; a ring's would stay for 30 s, a missed call's for an hour.
    mutating func tidy() {
        if timers.count > 2 * jobs.count + 64 {
            timers = PushTimers()
            for (ticket, job) in jobs { timers.add(job.timer, ticket) }
        }
        if evictable.count > 2 * laterJobs + 64 {
            evictable = TicketQueue()
            for ticket in jobs.keys.sorted() where jobs[ticket]?.isUrgent == false {
                evictable.append(ticket)
            }
        }
    }

    private mutating func start(
        _ ticket: Ticket,
        _ job: Job,
        remaining: Duration,
        _ now: Now,
        _ actions: inout [Action]
    ) {
        let allowance = min(limits.attempt, remaining)
        let until = now.moment + allowance + limits.patience
        jobs[ticket]?.tries += 1
        lanes.began(isUrgent: job.isUrgent, in: job.lane)
        set(.underWay(until: until), of: ticket, timer: until)
        let notice = job.notice.handedOver(at: now.time, remaining: remaining)
        actions.append(
            .start(
                Attempt(
                    ticket: ticket,
                    tried: job.tries + 1,
                    notice: notice,
                    registration: job.registration,
                    allowance: allowance
                )
            )
        )
    }

    /// The rings that are pointless now: waiting ones end, the others are not repeated.
    mutating func overtake(_ ringing: Ringing, _ now: Now, _ actions: inout [Action]) {
        for ticket in rings[ringing] ?? [] {
            guard let job = jobs[ticket] else { continue }
            switch job.state {
            case .waiting, .pausing: end(ticket, job.gaveUp(PushReason.overtaken, now), &actions)
            case .underWay: jobs[ticket]?.isOvertaken = true
            }
        }
    }

    private mutating func add(_ job: Job) {
        lastTicket += 1
        jobs[lastTicket] = job
        if let ringing = job.ringing { rings[ringing, default: []].append(lastTicket) }
        if !job.isUrgent {
            laterJobs += 1
            evictable.append(lastTicket)
        }
        timers.add(job.expires, lastTicket)
        enqueue(lastTicket, job)
    }

    private mutating func enqueue(_ ticket: Ticket, _ job: Job) {
        lanes.append(ticket, isUrgent: job.isUrgent, to: job.lane)
    }

    private mutating func set(_ state: State, of ticket: Ticket, timer: Moment) {
        jobs[ticket]?.state = state
        timers.add(timer, ticket)
    }

    private mutating func end(
        _ ticket: Ticket,
        _ report: PushReport,
        _ actions: inout [Action]
    ) {
        actions.append(.report(report))
        guard let job = jobs.removeValue(forKey: ticket) else { return }
        if !job.isUrgent { laterJobs -= 1 }
        guard let ringing = job.ringing else { return }
        rings[ringing]?.removeAll { $0 == ticket }
        if rings[ringing]?.isEmpty == true { rings[ringing] = nil }
    }

    /// Half fixed, half drawn, so that what failed together is not tried again together.
    private mutating func pause(before attempt: Int) -> Duration {
        let longest = limits.pause.milliseconds << min(10, max(0, attempt - 2))
        return .milliseconds(longest / 2 + Int64.random(in: 0...longest / 2, using: &generator))
    }

    /// What is said of a request that is not even taken in.
    static func refusals(
        of request: PushRequest,
        because reason: String,
        _ now: Now
    ) -> [PushReport] {
        guard !request.registrations.isEmpty else { return [wayless(request, reason, now)] }
        return request.registrations.map { registration in
            Job(request, registration, lane: "", now).gaveUp(reason, now)
        }
    }

    private static func wayless(_ request: PushRequest, _ reason: String, _ now: Now) -> PushReport
    {
        PushReport(
            push: request.notice.push,
            device: request.device,
            property: request.notice.property,
            registration: nil,
            kind: request.notice.kind,
            call: request.notice.call,
            notifier: "none",
            verdict: .failed(reason: reason),
            at: now.time,
            tries: 0,
            isFinal: true
        )
    }
}

extension PushQueue.Job {
    init(_ request: PushRequest, _ registration: Registration, lane: String, _ now: Now) {
        notice = request.notice
        self.registration = registration
        device = request.device
        self.lane = lane
        isUrgent = request.isUrgent
        expires = now.moment + request.notice.remaining
        state = .waiting
    }

    /// The ring that something may overtake.
    var ringing: PushQueue.Ringing? {
        guard notice.kind == .ring, let call = notice.call else { return nil }
        return PushQueue.Ringing(call: call, device: device)
    }

    var timer: Moment {
        switch state {
        case .waiting: expires
        case .underWay(let moment), .pausing(let moment): moment
        }
    }

    func report(_ verdict: Verdict, _ now: Now, isFinal: Bool) -> PushReport {
        PushReport(
            push: notice.push,
            device: device,
            property: notice.property,
            registration: registration.id,
            kind: notice.kind,
            call: notice.call,
            notifier: registration.notifier,
            verdict: verdict,
            at: now.time,
            tries: tries,
            isFinal: isFinal
        )
    }

    func gaveUp(_ reason: String, _ now: Now) -> PushReport {
        report(.failed(reason: reason), now, isFinal: true)
    }
}
