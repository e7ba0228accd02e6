// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// One text message from a client: a request with the identifier its answer will carry.
public struct ClientMessage: Sendable, Equatable {
    /// Chosen by the client, unique in its session, 1 to ``WireProtocol/idLength`` bytes.
    public var id: String

    /// What is asked.
    public var request: ClientRequest

    /// A request under an identifier.
    public init(id: String, request: ClientRequest) {
        self.id = id
        self.request = request
    }
}

/// What a client asks, of every kind that the protocol has.
public enum ClientRequest: Sendable, Equatable {
    // Both roles.
    case hello(Hello)
    case ping
    case authRenew(token: Secret)
    case callHangup(CallID)
    case callMedia(CallID, MediaActivity)
    case mediaKeyframe(CallID)

    // A panel.
    case directoryGet(DirectoryGet)
    case callStart(unit: UnitID, key: String)
    case callCancel(CallID)
    case passPresent(PassPresentation)
    case passesSync(have: Int?)
    case passUses([PassUse])
    case panelCode
    case doorResult(DoorResult)
    case doorState(door: DoorID, state: DoorState)

    // A resident's device.
    case callRinging(CallID)
    case callIgnore(CallID)
    case callPreview(CallID)
    case callAnswer(CallID)
    case callDecline(CallID)
    case callUnlock(CallUnlock)
    case doorUnlock(door: DoorID, key: String)
    case deviceStatus(DeviceStatus)
    case pushAck(push: PushID, key: String)
}

/// The `type` of each message that a client sends.
public enum RequestName: String, Sendable, CaseIterable {
    case hello
    case ping
    case authRenew = "auth.renew"
    case callHangup = "call.hangup"
    case callMedia = "call.media"
    case mediaKeyframe = "media.keyframe"
    case directoryGet = "directory.get"
    case callStart = "call.start"
    case callCancel = "call.cancel"
    case passPresent = "pass.present"
    case passesSync = "passes.sync"
    case passUses = "pass.uses"
    case panelCode = "panel.code"
    case doorResult = "door.result"
    case doorState = "door.state"
    case callRinging = "call.ringing"
    case callIgnore = "call.ignore"
    case callPreview = "call.preview"
    case callAnswer = "call.answer"
    case callDecline = "call.decline"
    case callUnlock = "call.unlock"
    case doorUnlock = "door.unlock"
    case deviceStatus = "device.status"
    case pushAck = "push.ack"
}

extension ClientRequest {
    /// The request's `type`, which is also a label for counters and logs.
    public var name: RequestName {
        switch self {
        case .hello: .hello
        case .ping: .ping
        case .authRenew: .authRenew
        case .callHangup: .callHangup
        case .callMedia: .callMedia
        case .mediaKeyframe: .mediaKeyframe
        case .directoryGet: .directoryGet
        case .callStart: .callStart
        case .callCancel: .callCancel
        case .passPresent: .passPresent
        case .passesSync: .passesSync
        case .passUses: .passUses
        case .panelCode: .panelCode
        case .doorResult: .doorResult
        case .doorState: .doorState
        case .callRinging: .callRinging
        case .callIgnore: .callIgnore
        case .callPreview: .callPreview
        case .callAnswer: .callAnswer
        case .callDecline: .callDecline
        case .callUnlock: .callUnlock
        case .doorUnlock: .doorUnlock
        case .deviceStatus: .deviceStatus
        case .pushAck: .pushAck
        }
    }
}

/// Why a text message could not be taken, with what is needed to say so.
public enum MessageFault: Error, Sendable, Equatable {
    /// No JSON object: answered `bad_message`; the tenth closes the socket.
    case notAnObject

    /// A `type` that this version does not know: answered `unknown_type`.
    case unknownType(id: String?, type: String)

    /// A field that is missing, of the wrong kind or too long: answered `bad_request`.
    /// `field` is a path such as `device.id` or `uses.0.at`.
    case badRequest(id: String?, field: String)
}
