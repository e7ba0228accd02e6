// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// An entry of a call's log: what happened, in the past tense.
///
/// The log is the call: ``Call`` is a fold of it, history is a reading of it. The coded form is
/// stored with a format version, so cases are only ever added.
package enum CallEvent: Sendable, Equatable, Codable {
    case started(CallPlan)

    /// The ring group of this index was offered the call.
    case offered(group: Int)

    /// A device says that it rings.
    case rang(Party)
    case previewed(Party)
    case ignored(Party)
    case declined(Party)

    /// A person may not take part any longer: disabled, or without a device left.
    case personRemoved(ResidentID)

    /// A device may not take part any longer: revoked or signed out.
    case deviceRemoved(DeviceID)
    case answered(Party)
    case lost(CallSide)
    case returned(CallSide)
    case ended(CallOutcome)
}

/// The two ends of a call that is being talked.
package enum CallSide: String, Sendable, Codable {
    case panel
    case resident
}

/// How a call ended; history's words, the same as on the wire.
package enum CallOutcome: String, Sendable, Codable, CaseIterable {
    case completed
    case declined
    case missed
    case cancelled
    case dropped
    case limit
    case revoked
    case panelLost
    case unreachable
}

/// An event with the time it happened at.
package struct LoggedCallEvent: Sendable, Equatable, Codable {
    /// The version of the coded form; a store from a newer version is refused as a whole.
    package static let format = 1

    package let at: Timestamp
    package let event: CallEvent

    package init(at: Timestamp, event: CallEvent) {
        self.at = at
        self.event = event
    }
}
