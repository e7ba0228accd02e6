// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// The rules of a call: one pure state machine.
///
/// **One input, then perform all its effects in order, then the next input.** Time is an input:
/// send ``CallInput/timePassed`` when ``nextDeadline`` has come. The machine owns no clock, no
/// socket and no store; it is a fold of its log (`apply`), and every decision it makes is an entry
/// of that log, so the same rules rebuild it after a restart.
package struct Call: Sendable, Equatable {
    /// What was decided when the button was pressed.
    package let plan: CallPlan
    package internal(set) var state: CallState

    /// People offered so far, in the order of the groups.
    var offers: [Offer] = []
    var offeredGroups = 0

    /// Removed while a later group waits: not offered when its turn comes.
    var removedPeople: [ResidentID] = []
    var removedDevices: [DeviceID] = []

    private init(plan: CallPlan, at start: Moment, previewLimit: Int) {
        self.plan = plan
        self.previewLimit = previewLimit
        let times = plan.times
        state = .ringing(CallState.Ringing(endsAt: start + .milliseconds(times.ring)))
    }

    let previewLimit: Int

    /// Starts the call of a plan.
    ///
    /// It rings, or is over at once where nobody can be reached: `unreachable`, or `missed` where
    /// quiet hours alone prevented it.
    package static func start(
        _ plan: CallPlan,
        previewLimit: Int,
        at now: Now
    ) -> (call: Call, effects: [CallEffect]) {
        var call = Call(plan: plan, at: now.moment, previewLimit: previewLimit)
        var effects: [CallEffect] = [.record(.started(plan))]
        if plan.groups.isEmpty {
            call.end(
                plan.isPreventedByQuietHours ? .missed : .unreachable,
                answering: true,
                at: now,
                &effects
            )
        } else {
            effects.append(.answer(.accepted))
            call.offerNextGroup(at: now, &effects)
            effects.append(.tellPanel(call.panelView))
        }
        return (call, effects)
    }

    /// Rebuilds a call from its log after a restart, or nil where that does not begin with a start.
    ///
    /// Send ``CallInput/restarted`` when the server is ready.
    package init?(replaying log: [LoggedCallEvent], previewLimit: Int, at now: Now) {
        guard let first = log.first, case .started(let plan) = first.event else { return nil }
        let start = Self.moment(of: first.at, at: now)
        self.init(plan: plan, at: start, previewLimit: previewLimit)
        for entry in log.dropFirst() {
            apply(
                entry.event,
                at: Now(moment: Self.moment(of: entry.at, at: now), time: entry.at)
            )
        }
        reanchor(at: now)
    }

    /// Decides on one input.
    ///
    /// A known race (an answer after the end, say) is a refusal or nothing; nothing a peer does
    /// can trap here.
    package mutating func handle(_ input: CallInput, at now: Now) -> [CallEffect] {
        switch state {
        case .ringing(let ringing): handleRinging(input, ringing, at: now)
        case .active(let active): handleActive(input, active, at: now)
        case .ended: handleEnded(input)
        }
    }

    /// When the call next wants ``CallInput/timePassed``; nil when it is over.
    package var nextDeadline: Moment? {
        switch state {
        case .ringing(let ringing):
            [ringing.endsAt, ringing.groupEndsAt, ringing.panel.deadline].compactMap(\.self).min()
        case .active(let active):
            [
                active.endsAt, active.warnsAt, active.panel.deadline, active.resident.deadline,
            ].compactMap(\.self).min()
        case .ended:
            nil
        }
    }

    private static func moment(of time: Timestamp, at now: Now) -> Moment {
        now.moment - (now.time - time)
    }
}

extension Call {
    /// Which state it is in.
    package var phase: CallPhase {
        switch state {
        case .ringing: .ringing
        case .active: .active
        case .ended: .ended
        }
    }

    /// Who answered, if somebody has.
    package var answeredBy: Party? {
        switch state {
        case .ringing: nil
        case .active(let active): active.answeredBy
        case .ended(let ended): ended.answeredBy
        }
    }

    package var outcome: CallOutcome? {
        if case .ended(let ended) = state { ended.outcome } else { nil }
    }

    /// What is left of the ring; nil when it does not ring.
    package func ringRemaining(at now: Now) -> Duration? {
        guard case .ringing(let ringing) = state else { return nil }
        return max(.zero, ringing.endsAt - now.moment)
    }

    /// What is left of the grace of a party whose socket is gone; nil where it is here, or nobody
    /// talks.
    package func grace(of side: CallSide, at now: Now) -> Duration? {
        guard case .active(let active) = state else { return nil }
        let presence = side == .panel ? active.panel : active.resident
        return presence.deadline.map { max(.zero, $0 - now.moment) }
    }

    /// Everybody the call was offered to so far, with the devices that still take part.
    package var offered: [OfferedPerson] {
        offers.map { OfferedPerson(resident: $0.person.resident, devices: $0.devices) }
    }

    /// Whether the device may open the door from this call: while it rings, any device being
    /// offered it; then the answering device.
    package func mayUnlock(_ device: DeviceID) -> Bool {
        switch state {
        case .ringing:
            offers.contains { $0.stage != .declined && $0.devices.contains(device) }
        case .active(let active): active.answeredBy.device == device
        case .ended: false
        }
    }

    /// Whether the call was ever offered to this device: what never concerned it, it never sees.
    package func concerns(_ device: DeviceID) -> Bool {
        offers.contains { $0.person.devices.contains(device) }
    }

    /// The call as the device sees it, or nil where it never concerned it.
    package func view(for device: DeviceID) -> CallView? {
        guard let offer = offers.first(where: { $0.person.devices.contains(device) }) else {
            return nil
        }
        let (part, reason) = part(of: device, offer)
        return CallView(
            phase: phase,
            part: part,
            reason: reason,
            answeredBy: answeredBy,
            outcome: outcome
        )
    }

    /// The call as its panel sees it.
    ///
    /// Where quiet hours prevented it, the guest learns only that nobody can be reached.
    package var panelView: PanelView {
        PanelView(
            phase: phase,
            answeredBy: answeredBy,
            outcome: outcome == .missed && plan.groups.isEmpty ? .unreachable : outcome
        )
    }

    func takesPart(_ device: DeviceID) -> Bool {
        offers.contains { $0.devices.contains(device) }
    }

    /// Every device that still takes part, in the order of the offers.
    var devices: [DeviceID] { offers.flatMap(\.devices) }

    private func part(
        of device: DeviceID,
        _ offer: Offer
    ) -> (CallView.Part, CallView.Reason?) {
        guard offer.devices.contains(device) else { return (.out, .revoked) }
        switch state {
        case .ringing:
            switch offer.stage {
            case .ringing: return (.ringing, nil)
            case .ignored: return (.silent, .ignored)
            case .declined: return (.silent, .declined)
            }
        case .active(let active):
            return active.answeredBy.device == device
                ? (.talking, nil) : (.out, .answeredElsewhere)
        case .ended(let ended):
            guard let answeredBy = ended.answeredBy, answeredBy.device != device else {
                return (.out, nil)
            }
            return (.out, .answeredElsewhere)
        }
    }
}
