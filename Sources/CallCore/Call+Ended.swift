// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Over, and how it comes to that: the rows of the table of states that lead to `ended`.
extension Call {
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

    /// The end, whatever it was before: recorded, media stopped, everybody told once.
    ///
    /// It also answers the input, where that is `answering`: a request that has no answer yet.
    mutating func end(
        _ outcome: CallOutcome,
        answering: Bool = false,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        let wasRinging = phase == .ringing
        note(.ended(outcome), at: now, &effects)
        effects.append(.disconnect)
        if answering { effects.append(.answer(.accepted)) }
        effects.append(.tellPanel(panelView))
        tellAll(&effects)
        if wasRinging { push(outcome, &effects) }
    }

    /// Nobody who was offered it rings any longer, and no group waits.
    mutating func endUnanswered(at now: Now, _ effects: inout [CallEffect]) {
        let declined = offers.contains { $0.stage == .declined }
        end(declined ? .declined : .missed, at: now, &effects)
    }

    func tellAll(_ effects: inout [CallEffect]) {
        for device in devices {
            if let view = view(for: device) { effects.append(.tell(device, view)) }
        }
    }

    private func push(_ outcome: CallOutcome, _ effects: inout [CallEffect]) {
        if outcome == .missed, plan.isPreventedByQuietHours {
            effects.append(.missedAfterQuietHours(plan.inQuietHours))
        } else if !devices.isEmpty {
            effects.append(.silencePush(devices))
            effects.append(outcome == .missed ? .missedPush(devices) : .cancelPush(devices))
        }
    }
}
