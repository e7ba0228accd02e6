// SPDX-License-Identifier: Apache-2.0

import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

/// The core's words in the words of the wire; both are written out, so that neither can change
/// without the other noticing.
extension CallPhase {
    var wire: VestibuleWire.CallState {
        switch self {
        case .ringing: .ringing
        case .active: .active
        case .ended: .ended
        }
    }
}

extension CallView.Part {
    var wire: VestibuleWire.Part {
        switch self {
        case .ringing: .ringing
        case .silent: .silent
        case .talking: .talking
        case .out: .out
        }
    }
}

extension CallView.Reason {
    var wire: PartReason {
        switch self {
        case .answeredElsewhere: .answeredElsewhere
        case .declined: .declined
        case .ignored: .ignored
        case .revoked: .revoked
        }
    }
}

extension CallOutcome {
    var wire: VestibuleWire.Outcome {
        switch self {
        case .completed: .completed
        case .declined: .declined
        case .missed: .missed
        case .cancelled: .cancelled
        case .dropped: .dropped
        case .limit: .limit
        case .revoked: .revoked
        case .panelLost: .panelLost
        case .unreachable: .unreachable
        }
    }
}

extension DoorResultRecord.Outcome {
    /// What a resident is told: a command that never left has no outcome of its own.
    var wire: VestibuleWire.DoorOutcome {
        switch self {
        case .opened: .opened
        case .failed, .notSent: .failed
        case .unknown: .unknown
        }
    }
}

extension AnsweredBy {
    init(_ party: Party) {
        self.init(resident: party.resident, device: party.device)
    }
}

extension Refusal {
    init(_ refusal: CallRefusal) {
        switch refusal {
        case .unknownCall: self.init(.unknownCall, detail: "no such call")
        case .callEnded: self.init(.callEnded, detail: "the call is over")
        case .alreadyAnswered(let party):
            self.init(
                .alreadyAnswered,
                detail: "answered by another device",
                answeredBy: AnsweredBy(party)
            )
        case .previewsTaken:
            self.init(.busy, detail: "as many devices as allowed see the picture")
        case .notPermitted:
            self.init(.notPermitted, detail: "no part in this call any longer")
        }
    }
}

extension VestibuleStorage.DoorWay {
    var wire: VestibuleWire.DoorWay {
        switch self {
        case .app: .app
        case .call: .call
        case .pin: .pin
        case .qr: .qr
        case .guestPage: .guestPage
        case .partner: .partner
        }
    }
}
