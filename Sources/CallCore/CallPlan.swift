// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Everything about a call that is decided when the panel's button is pressed.
///
/// It is the payload of the first entry of the call's log, so that a call rebuilt after a restart
/// follows the rules it began with, whatever was configured since.
package struct CallPlan: Sendable, Equatable, Codable {
    package let call: CallID
    package let property: PropertyID
    package let unit: UnitID
    package let panel: PanelID

    /// Names the call in media frames; never 0.
    package let handle: UInt32

    /// The ring groups in order, those without anybody eligible left out.
    package let groups: [[OfferedPerson]]

    /// Who is in an offered group and is not offered the call, and why ("why did it not ring?").
    package let skipped: [SkippedPerson]

    package let policy: DeclinePolicy
    package let times: CallTimes

    package init(
        call: CallID,
        property: PropertyID,
        unit: UnitID,
        panel: PanelID,
        handle: UInt32,
        groups: [[OfferedPerson]],
        skipped: [SkippedPerson],
        policy: DeclinePolicy,
        times: CallTimes
    ) {
        self.call = call
        self.property = property
        self.unit = unit
        self.panel = panel
        self.handle = handle
        self.groups = groups
        self.skipped = skipped
        self.policy = policy
        self.times = times
    }

    /// Whether quiet hours alone stand between this call and the unit's people.
    var isPreventedByQuietHours: Bool {
        groups.isEmpty && !inQuietHours.isEmpty
    }

    /// Who is not offered the call because of quiet hours, each once.
    var inQuietHours: [ResidentID] {
        var people: [ResidentID] = []
        for person in skipped where person.reason == .quietHours {
            if !people.contains(person.resident) { people.append(person.resident) }
        }
        return people
    }
}

/// A person who is offered a call, on all devices at once: people count, not devices.
package struct OfferedPerson: Sendable, Equatable, Codable {
    package let resident: ResidentID
    package let devices: [DeviceID]

    package init(resident: ResidentID, devices: [DeviceID]) {
        self.resident = resident
        self.devices = devices
    }
}

/// A person of an offered group who is not offered the call.
package struct SkippedPerson: Sendable, Equatable, Codable {
    /// Why somebody is not eligible.
    package enum Reason: String, Sendable, Codable {
        case notCurrent
        case disabled
        case quietHours
        case noDevice

        /// The call was offered to as many devices as one call may be.
        case tooMany
    }

    package let resident: ResidentID
    package let reason: Reason

    package init(resident: ResidentID, reason: Reason) {
        self.resident = resident
        self.reason = reason
    }
}

/// What a decline does to a ringing call.
package enum DeclinePolicy: String, Sendable, Codable {
    /// The first decline ends the call, whatever groups wait.
    case first

    /// The call rings on until all people offered have declined or ignored it.
    case all
}

/// One person on one device.
package struct Party: Sendable, Hashable, Codable {
    package let resident: ResidentID
    package let device: DeviceID

    package init(resident: ResidentID, device: DeviceID) {
        self.resident = resident
        self.device = device
    }
}

/// The times of a call, in milliseconds, as they were when it started.
package struct CallTimes: Sendable, Equatable, Codable {
    package var ring: Int64
    package var group: Int64
    package var grace: Int64
    package var duration: Int64
    package var warning: Int64
    package var ringAfterRestart: Int64

    /// Takes the bounds of the server; `ring` is what the property says, where it says something.
    package init(limits: CallLimits, ring: Duration?) {
        let chosen = min(max(ring ?? limits.ring, limits.ringLeast), limits.ringMost)
        self.ring = (ring == nil ? limits.ring : chosen).milliseconds
        group = limits.group.milliseconds
        grace = limits.grace.milliseconds
        duration = limits.duration.milliseconds
        warning = limits.warning.milliseconds
        ringAfterRestart = limits.ringAfterRestart.milliseconds
    }
}
