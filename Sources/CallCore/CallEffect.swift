// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// What is to be done after an input, in this order.
///
/// Data only: one door performs it. What follows a ``record(_:)`` is told when the ledger has the
/// record (written before told).
package enum CallEffect: Sendable, Equatable {
    case record(CallEvent)

    /// The answer to the request that was the input.
    case answer(CallAnswer)

    /// These people's devices ring: `call.incoming` over their sockets, a push to each.
    case offer([OfferedPerson])

    /// The device's part in the call changed.
    case tell(DeviceID, CallView)

    case tellPanel(PanelView)

    /// The party on this side learns that the other is gone (with what is left of its grace) or
    /// back.
    case tellPeer(CallSide, present: Bool, grace: Duration?)

    /// Both parties learn that the call ends soon.
    case warn(remaining: Duration)

    /// Media flows between the panel and this party; a key frame is asked for both ways.
    case connect(Party)

    /// The party is shown the panel's picture.
    case preview(Party)
    case endPreview(DeviceID)

    /// No media flows any longer.
    case disconnect

    /// No push of this call's ring is tried for these devices any longer, connected or not.
    case silencePush([DeviceID])

    /// Devices that rang by push and have no socket are to fall silent.
    case cancelPush([DeviceID])

    /// A notice of a missed call to these devices.
    case missedPush([DeviceID])

    /// A notice of a missed call to these people, after their quiet hours.
    case missedAfterQuietHours([ResidentID])
}

/// The answer to a request.
package enum CallAnswer: Sendable, Equatable {
    case accepted
    case refused(CallRefusal)
}

/// Why a request changes nothing.
package enum CallRefusal: Sendable, Equatable {
    /// It never concerned this device.
    case unknownCall
    case callEnded
    case alreadyAnswered(by: Party)

    /// As many devices as allowed see the picture already.
    case previewsTaken

    /// This device or person has no part in the call any longer.
    case notPermitted
}

/// A call as one device sees it.
package struct CallView: Sendable, Equatable {
    /// A device's part in a call.
    package enum Part: String, Sendable {
        case ringing
        case silent
        case talking
        case out
    }

    /// Why the part changed.
    package enum Reason: String, Sendable {
        case answeredElsewhere
        case declined
        case ignored
        case revoked
    }

    package let phase: CallPhase
    package let part: Part
    package let reason: Reason?
    package let answeredBy: Party?
    package let outcome: CallOutcome?
}

/// A call as its panel sees it.
package struct PanelView: Sendable, Equatable {
    package let phase: CallPhase
    package let answeredBy: Party?
    package let outcome: CallOutcome?
}

/// Which of its three states a call is in, without their payload.
package enum CallPhase: String, Sendable {
    case ringing
    case active
    case ended
}
