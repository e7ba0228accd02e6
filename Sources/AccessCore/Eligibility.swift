// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Why a person of a ring group is offered a call, or not.
package enum Eligibility: Sendable, Equatable {
    case eligible(devices: [DeviceID])
    case notCurrent
    case disabled
    case quietHours

    /// No device is enrolled. One without a socket or a push registration counts as a device: it
    /// may connect while it rings.
    case noDevice
}

extension DirectorySnapshot {
    /// Whether a person is offered a call that starts now.
    package func eligibility(of resident: ResidentID, at time: Timestamp) -> Eligibility {
        guard let person = self.resident(resident) else { return .notCurrent }
        guard person.status == .current else { return .notCurrent }
        guard person.isEnabled else { return .disabled }
        guard !person.devices.isEmpty else { return .noDevice }
        if !person.quietHours.isEmpty, let zone = property(person.property)?.timeZone,
            let local = LocalTime(at: time, in: zone),
            person.quietHours.contains(where: { $0.contains(local) })
        {
            return .quietHours
        }
        return .eligible(devices: person.devices)
    }
}

extension DirectorySnapshot {
    /// When a person's quiet hours that hold now are over: the first minute of the next two days
    /// that is outside all of them.
    package func endOfQuietHours(of resident: ResidentID, after time: Timestamp) -> Timestamp {
        guard let person = self.resident(resident),
            let zone = property(person.property)?.timeZone
        else { return time }
        var candidate = time
        for _ in 0..<(2 * 24 * 60) {
            guard let local = LocalTime(at: candidate, in: zone),
                person.quietHours.contains(where: { $0.contains(local) })
            else { return candidate }
            candidate = candidate + .seconds(60)
        }
        return candidate
    }
}
