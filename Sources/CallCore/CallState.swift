// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// The states of a call, each with what is only true in it.
///
///     (started) ─→ ringing ─→ active ─→ ended
///                     └───────────────────↗
package enum CallState: Sendable, Equatable {
    case ringing(Ringing)
    case active(Active)
    case ended(Ended)

    /// Somebody is being looked for.
    package struct Ringing: Sendable, Equatable {
        /// When nobody has answered: missed.
        package internal(set) var endsAt: Moment

        /// When the next group is offered it too; nil when none waits.
        package internal(set) var groupEndsAt: Moment?
        package internal(set) var panel = Presence.present
        package internal(set) var previewers: [DeviceID] = []

        /// The devices that have said that they ring.
        package internal(set) var rang: [DeviceID] = []
    }

    /// Panel and one device talk.
    package struct Active: Sendable, Equatable {
        package let answeredBy: Party

        /// The longest allowed duration.
        package internal(set) var endsAt: Moment
        package internal(set) var warnsAt: Moment?
        package internal(set) var panel = Presence.present
        package internal(set) var resident = Presence.present
    }

    /// Over.
    package struct Ended: Sendable, Equatable {
        package let outcome: CallOutcome
        package let answeredBy: Party?
        package let at: Timestamp
    }

    /// Whether a party's socket is there.
    package enum Presence: Sendable, Equatable {
        case present
        case lost(until: Moment)

        var deadline: Moment? {
            if case .lost(let until) = self { until } else { nil }
        }
    }
}

/// A person's part in the call; a decline stays one, whatever becomes of the person.
struct Offer: Sendable, Equatable {
    enum Stage: Sendable, Equatable {
        case ringing
        case ignored
        case declined
    }

    let person: OfferedPerson
    var stage = Stage.ringing

    /// The devices that still take part.
    var devices: [DeviceID]
}

extension Call {
    /// The fold: what an event of the log makes of the call.
    ///
    /// Total, so that any log can be read; the decisions that keep a log legal stand in `handle`.
    mutating func apply(_ event: CallEvent, at now: Now) {
        switch (event, state) {
        case (.started, _), (_, .ended):
            break
        case (.offered(let group), .ringing(var ringing)):
            guard group >= offeredGroups, group < plan.groups.count else { break }
            for person in plan.groups[offeredGroups...group].joined() { offer(to: person) }
            offeredGroups = group + 1
            ringing.groupEndsAt =
                offeredGroups < plan.groups.count
                ? now.moment + .milliseconds(plan.times.group) : nil
            state = .ringing(ringing)
        case (.rang(let party), .ringing(var ringing)):
            if !ringing.rang.contains(party.device) { ringing.rang.append(party.device) }
            state = .ringing(ringing)
        case (.previewed(let party), .ringing(var ringing)):
            if !ringing.previewers.contains(party.device) {
                ringing.previewers.append(party.device)
            }
            state = .ringing(ringing)
        case (.ignored(let party), .ringing):
            setStage(.ignored, of: party.resident)
        case (.declined(let party), .ringing):
            setStage(.declined, of: party.resident)
        case (.personRemoved(let resident), _):
            if !removedPeople.contains(resident) { removedPeople.append(resident) }
            for index in offers.indices where offers[index].person.resident == resident {
                stopPreviews(of: offers[index].devices)
                offers[index].devices = []
            }
        case (.deviceRemoved(let device), _):
            if !removedDevices.contains(device) { removedDevices.append(device) }
            for index in offers.indices { offers[index].devices.removeAll { $0 == device } }
            stopPreviews(of: [device])
        case (.answered(let party), .ringing(let ringing)):
            let duration = Duration.milliseconds(plan.times.duration)
            let warning = Duration.milliseconds(plan.times.warning)
            let endsAt = now.moment + duration
            state = .active(
                CallState.Active(
                    answeredBy: party,
                    endsAt: endsAt,
                    warnsAt: warning < duration ? endsAt - warning : nil,
                    panel: ringing.panel
                )
            )
        case (.lost(let side), _):
            setPresence(.lost(until: now.moment + .milliseconds(plan.times.grace)), of: side)
        case (.returned(let side), _):
            setPresence(.present, of: side)
        case (.ended(let outcome), _):
            state = .ended(
                CallState.Ended(outcome: outcome, answeredBy: answeredBy, at: now.time)
            )
        case (.offered, .active), (.rang, .active), (.previewed, .active), (.ignored, .active),
            (.declined, .active), (.answered, .active):
            break
        }
    }

    /// Not in the log: a call rebuilt from it warns again, of what is left then.
    mutating func noteWarned() {
        guard case .active(var active) = state else { return }
        active.warnsAt = nil
        state = .active(active)
    }

    /// Who sees the picture no longer leaves its place to another.
    ///
    /// Not in the log: a call rebuilt from it begins without previews, and each is asked for again.
    mutating func stopPreviews(of devices: [DeviceID]) {
        guard case .ringing(var ringing) = state else { return }
        ringing.previewers.removeAll(where: devices.contains)
        state = .ringing(ringing)
    }

    /// After a restart nobody is connected yet: grace starts anew, and the times of the log are
    /// held inside what can be true, in case the civil clock was set while the server was down.
    mutating func reanchor(at now: Now) {
        let grace = CallState.Presence.lost(until: now.moment + .milliseconds(plan.times.grace))
        switch state {
        case .ringing(var ringing):
            ringing.endsAt = ringing.endsAt.clamped(
                from: now.moment + .milliseconds(plan.times.ringAfterRestart),
                to: now.moment
                    + .milliseconds(max(plan.times.ring, plan.times.ringAfterRestart))
            )
            ringing.groupEndsAt = ringing.groupEndsAt?.clamped(
                from: now.moment,
                to: now.moment + .milliseconds(plan.times.group)
            )
            ringing.panel = grace
            ringing.previewers = []
            state = .ringing(ringing)
        case .active(var active):
            let duration = Duration.milliseconds(plan.times.duration)
            let warning = Duration.milliseconds(plan.times.warning)
            active.endsAt = active.endsAt.clamped(
                from: now.moment + min(warning, duration),
                to: now.moment + duration
            )
            active.warnsAt =
                warning < duration ? max(now.moment, active.endsAt - warning) : nil
            active.panel = grace
            active.resident = grace
            state = .active(active)
        case .ended:
            break
        }
    }

    /// A person in several groups is offered the call once; who was removed meanwhile, not at all.
    private mutating func offer(to person: OfferedPerson) {
        let devices = person.devices.filter { !removedDevices.contains($0) }
        guard !devices.isEmpty, !removedPeople.contains(person.resident),
            !offers.contains(where: { $0.person.resident == person.resident })
        else { return }
        let offered = OfferedPerson(resident: person.resident, devices: devices)
        offers.append(Offer(person: offered, devices: devices))
    }

    private mutating func setStage(_ stage: Offer.Stage, of resident: ResidentID) {
        for index in offers.indices where offers[index].person.resident == resident {
            offers[index].stage = stage
        }
    }

    private mutating func setPresence(_ presence: CallState.Presence, of side: CallSide) {
        switch (state, side) {
        case (.ringing(var ringing), .panel):
            ringing.panel = presence
            state = .ringing(ringing)
        case (.active(var active), .panel):
            active.panel = presence
            state = .active(active)
        case (.active(var active), .resident):
            active.resident = presence
            state = .active(active)
        case (.ringing, .resident), (.ended, _):
            break
        }
    }
}

extension Moment {
    fileprivate func clamped(from least: Moment, to most: Moment) -> Moment {
        max(least, min(self, most))
    }
}
