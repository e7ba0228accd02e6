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

        /// Whether a device has said that it rings.
        package internal(set) var rang = false
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

/// A person's part while it rings.
struct Offer: Sendable, Equatable {
    enum Stage: Sendable, Equatable {
        case ringing
        case ignored
        case declined
        case removed
    }

    let person: OfferedPerson
    var stage = Stage.ringing
    var removedDevices: [DeviceID] = []

    /// The devices that still take part.
    var devices: [DeviceID] {
        stage == .removed ? [] : person.devices.filter { !removedDevices.contains($0) }
    }
}

extension Call {
    /// The fold: what an event of the log makes of the call. Total, so that any log can be read;
    /// the decisions that keep a log legal stand in `handle`.
    mutating func apply(_ event: CallEvent, at now: Now) {
        switch (event, state) {
        case (.started, _), (_, .ended):
            break
        case (.offered(let group), .ringing(var ringing)):
            offers += plan.groups.dropFirst(offeredGroups).prefix(group + 1 - offeredGroups)
                .joined().map { Offer(person: $0) }
            offeredGroups = group + 1
            ringing.groupEndsAt =
                offeredGroups < plan.groups.count
                ? now.moment + .milliseconds(plan.times.group) : nil
            state = .ringing(ringing)
        case (.rang, .ringing(var ringing)):
            ringing.rang = true
            state = .ringing(ringing)
        case (.previewed(let party), .ringing(var ringing)):
            ringing.previewers.append(party.device)
            state = .ringing(ringing)
        case (.ignored(let party), .ringing):
            setStage(.ignored, of: party.resident)
        case (.declined(let party), .ringing):
            setStage(.declined, of: party.resident)
        case (.personRemoved(let resident), _):
            setStage(.removed, of: resident)
            removedPeople.append(resident)
            stopPreviews(of: offers.filter { $0.stage == .removed }.flatMap(\.person.devices))
        case (.deviceRemoved(let device), _):
            for index in offers.indices where offers[index].person.devices.contains(device) {
                offers[index].removedDevices.append(device)
            }
            removedDevices.append(device)
            stopPreviews(of: [device])
        case (.answered(let party), .ringing(let ringing)):
            let duration = Duration.milliseconds(plan.times.duration)
            let warning = Duration.milliseconds(plan.times.warning)
            let endsAt = now.moment + duration
            state = .active(
                CallState.Active(
                    answeredBy: party, endsAt: endsAt,
                    warnsAt: warning < duration ? endsAt - warning : nil, panel: ringing.panel))
        case (.lost(let side), _):
            setPresence(.lost(until: now.moment + .milliseconds(plan.times.grace)), of: side)
        case (.returned(let side), _):
            setPresence(.present, of: side)
        case (.ended(let outcome), _):
            state = .ended(
                CallState.Ended(outcome: outcome, answeredBy: answeredBy, at: now.time))
        case (.offered, .active), (.rang, .active), (.previewed, .active), (.ignored, .active),
            (.declined, .active), (.answered, .active):
            break
        }
    }

    /// What is not in the log, because nobody is told of it.
    mutating func noteWarned() {
        guard case .active(var active) = state else { return }
        active.warnsAt = nil
        state = .active(active)
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
                    + .milliseconds(max(plan.times.ring, plan.times.ringAfterRestart)))
            ringing.groupEndsAt = ringing.groupEndsAt?.clamped(
                from: now.moment, to: now.moment + .milliseconds(plan.times.group))
            ringing.panel = grace
            ringing.previewers = []
            state = .ringing(ringing)
        case .active(var active):
            active.endsAt = active.endsAt.clamped(
                from: now.moment + .milliseconds(plan.times.warning),
                to: now.moment + .milliseconds(plan.times.duration))
            active.warnsAt = max(
                now.moment, active.endsAt - .milliseconds(plan.times.warning))
            active.panel = grace
            active.resident = grace
            state = .active(active)
        case .ended:
            break
        }
    }

    private mutating func setStage(_ stage: Offer.Stage, of resident: ResidentID) {
        for index in offers.indices where offers[index].person.resident == resident {
            offers[index].stage = stage
        }
    }

    private mutating func stopPreviews(of devices: [DeviceID]) {
        guard case .ringing(var ringing) = state else { return }
        ringing.previewers.removeAll(where: devices.contains)
        state = .ringing(ringing)
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
