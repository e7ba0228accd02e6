// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Ringing, and over: the rows of the table of states that begin with `ringing` and `ended`.
extension Call {
    mutating func handleRinging(
        _ input: CallInput, _ ringing: CallState.Ringing, at now: Now
    ) -> [CallEffect] {
        var effects: [CallEffect] = []
        if let party = input.party, let refusal = refusal(of: party) {
            return [.answer(.refused(refusal))]
        }
        switch input {
        case .rang(let party): rang(party, ringing, at: now, &effects)
        case .answered(let party): answered(party, ringing, at: now, &effects)
        case .declined(let party), .hungUp(let party): declined(party, at: now, &effects)
        case .ignored(let party): ignored(party, at: now, &effects)
        case .previewed(let party): previewed(party, ringing, at: now, &effects)
        case .panelHungUp: end(.cancelled, at: now, &effects)
        case .panelLost:
            if ringing.panel == .present { note(.lost(.panel), at: now, &effects) }
        case .panelReturned:
            if ringing.panel != .present { note(.returned(.panel), at: now, &effects) }
        case .panelForgot: end(.panelLost, at: now, &effects)
        case .panelRevoked: end(.revoked, at: now, &effects)
        case .deviceLost(let device):
            if ringing.previewers.contains(device) { effects.append(.endPreview(device)) }
        case .deviceReturned: break  // It draws its screen from `welcome`.
        case .personRemoved(let resident):
            removed(.personRemoved(resident), at: now, &effects) { offer in
                offer.person.resident == resident ? offer.devices : []
            }
        case .deviceRemoved(let device):
            removed(.deviceRemoved(device), at: now, &effects) { offer in
                offer.devices.filter { $0 == device }
            }
        case .restarted: effects.append(.offer(ringingPeople))
        case .timePassed: timePassed(ringing, at: now, &effects)
        }
        return effects
    }

    func handleEnded(_ input: CallInput) -> [CallEffect] {
        switch input {
        case .rang(let party), .answered(let party), .declined(let party), .ignored(let party),
            .previewed(let party), .hungUp(let party):
            [.answer(.refused(concerns(party.device) ? .callEnded : .unknownCall))]
        case .panelHungUp:
            [.answer(.refused(.callEnded))]
        case .panelLost, .panelReturned, .panelForgot, .panelRevoked, .deviceLost,
            .deviceReturned, .personRemoved, .deviceRemoved, .restarted, .timePassed:
            []  // The call ended while these were under way.
        }
    }

    /// Writes an event and lets it count.
    mutating func note(_ event: CallEvent, at now: Now, _ effects: inout [CallEffect]) {
        apply(event, at: now)
        effects.append(.record(event))
    }

    /// The end, whatever it was before: recorded, media stopped, everybody told once.
    mutating func end(_ outcome: CallOutcome, at now: Now, _ effects: inout [CallEffect]) {
        let wasRinging = phase == .ringing
        note(.ended(outcome), at: now, &effects)
        effects.append(.disconnect)
        effects.append(.answer(.accepted))
        effects.append(.tellPanel(panelView))
        tellAll(&effects)
        guard wasRinging else { return }
        if outcome == .missed, !devices.isEmpty {
            effects.append(.missedPush(devices))
        } else if outcome == .missed, plan.isPreventedByQuietHours {
            effects.append(
                .missedAfterQuietHours(
                    plan.skipped.filter { $0.reason == .quietHours }.map(\.resident)))
        } else if !devices.isEmpty {
            effects.append(.cancelPush(devices))
        }
    }

    /// Offers the call to the next group that has anybody left.
    mutating func offerNextGroup(at now: Now, _ effects: inout [CallEffect]) {
        let before = offers.count
        note(.offered(group: offeredGroups), at: now, &effects)
        for resident in removedPeople where offers[before...].contains(resident) {
            apply(.personRemoved(resident), at: now)
        }
        for device in removedDevices where offers[before...].contains(device) {
            apply(.deviceRemoved(device), at: now)
        }
        let people = offers[before...].filter { !$0.devices.isEmpty }
            .map { OfferedPerson(resident: $0.person.resident, devices: $0.devices) }
        if people.isEmpty {
            goOnIfNobodyIsLeft(at: now, &effects)
        } else {
            effects.append(.offer(people))
        }
    }

    func tellAll(_ effects: inout [CallEffect]) {
        for device in devices {
            if let view = view(for: device) { effects.append(.tell(device, view)) }
        }
    }

    private func refusal(of party: Party) -> CallRefusal? {
        if takesPart(party.device) { return nil }
        return concerns(party.device) ? .notPermitted : .unknownCall
    }

    private var ringingPeople: [OfferedPerson] {
        offers.filter { $0.stage == .ringing && !$0.devices.isEmpty }
            .map { OfferedPerson(resident: $0.person.resident, devices: $0.devices) }
    }

    private mutating func rang(
        _ party: Party, _ ringing: CallState.Ringing, at now: Now, _ effects: inout [CallEffect]
    ) {
        note(.rang(party), at: now, &effects)
        effects.append(.answer(.accepted))
        if !ringing.rang { effects.append(.tellPanel(panelView)) }
    }

    private mutating func answered(
        _ party: Party, _ ringing: CallState.Ringing, at now: Now, _ effects: inout [CallEffect]
    ) {
        note(.answered(party), at: now, &effects)
        effects += ringing.previewers.filter { $0 != party.device }.map { .endPreview($0) }
        effects.append(.connect(party))
        effects.append(.answer(.accepted))
        effects.append(.tellPanel(panelView))
        tellAll(&effects)
        let others = devices.filter { $0 != party.device }
        if !others.isEmpty { effects.append(.cancelPush(others)) }
        if let grace = ringing.panel.deadline {
            effects.append(
                .tellPeer(.resident, present: false, grace: max(.zero, grace - now.moment)))
        }
    }

    private mutating func declined(
        _ party: Party, at now: Now, _ effects: inout [CallEffect]
    ) {
        note(.declined(party), at: now, &effects)
        if plan.policy == .first {
            end(.declined, at: now, &effects)
        } else {
            fellSilent(party.resident, at: now, &effects)
        }
    }

    private mutating func ignored(
        _ party: Party, at now: Now, _ effects: inout [CallEffect]
    ) {
        note(.ignored(party), at: now, &effects)
        fellSilent(party.resident, at: now, &effects)
    }

    private mutating func fellSilent(
        _ resident: ResidentID, at now: Now, _ effects: inout [CallEffect]
    ) {
        effects.append(.answer(.accepted))
        let silent = offers.filter { $0.person.resident == resident }.flatMap(\.devices)
        for device in silent {
            if let view = view(for: device) { effects.append(.tell(device, view)) }
        }
        effects.append(.cancelPush(silent))
        goOnIfNobodyIsLeft(at: now, &effects)
    }

    private mutating func removed(
        _ event: CallEvent, at now: Now, _ effects: inout [CallEffect],
        devicesOf: (Offer) -> [DeviceID]
    ) {
        let silent = offers.flatMap(devicesOf)
        guard !silent.isEmpty || waits(event) else { return }
        note(event, at: now, &effects)
        for device in silent {
            effects.append(.endPreview(device))
            if let view = view(for: device) { effects.append(.tell(device, view)) }
        }
        guard !silent.isEmpty else { return }
        effects.append(.cancelPush(silent))
        goOnIfNobodyIsLeft(at: now, &effects)
    }

    /// Whether the removed one is in a group that has not been offered the call yet.
    private func waits(_ event: CallEvent) -> Bool {
        let waiting = plan.groups.dropFirst(offeredGroups).joined()
        switch event {
        case .personRemoved(let resident):
            return !removedPeople.contains(resident)
                && waiting.contains { $0.resident == resident }
        case .deviceRemoved(let device):
            return !removedDevices.contains(device)
                && waiting.contains { $0.devices.contains(device) }
        default: return false
        }
    }

    private mutating func goOnIfNobodyIsLeft(at now: Now, _ effects: inout [CallEffect]) {
        let someoneRings = offers.contains { $0.stage == .ringing && !$0.devices.isEmpty }
        guard !someoneRings else { return }
        if offeredGroups < plan.groups.count {
            offerNextGroup(at: now, &effects)
        } else {
            let declined = offers.contains { $0.stage == .declined }
            end(declined ? .declined : .missed, at: now, &effects)
        }
    }

    private mutating func previewed(
        _ party: Party, _ ringing: CallState.Ringing, at now: Now, _ effects: inout [CallEffect]
    ) {
        if ringing.previewers.contains(party.device) {
            effects += [.preview(party), .answer(.accepted)]
        } else if ringing.previewers.count >= previewLimit {
            effects.append(.answer(.refused(.previewsTaken)))
        } else {
            note(.previewed(party), at: now, &effects)
            effects += [.preview(party), .answer(.accepted)]
        }
    }

    private mutating func timePassed(
        _ ringing: CallState.Ringing, at now: Now, _ effects: inout [CallEffect]
    ) {
        if ringing.endsAt <= now.moment {
            end(.missed, at: now, &effects)
        } else if let until = ringing.panel.deadline, until <= now.moment {
            end(.panelLost, at: now, &effects)
        } else if let until = ringing.groupEndsAt, until <= now.moment {
            offerNextGroup(at: now, &effects)
        }
    }
}

extension ArraySlice<Offer> {
    fileprivate func contains(_ resident: ResidentID) -> Bool {
        contains { $0.person.resident == resident }
    }

    fileprivate func contains(_ device: DeviceID) -> Bool {
        contains { $0.person.devices.contains(device) }
    }
}

extension CallInput {
    /// Who asks, where it is a request of a device.
    var party: Party? {
        switch self {
        case .rang(let party), .answered(let party), .declined(let party), .ignored(let party),
            .previewed(let party), .hungUp(let party):
            party
        case .panelHungUp, .panelLost, .panelReturned, .panelForgot, .panelRevoked, .deviceLost,
            .deviceReturned, .personRemoved, .deviceRemoved, .restarted, .timePassed:
            nil
        }
    }
}
