// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Being talked: the rows of the table of states that begin with `active`.
extension Call {
    mutating func handleActive(
        _ input: CallInput,
        _ active: CallState.Active,
        at now: Now
    ) -> [CallEffect] {
        if let party = input.party { return request(input, of: party, active, at: now) }
        var effects: [CallEffect] = []
        switch input {
        case .panelHungUp: end(.completed, answering: true, at: now, &effects)
        case .panelLost: lost(.panel, active.panel, at: now, &effects)
        case .panelReturned: returned(.panel, active.panel, active, at: now, &effects)
        case .panelForgot: end(.panelLost, at: now, &effects)
        case .panelRevoked: end(.revoked, at: now, &effects)
        case .deviceLost(let device):
            if device == active.answeredBy.device {
                lost(.resident, active.resident, at: now, &effects)
            }
        case .deviceReturned(let device):
            if device == active.answeredBy.device {
                returned(.resident, active.resident, active, at: now, &effects)
            }
        case .personRemoved(let resident):
            removed(
                .personRemoved(resident),
                isAnswerer: resident == active.answeredBy.resident,
                at: now,
                &effects
            )
        case .deviceRemoved(let device):
            removed(
                .deviceRemoved(device),
                isAnswerer: device == active.answeredBy.device,
                at: now,
                &effects
            )
        case .restarted: effects.append(.connect(active.answeredBy))
        case .timePassed: timePassed(active, at: now, &effects)
        case .rang, .answered, .declined, .ignored, .previewed, .hungUp:
            preconditionFailure("a request has a party and was decided above")
        }
        return effects
    }

    private mutating func request(
        _ input: CallInput,
        of party: Party,
        _ active: CallState.Active,
        at now: Now
    ) -> [CallEffect] {
        guard concerns(party.device) else { return [.answer(.refused(.unknownCall))] }
        guard party.device == active.answeredBy.device else {
            return [.answer(.refused(.alreadyAnswered(by: active.answeredBy)))]
        }
        var effects: [CallEffect] = []
        switch input {
        case .hungUp, .declined: end(.completed, answering: true, at: now, &effects)
        case .answered, .rang: effects.append(.answer(.accepted))
        case .ignored, .previewed:
            effects.append(.answer(.refused(.alreadyAnswered(by: active.answeredBy))))
        case .panelHungUp, .panelLost, .panelReturned, .panelForgot, .panelRevoked, .deviceLost,
            .deviceReturned, .personRemoved, .deviceRemoved, .restarted, .timePassed:
            preconditionFailure("only a request has a party")
        }
        return effects
    }

    private mutating func lost(
        _ side: CallSide,
        _ presence: CallState.Presence,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        guard presence == .present else { return }  // Lost already: one grace, not a longer one.
        note(.lost(side), at: now, &effects)
        effects.append(
            .tellPeer(
                side.other,
                present: false,
                grace: .milliseconds(plan.times.grace)
            )
        )
    }

    private mutating func returned(
        _ side: CallSide,
        _ presence: CallState.Presence,
        _ active: CallState.Active,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        if presence != .present {
            note(.returned(side), at: now, &effects)
            effects.append(.tellPeer(side.other, present: true, grace: nil))
        }
        effects.append(.connect(active.answeredBy))
    }

    private mutating func removed(
        _ event: CallEvent,
        isAnswerer: Bool,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        if isAnswerer { return end(.revoked, at: now, &effects) }
        _ = takeOut(event, at: now, &effects)
    }

    private mutating func timePassed(
        _ active: CallState.Active,
        at now: Now,
        _ effects: inout [CallEffect]
    ) {
        let panelGone = active.panel.deadline.map { $0 <= now.moment } ?? false
        let residentGone = active.resident.deadline.map { $0 <= now.moment } ?? false
        if active.endsAt <= now.moment {
            end(.limit, at: now, &effects)
        } else if panelGone {
            end(.panelLost, at: now, &effects)
        } else if residentGone {
            end(.dropped, at: now, &effects)
        } else if let warnsAt = active.warnsAt, warnsAt <= now.moment {
            noteWarned()
            effects.append(.warn(remaining: active.endsAt - now.moment))
        }
    }
}

extension CallSide {
    /// The one at the other end.
    package var other: CallSide {
        switch self {
        case .panel: .resident
        case .resident: .panel
        }
    }
}
