// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Ringing: the rows of the table of states that begin with `ringing`.
extension Call {
    mutating func handleRinging(
        _ input: CallInput,
        _ ringing: CallState.Ringing,
        at now: Now
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
        case .panelHungUp: end(.cancelled, answering: true, at: now, &effects)
        case .panelLost:
            if ringing.panel == .present { note(.lost(.panel), at: now, &effects) }
        case .panelReturned:
            if ringing.panel != .present { note(.returned(.panel), at: now, &effects) }
        case .panelForgot: end(.panelLost, at: now, &effects)
        case .panelRevoked: end(.revoked, at: now, &effects)
        case .deviceLost(let device):
            if ringing.previewers.contains(device) {
                stopPreviews(of: [device])
                effects.append(.endPreview(device))
            }
        case .deviceReturned: break  // It draws its screen from `welcome`.
        case .personRemoved(let resident):
            removed(.personRemoved(resident), at: now, &effects)
        case .deviceRemoved(let device):
            removed(.deviceRemoved(device), at: now, &effects)
        case .restarted: restarted(at: now, &effects)
        case .timePassed: timePassed(ringing, at: now, &effects)
        }
        return effects
    }

    /// Writes an event and lets it count.
    mutating func note(_ event: CallEvent, at now: Now, _ effects: inout [CallEffect]) {
        apply(event, at: now)
        effects.append(.record(event))
    }

    /// Offers the call to the next group that has anybody left; one waits, or it ends.
    mutating func offerNextGroup(at now: Now, _ effects: inout [CallEffect]) {
        let before = offers.count
        note(.offered(group: offeredGroups), at: now, &effects)
        let people = offers[before...].map(\.person)
        if !people.isEmpty {
            effects.append(.offer(people))
        } else if aGroupWaits {
            offerNextGroup(at: now, &effects)
        } else {
            goOnIfNobodyIsLeft(at: now, &effects)
        }
    }

    /// Takes out who may take part no longer; recorded where there was a part, or one to come.
    ///
    /// Returns the devices that had one until now.
    mutating func takeOut(
        _ event: CallEvent,
        at now: Now,
        _ effects: inout [CallEffect]
    ) -> [DeviceID] {
        let before = (devices: devices, previewers: previewers)
        var after = self
        after.apply(event, at: now)
        let silent = before.devices.filter { !after.takesPart($0) }
        guard !silent.isEmpty || waits(event) else { return [] }
        self = after
        effects.append(.record(event))
        for device in silent {
            if before.previewers.contains(device) { effects.append(.endPreview(device)) }
            if let view = view(for: device) { effects.append(.tell(device, view)) }
        }
        return silent
    }

    private func refusal(of party: Party) -> CallRefusal? {
        if takesPart(party.device) { return nil }
        return concerns(party.device) ? .notPermitted : .unknownCall
    }

    private var ringingPeople: [OfferedPerson] {
        offers.filter { $0.stage == .ringing && !$0.devices.isEmpty }
            .map { OfferedPerson(resident: $0.person.resident, devices: $0.devices) }
    }

    private var previewers: [DeviceID] {
        if case .ringing(let ringing) = state { ringing.previewers } else { [] }
    }

    private var aGroupWaits: Bool { offeredGroups < plan.groups.count }

    /// Nobody has a socket yet, and no push is remembered: it rings anew.
    private mutating func restarted(at now: Now, _ effects: inout [CallEffect]) {
        let people = ringingPeople
        if people.isEmpty {
            goOnIfNobodyIsLeft(at: now, &effects)
        } else {
            effects.append(.offer(people))
        }
    }

    private mutating func rang(
        _ party: Party,
        _ ringing: CallState.Ringing,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        if !ringing.rang.contains(party.device) { note(.rang(party), at: now, &effects) }
        effects.append(.answer(.accepted))
        if ringing.rang.isEmpty { effects.append(.tellPanel(panelView)) }
    }

    private mutating func answered(
        _ party: Party,
        _ ringing: CallState.Ringing,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        note(.answered(party), at: now, &effects)
        effects += ringing.previewers.filter { $0 != party.device }.map { .endPreview($0) }
        effects.append(.connect(party))
        effects.append(.answer(.accepted))
        effects.append(.tellPanel(panelView))
        tellAll(&effects)
        effects.append(.silencePush(devices))
        let others = devices.filter { $0 != party.device }
        if !others.isEmpty { effects.append(.cancelPush(others)) }
        if let grace = ringing.panel.deadline {
            effects.append(
                .tellPeer(.resident, present: false, grace: max(.zero, grace - now.moment))
            )
        }
    }

    private mutating func declined(
        _ party: Party,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        guard stage(of: party) != .declined else { return effects.append(.answer(.accepted)) }
        note(.declined(party), at: now, &effects)
        if plan.policy == .first {
            end(.declined, answering: true, at: now, &effects)
        } else {
            fellSilent(party.resident, at: now, &effects)
        }
    }

    private mutating func ignored(
        _ party: Party,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        guard stage(of: party) == .ringing else { return effects.append(.answer(.accepted)) }
        note(.ignored(party), at: now, &effects)
        fellSilent(party.resident, at: now, &effects)
    }

    private func stage(of party: Party) -> Offer.Stage? {
        offers.first { $0.devices.contains(party.device) }?.stage
    }

    private mutating func fellSilent(
        _ resident: ResidentID,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        effects.append(.answer(.accepted))
        guard !ringingPeople.isEmpty || aGroupWaits else { return endUnanswered(at: now, &effects) }
        let silent = offers.filter { $0.person.resident == resident }.flatMap(\.devices)
        for device in silent {
            if let view = view(for: device) { effects.append(.tell(device, view)) }
        }
        effects += [.silencePush(silent), .cancelPush(silent)]
        goOnIfNobodyIsLeft(at: now, &effects)
    }

    private mutating func removed(
        _ event: CallEvent,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        let silent = takeOut(event, at: now, &effects)
        guard !silent.isEmpty else { return }
        effects += [.silencePush(silent), .cancelPush(silent)]
        goOnIfNobodyIsLeft(at: now, &effects)
    }

    /// Whether the removed one is in a group that has not been offered the call yet.
    private func waits(_ event: CallEvent) -> Bool {
        guard phase == .ringing else { return false }
        let waiting = plan.groups.dropFirst(offeredGroups).joined()
        switch event {
        case .personRemoved(let resident):
            return !removedPeople.contains(resident)
                && waiting.contains { $0.resident == resident }
        case .deviceRemoved(let device):
            return !removedDevices.contains(device)
                && waiting.contains {
                    $0.devices.contains(device) && !removedPeople.contains($0.resident)
                }
        default: return false
        }
    }

    private mutating func goOnIfNobodyIsLeft(at now: Now, _ effects: inout [CallEffect]) {
        guard ringingPeople.isEmpty else { return }
        if aGroupWaits {
            offerNextGroup(at: now, &effects)
        } else {
            endUnanswered(at: now, &effects)
        }
    }

    private mutating func previewed(
        _ party: Party,
        _ ringing: CallState.Ringing,
        at now: Now,
        _ effects: inout [CallEffect]
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
        _ ringing: CallState.Ringing,
        at now: Now,
        _ effects: inout [CallEffect]
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
