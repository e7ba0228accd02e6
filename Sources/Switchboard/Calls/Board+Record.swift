// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage

/// Written before told: the records of a turn go to the ledger as one group, and what follows them
/// waits for its answer, or for the ledger's patience.
extension Board {
    /// Performs what an input led to.
    func perform(
        _ effects: [CallEffect],
        of call: LiveCall,
        for requester: LiveCall.Requester?,
        beside entries: [LedgerEntry] = [],
        at now: Now
    ) {
        var group = entries
        for effect in effects {
            switch effect {
            case .record(let event): group.append(entry(event, of: call, at: now))
            case .missedAfterQuietHours(let residents):
                group += deferMissed(residents, of: call, at: now).map { .notice($0) }
            default: break
            }
        }
        if !group.isEmpty { record(group, of: call, at: now) }
        for effect in effects {
            if case .record = effect { continue }
            release(.effect(effect, requester, length: call.logLength), of: call, at: now)
        }
        arm(call)
        if case .ended(let ended) = call.machine.state { over(call, ended, at: now) }
    }

    private func entry(_ event: CallEvent, of call: LiveCall, at now: Now) -> LedgerEntry {
        defer { call.logLength += 1 }
        return .call(
            call.id,
            property: call.machine.plan.property,
            index: call.logLength,
            LoggedCallEvent(at: now.time, event: event)
        )
    }

    private func record(
        _ group: [LedgerEntry],
        of call: LiveCall,
        again: Bool = false,
        at now: Now
    ) {
        let ticket = call.hand(group, again: again)
        let (id, index, postbox) = (call.id, index, postbox)
        ledger.append(LedgerGroup(group)) { answer in
            postbox.post(.written(id, ticket: ticket, answer), to: index)
        }
        alarms.add(.record(id, ticket: ticket), at: now.moment + limits.ledger.patience)
    }

    /// The ledger answered a group.
    func written(_ id: CallID, ticket: UInt64, _ answer: LedgerAnswer, at now: Now) {
        guard let call = calls[id] else { return }
        if answer == .written {
            call.wrote(ticket)
        } else {
            call.refused(ticket, answer)
            armRewrite(call, at: now)
        }
        release(ticket, of: call, at: now)
    }

    /// Offers the ledger again what it did not take: a log with a gap cannot be read.
    func rewrite(_ id: CallID, at now: Now) {
        guard let call = calls[id] else { return }
        call.isRewriteArmed = false
        guard call.refusedCount > 0 else { return }
        let group = call.takeRefused()
        if group.isEmpty {
            armRewrite(call, at: now)
        } else {
            record(group, of: call, again: true, at: now)
        }
    }

    private func armRewrite(_ call: LiveCall, at now: Now) {
        guard !call.isRewriteArmed, call.refusedCount > 0 else { return }
        call.isRewriteArmed = true
        alarms.add(.rewrite(call.id), at: now.moment + limits.ledger.rewrite)
    }

    /// The ledger has not answered in time: calls go on, the entries catch up.
    func recordIsLate(_ id: CallID, _ ticket: UInt64, at now: Now) {
        guard let call = calls[id], call.released < ticket else { return }
        counters.toldUnrecorded += 1
        release(ticket, of: call, at: now)
    }

    private func release(_ ticket: UInt64, of call: LiveCall, at now: Now) {
        for release in call.release(ticket) { perform(release, of: call, at: now) }
    }

    /// Says something of a call: at once, or when what was decided before it is in the record.
    func release(_ release: LiveCall.Release, of call: LiveCall, at now: Now) {
        if !call.hold(release) { perform(release, of: call, at: now) }
    }

    private func perform(_ release: LiveCall.Release, of call: LiveCall, at now: Now) {
        switch release {
        case .effect(let effect, let requester, let length):
            perform(effect, of: call, for: requester, length: length, at: now)
        case .reply(let ask, let reply): conclude(ask, reply, at: now)
        case .told(let event, let principal): tell(event, principal, about: call, at: now)
        case .entry(let arrival, let glimpse):
            sendEntry(glimpse, of: call, to: arrival, at: now)
        }
    }

    // MARK: Time

    private func arm(_ call: LiveCall) {
        guard let deadline = call.machine.nextDeadline, deadline != call.armed else { return }
        call.armed = deadline
        alarms.add(.call(call.id), at: deadline)
    }

    func callTimePassed(_ id: CallID, at now: Now) {
        guard let call = calls[id], let deadline = call.machine.nextDeadline,
            deadline <= now.moment
        else { return }
        input(.timePassed, to: call, at: now)
    }

    /// Sends an input that is nobody's request.
    func input(_ input: CallInput, to call: LiveCall, at now: Now) {
        let effects = call.machine.handle(input, at: now)
        perform(effects, of: call, for: nil, at: now)
    }

    // MARK: The end

    private func over(_ call: LiveCall, _ ended: VestibuleCallCore.CallState.Ended, at now: Now) {
        guard !call.isOver else { return }
        call.isOver = true
        liveCalls -= 1
        counters.outcomes[ended.outcome.rawValue, default: 0] += 1
        let plan = call.machine.plan
        exchange.calls.withLock {
            $0.end(plan.call, of: plan.panel)
            if let party = ended.answeredBy { $0.stopTalk(party.device, in: plan.call) }
        }
        alarms.add(.tombstone(plan.call), at: now.moment + limits.session.tombstone)
    }

    /// The tombstone has stood long enough.
    func forgetCall(_ id: CallID) {
        guard let call = calls.removeValue(forKey: id) else { return }
        counters.recordsLost += call.refusedCount
        exchange.calls.withLock {
            $0.forget(id, handle: call.machine.plan.handle, concerned: call.concerned)
        }
        for principal in call.concerned { seats[principal]?.session.forget(id) }
    }
}
