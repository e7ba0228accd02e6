// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension PushQueue {
    mutating func submit(
        _ request: PushRequest,
        _ reason: String,
        _ now: Now,
        _ actions: inout [Action]
    ) {
        if request.notice.kind == .cancel, let call = request.notice.call {
            overtake(Ringing(call: call, device: request.device), now, &actions)
        }
        guard !request.registrations.isEmpty else {
            actions.append(.report(Self.wayless(request, reason, now)))
            return
        }
        for registration in request.registrations {
            let job = Job(
                notice: request.notice,
                registration: registration,
                device: request.device,
                expires: now.moment + request.notice.remaining,
                state: .waiting
            )
            if isClosed {
                actions.append(.report(job.gaveUp(PushReason.shutdown, now)))
            } else if request.notice.remaining <= .zero {
                actions.append(.report(job.gaveUp(PushReason.expired, now)))
            } else {
                add(job)
            }
        }
    }

    mutating func answer(
        _ ticket: Ticket,
        _ verdict: Verdict,
        _ now: Now,
        _ actions: inout [Action]
    ) {
        guard let job = jobs[ticket], case .underWay = job.state else { return }
        lanes[job.registration.notifier]?.underWay -= 1
        switch verdict {
        case .retry(let after, _):
            let moment = now.moment + (after ?? pause(before: job.tries + 1))
            if job.isOvertaken {
                end(ticket, job.report(verdict, now, isFinal: false), &actions)
                actions.append(.report(job.gaveUp(PushReason.overtaken, now)))
            } else if !isClosed, job.tries < limits.attempts, moment < job.expires {
                actions.append(.report(job.report(verdict, now, isFinal: false)))
                set(.pausing(until: moment), of: ticket, timer: moment)
            } else {
                end(ticket, job.report(verdict, now, isFinal: true), &actions)
            }
        case .rejectedToken(_, let since?) where since < job.registration.registeredAt:
            end(ticket, job.gaveUp(PushReason.registeredSince, now), &actions)
        case .accepted, .rejectedToken, .failed:
            end(ticket, job.report(verdict, now, isFinal: true), &actions)
        }
    }

    mutating func passTime(_ now: Now, _ actions: inout [Action]) {
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
        for name in lanes.keys.sorted() {
            while let ticket = takeNext(from: name) {
                guard let job = jobs[ticket], job.state == .waiting else { continue }
                let remaining = job.expires - now.moment
                guard remaining > .zero else {
                    end(ticket, job.gaveUp(PushReason.expired, now), &actions)
                    continue
                }
                start(ticket, job, remaining: remaining, now, &actions)
            }
        }
    }

    /// Jobs end before their timers; a ring's would stay for 30 s, a missed call's for an hour.
    mutating func tidyTimers() {
        guard timers.count > 2 * jobs.count + 64 else { return }
        timers = PushTimers()
        for (ticket, job) in jobs { timers.add(job.timer, ticket) }
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
        lanes[job.registration.notifier]?.underWay += 1
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

    private mutating func takeNext(from name: String) -> Ticket? {
        guard let lane = lanes[name], lane.underWay < limits.inFlight else { return nil }
        return lanes[name]?.urgent.popFirst() ?? lanes[name]?.later.popFirst()
    }

    /// The rings that a cancel makes pointless: waiting ones end, the others are not repeated.
    private mutating func overtake(_ ringing: Ringing, _ now: Now, _ actions: inout [Action]) {
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
        timers.add(job.expires, lastTicket)
        enqueue(lastTicket, job)
    }

    private mutating func enqueue(_ ticket: Ticket, _ job: Job) {
        if job.notice.kind.isUrgent {
            lanes[job.registration.notifier, default: Lane()].urgent.append(ticket)
        } else {
            lanes[job.registration.notifier, default: Lane()].later.append(ticket)
        }
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
        guard let ringing = jobs.removeValue(forKey: ticket)?.ringing else { return }
        rings[ringing]?.removeAll { $0 == ticket }
        if rings[ringing]?.isEmpty == true { rings[ringing] = nil }
    }

    /// Half fixed, half drawn, so that what failed together is not tried again together.
    private mutating func pause(before attempt: Int) -> Duration {
        let longest = limits.pause.milliseconds << min(10, max(0, attempt - 2))
        return .milliseconds(longest / 2 + Int64.random(in: 0...longest / 2, using: &generator))
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
    /// The ring that a cancel may overtake.
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
