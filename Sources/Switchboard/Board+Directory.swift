// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

/// The directory: what a panel lists, and what a change of it does to sockets and calls.
extension Board {
    /// One page of the units and names that a panel lists.
    func directoryPage(_ get: DirectoryGet, of panel: PanelID, at now: Now) -> Reply {
        guard let found = directory.panel(panel),
            let property = directory.property(found.property)
        else { return .refused(.notPermitted, "no such panel") }
        let version = directory.listingVersion(of: property, at: now.time)
        if get.cursor == nil, get.have == version {
            return .ok(.directory(DirectoryPage(version: version, entries: nil)))
        }
        var start = 0
        if let cursor = get.cursor {
            let parts = cursor.split(separator: ".").compactMap { Int($0) }
            guard parts.count == 2, parts[1] >= 0 else {
                return .refused(
                    Refusal(.badRequest, detail: "not a cursor of ours", field: "cursor")
                )
            }
            guard parts[0] == version else {
                return .refused(.changedMeanwhile, "the directory changed; begin again")
            }
            start = parts[1]
        }
        let all = property.units.compactMap { directory.unit($0) }.flatMap {
            unit -> [DirectoryEntry] in
            let names = unit.names(at: now.time)
            return (names.isEmpty ? [""] : names).map { name in
                DirectoryEntry(unit: unit.id, label: unit.label, name: name)
            }
        }.filter { get.search.map($0.matches) ?? true }
        let page = Array(all.dropFirst(start).prefix(Self.directoryPageSize))
        let end = start + page.count
        return .ok(
            .directory(
                DirectoryPage(
                    version: version,
                    entries: page,
                    next: end < all.count ? "\(version).\(end)" : nil
                )
            )
        )
    }

    /// Entries of one page: 500 of 100 bytes stay below the bound of a message.
    private static let directoryPageSize = 500

    // MARK: Changes

    /// A commit was noticed: who lost a credential or a part is out at once.
    func directoryChanged(to snapshot: DirectorySnapshot, at now: Now) {
        let (before, seenAt) = (directory, listedAt)
        directory = snapshot
        listedAt = now.time
        armListing(at: now)
        for principal in sortedSeats() {
            guard let seat = seats[principal] else { continue }
            guard mayConnect(principal, with: seat.credential) else {
                revoke(seat, at: now)
                continue
            }
            tellChanges(seat, before: before, at: seenAt, now)
        }
        for id in calls.keys.sorted() {
            if let call = calls[id], !call.isOver { prune(call, at: now) }
        }
    }

    private func revoke(_ seat: Seat, at now: Now) {
        for call in exchange.calls.withLock({ $0.calls(of: seat.principal) }) {
            guard let owner = exchange.calls.withLock({ $0.owner(of: call) }) else { continue }
            send(.revoked(seat.principal, call), to: owner, at: now)
        }
        if let connection = seat.connection { give(up: connection, .revoked, at: now) }
    }

    /// A party's credential died.
    func partyRevoked(_ principal: Principal, _ id: CallID, at now: Now) {
        guard let call = calls[id] else { return }
        switch principal {
        case .panel: input(.panelRevoked, to: call, at: now)
        case .device(let device): input(.deviceRemoved(device), to: call, at: now)
        }
    }

    /// Takes out of a call who has no part in it any longer.
    private func prune(_ call: LiveCall, at now: Now) {
        if directory.panel(call.machine.plan.panel) == nil {
            return input(.panelRevoked, to: call, at: now)
        }
        for person in call.machine.plan.groups.joined() {
            guard directory.resident(person.resident)?.isInGoodStanding ?? false else {
                input(.personRemoved(person.resident), to: call, at: now)
                continue
            }
            for device in person.devices where directory.device(device) == nil {
                input(.deviceRemoved(device), to: call, at: now)
            }
        }
    }

    private func tellChanges(
        _ seat: Seat,
        before: DirectorySnapshot,
        at seenAt: Timestamp,
        _ now: Now
    ) {
        switch seat.principal {
        case .panel(let panel):
            tellListing(of: panel, seat, before: before, at: seenAt, now)
            let info = panelInfo(for: seat.principal)
            if let info, info != seat.panelInfo {
                seat.panelInfo = info
                event(.panelChanged(info), to: seat, at: now)
            }
        case .device(let device):
            if before.resident(of: device)?.doors != directory.resident(of: device)?.doors {
                event(.doorsChanged, to: seat, at: now)
            }
        }
    }

    private func tellListing(
        of panel: PanelID,
        _ seat: Seat,
        before: DirectorySnapshot,
        at seenAt: Timestamp,
        _ now: Now
    ) {
        guard let found = directory.panel(panel), let property = directory.property(found.property)
        else { return }
        let old = before.panel(panel).flatMap { before.listing(of: $0.property, at: seenAt) }
        guard old != directory.listing(of: property.id, at: now.time) else { return }
        let version = directory.listingVersion(of: property, at: now.time)
        event(.directoryChanged(version: version), to: seat, at: now)
    }

    /// Somebody moves in or out by time alone: what panels list has changed without a commit.
    func listingIsOld(at now: Now) {
        let seenAt = listedAt
        listedAt = now.time
        listingArmed = nil
        armListing(at: now)
        for principal in sortedSeats() {
            guard case .panel(let panel) = principal, let seat = seats[principal] else { continue }
            tellListing(of: panel, seat, before: directory, at: seenAt, now)
        }
    }

    /// Looks again when the next one moves.
    private func armListing(at now: Now) {
        guard let next = directory.nextMove(after: now.time) else { return }
        let due = now.moment + (next - now.time)
        if let listingArmed, listingArmed <= due, listingArmed > now.moment { return }
        listingArmed = due
        alarms.add(.listing, at: due)
    }

    func arrivedAtSeat(_ seat: Seat) {
        seat.panelInfo = panelInfo(for: seat.principal)
    }

    // MARK: After a restart

    /// Takes calls and commands up again; before the port listens.
    func adopt(_ adoption: Adoption, at now: Now) {
        listedAt = now.time
        armListing(at: now)
        for id in adoption.calls.keys.sorted() {
            if let log = adoption.calls[id] { adopt(id, log, at: now) }
        }
        for door in adoption.doors { adopt(door, at: now) }
        for notice in adoption.notices { keep(notice, at: now) }
    }

    private func adopt(_ id: CallID, _ log: [LoggedCallEvent], at now: Now) {
        guard
            let machine = Call(
                replaying: log,
                previewLimit: limits.call.previews,
                at: now
            ),
            let first = log.first
        else { return }
        let plan = machine.plan
        let call = LiveCall(
            machine: machine,
            startedAt: first.at,
            panelName: directory.panel(plan.panel)?.name ?? "",
            logLength: log.count
        )
        calls[id] = call
        exchange.calls.withLock {
            $0.take(
                id,
                by: plan.panel,
                on: index,
                handle: plan.handle,
                isLive: machine.phase != .ended
            )
            for person in machine.offered {
                for device in person.devices { $0.concern(.device(device), id) }
            }
            if case .active(let active) = machine.state {
                _ = $0.talk(active.answeredBy.device, in: id)
            }
        }
        if machine.phase != .ended { liveCalls += 1 }
        if machine.phase == .ended {
            call.isOver = true
            alarms.add(.tombstone(id), at: now.moment + limits.session.tombstone)
        } else {
            prune(call, at: now)
            // Where that offered it to the next group, nobody of before rings any longer.
            let isOfferedAnew = call.machine.offered.count > machine.offered.count
            if isLongGone(log, at: now) {
                input(.panelForgot, to: call, at: now)
            } else if !isOfferedAnew {
                input(.restarted, to: call, at: now)
            }
        }
    }

    /// A call whose log fell silent longer ago than any call may last: its guest has left, and
    /// nobody is rung for it.
    private func isLongGone(_ log: [LoggedCallEvent], at now: Now) -> Bool {
        guard let last = log.last else { return true }
        return now.time - last.at > limits.call.ringMost + limits.call.duration
    }

    private func adopt(_ door: AdoptedDoor, at now: Now) {
        let attempt = door.record.attempt
        let age = now.time - attempt.at
        guard age < limits.door.lateResult else { return }
        let order = DoorOrder(
            door: attempt.door,
            panel: attempt.panel,
            property: attempt.property,
            by: attempt.by,
            way: attempt.way,
            call: attempt.call,
            audience: [],
            key: door.key ?? "",
            until: now.moment
        )
        let stage: DoorWait.Stage =
            switch door.record.result?.outcome {
            case nil, .unknown: .unknown
            case .opened: .settled(.opened)
            case .failed: .settled(.failed)
            case .notSent: .settled(.notSent)
            }
        doors[attempt.command] = DoorWait(
            order: order,
            stage: stage,
            deadline: now.moment,
            reportedAt: now.moment
        )
        exchange.commands.withLock { $0.add(attempt.command, on: index) }
        alarms.add(
            .doorForgotten(attempt.command),
            at: now.moment + limits.door.lateResult - age
        )
    }
}

extension DirectorySnapshot {
    /// What panels of a property list; compared to notice that it changed.
    fileprivate func listing(of property: PropertyID, at time: Timestamp) -> [String]? {
        self.property(property)?.units.compactMap { unit($0) }
            .flatMap { [$0.id.text, $0.label] + $0.names(at: time) }
    }
}

extension DirectoryEntry {
    fileprivate func matches(_ search: String) -> Bool {
        let wanted = search.lowercased()
        return label.lowercased().contains(wanted) || name.lowercased().contains(wanted)
    }
}
