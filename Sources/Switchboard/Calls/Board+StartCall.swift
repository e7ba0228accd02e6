// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

/// The button is pressed: key, unit, plan, call.
extension Board {
    func startCall(
        to unit: UnitID,
        key: String,
        by panel: PanelID,
        _ seat: Seat,
        request: String,
        at now: Now
    ) {
        // Not what was asked, but whether it may be asked now: the key stays free.
        if let obstacle = obstacle(toCall: unit, at: now),
            !exchange.keys.withLock({ $0.knows(key, of: seat.principal) })
        {
            return reply(.refused(.busyServer, obstacle), to: seat, request, at: now)
        }
        guard claim(key, of: seat, request: request, at: now) else { return }
        guard let property = directory.panel(panel)?.property,
            let found = directory.unit(unit), found.property == property
        else {
            return refuse(key, of: seat.principal, .unknownUnit, "no such unit", at: now)
        }
        let id: CallID = newID(at: now)
        let handle = exchange.calls.withLock {
            $0.start(id, by: panel, on: index, using: &random)
        }
        guard let handle else {
            return refuse(key, of: seat.principal, .busy, "this panel has a call", at: now)
        }
        let requester = LiveCall.Requester(
            principal: seat.principal,
            request: request,
            hasHandle: true,
            key: key
        )
        let plan = plan(id, handle: handle, unit: found, panel: panel, at: now)
        begin(plan, requester, seat, at: now)
    }

    /// Why this board takes no new call now; nil where it does.
    private func obstacle(toCall unit: UnitID, at now: Now) -> String? {
        if liveCalls >= limits.call.live { return "too many calls" }
        if isOverloaded { return "too much to do" }
        let full = exchange.overloaded.withLock { $0 }
        guard !full.isEmpty, couldOnlyBeAnswered(on: full, unit, at: now) else { return nil }
        return "too much to do there"
    }

    /// Whether all devices of a unit that have a socket are on these boards.
    ///
    /// Where one of them is elsewhere, or is still to be woken, the call may be taken there.
    private func couldOnlyBeAnswered(
        on boards: Set<BoardIndex>,
        _ unit: UnitID,
        at now: Now
    ) -> Bool {
        let groups = directory.unit(unit)?.groups(at: now.time) ?? []
        var places: [PlaceTable.Place] = []
        for person in groups.joined() {
            guard case .eligible(let devices) = directory.eligibility(of: person, at: now.time)
            else { continue }
            exchange.places.withLock { table in
                places += devices.compactMap { table[.device($0)] }.filter(\.hasSocket)
            }
        }
        return !places.isEmpty && places.allSatisfy { boards.contains($0.board) }
    }

    private func begin(
        _ plan: CallPlan,
        _ requester: LiveCall.Requester,
        _ seat: Seat,
        at now: Now
    ) {
        counters.callsStarted += 1
        liveCalls += 1
        let (machine, effects) = Call.start(
            plan,
            previewLimit: limits.call.previews,
            at: now
        )
        let call = LiveCall(
            machine: machine,
            startedAt: now.time,
            panelName: directory.panel(plan.panel)?.name ?? "",
            logLength: 0
        )
        call.pressedAt = now.moment
        call.epochs[seat.principal] = seat.epoch
        call.abilities[seat.principal] = seat.abilities
        calls[plan.call] = call
        let record = KeyRecord(
            principal: seat.principal,
            key: requester.key ?? "",
            fact: .call(
                plan.call,
                handle: plan.handle,
                ringTimeout: plan.times.ring,
                unreachable: machine.phase == .ended
            ),
            at: now.time
        )
        perform(effects, of: call, for: requester, beside: [.key(record)], at: now)
    }

    /// Who is offered the call and when, from the directory as it is now.
    private func plan(
        _ id: CallID,
        handle: UInt32,
        unit: DirectorySnapshot.Unit,
        panel: PanelID,
        at now: Now
    ) -> CallPlan {
        var groups: [[OfferedPerson]] = []
        var skipped: [SkippedPerson] = []
        var offered = 0
        for group in unit.groups(at: now.time) {
            var people: [OfferedPerson] = []
            for resident in group {
                switch directory.eligibility(of: resident, at: now.time) {
                case .eligible(let devices):
                    guard offered + devices.count <= limits.call.offered else {
                        skipped.append(.init(resident: resident, reason: .tooMany))
                        continue
                    }
                    offered += devices.count
                    people.append(OfferedPerson(resident: resident, devices: devices))
                case .notCurrent: skipped.append(.init(resident: resident, reason: .notCurrent))
                case .disabled: skipped.append(.init(resident: resident, reason: .disabled))
                case .quietHours: skipped.append(.init(resident: resident, reason: .quietHours))
                case .noDevice: skipped.append(.init(resident: resident, reason: .noDevice))
                }
            }
            if !people.isEmpty { groups.append(people) }
        }
        let property = directory.property(unit.property)
        return CallPlan(
            call: id,
            property: unit.property,
            unit: unit.id,
            panel: panel,
            handle: handle,
            groups: groups,
            skipped: skipped,
            policy: property?.declineEndsCall ?? true ? .first : .all,
            times: callTimes(of: property)
        )
    }

    /// The times of a property's calls, within the server's bounds.
    func callTimes(of property: DirectorySnapshot.Property?) -> CallTimes {
        CallTimes(limits: limits.call, ring: property?.ringTimeout.map { .seconds($0) })
    }

    // MARK: Keys

    /// Claims a key for a request; where it was used before, the request is answered or waits.
    func claim(_ key: String, of seat: Seat, request: String, at now: Now) -> Bool {
        let waiter = KeyTable.Waiter(principal: seat.principal, request: request)
        let claim = exchange.keys.withLock {
            $0.claim(key, of: seat.principal, for: waiter, at: now.moment)
        }
        switch claim {
        case .new: return true
        case .waits: return false
        case .settled(let reply):
            self.reply(reply, to: seat, request, at: now)
            return false
        case .tooMany:
            reply(.refused(.rateLimited, "too many keys in a day"), to: seat, request, at: now)
            return false
        }
    }

    /// Answers everybody who waits for a key.
    func settle(_ key: String, of principal: Principal, with reply: Reply, at now: Now) {
        let waiters = exchange.keys.withLock {
            $0.settle(key, of: principal, with: reply)
        }
        for waiter in waiters {
            deliver(reply, to: waiter.principal, request: waiter.request, at: now)
        }
    }

    /// The first use of a key came to nothing, and so does every repeat, after a restart too: a
    /// client that retries must not open a door later than its resident meant.
    ///
    /// Told at once: a key whose record is lost with the process was seldom told either.
    func refuse(_ key: String, of principal: Principal, _ refusal: Refusal, at now: Now) {
        noteRefused(key, of: principal, refusal.code, at: now)
        settle(key, of: principal, with: .refused(refusal), at: now)
    }

    func refuse(
        _ key: String,
        of principal: Principal,
        _ code: ErrorCode,
        _ detail: String,
        at now: Now
    ) {
        refuse(key, of: principal, Refusal(code, detail: detail), at: now)
    }

    /// Writes down that a key was refused.
    func noteRefused(_ key: String, of principal: Principal, _ code: ErrorCode, at now: Now) {
        let record = KeyRecord(
            principal: principal,
            key: key,
            fact: .refused(code: code.rawValue),
            at: now.time
        )
        ledger.append(LedgerGroup([.key(record)])) { _ in }
    }

    func settle(_ reply: Reply, _ requester: LiveCall.Requester, at now: Now) {
        if let key = requester.key {
            settle(key, of: requester.principal, with: reply, at: now)
        } else {
            deliver(reply, to: requester.principal, request: requester.request, at: now)
        }
    }
}
