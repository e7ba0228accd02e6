// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// What can happen to a call.
///
/// Each request of a device names its party, checked by the caller against the directory; the
/// call checks that it was offered.
package enum CallInput: Sendable, Equatable {
    case rang(Party)
    case answered(Party)
    case declined(Party)
    case ignored(Party)
    case previewed(Party)

    /// A device hangs up: a decline while it rings, the end while this device talks.
    case hungUp(Party)

    /// The panel cancels or hangs up; to the call both are its end.
    case panelHungUp

    /// The panel's socket is gone, or back with its memory of the call.
    case panelLost
    case panelReturned

    /// The panel is back without memory of the call.
    case panelForgot
    case panelRevoked

    case deviceLost(DeviceID)
    case deviceReturned(DeviceID)

    /// A person was disabled, a grant revoked: no part in this call any longer.
    case personRemoved(ResidentID)
    case deviceRemoved(DeviceID)

    /// The server is ready again after a restart; the call was rebuilt from its log.
    case restarted

    /// Time went by; sent when ``Call/nextDeadline`` has come, harmless at any other time.
    case timePassed
}
