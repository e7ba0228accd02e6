// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// One text message from the server.
public enum ServerMessage: Sendable, Equatable {
    /// The request whose `id` was `re` is done.
    case ok(re: String, Answer)

    /// The request is refused; `re` is absent where it could not be read.
    case refused(re: String?, Refusal)

    /// The answer to `hello`.
    case welcome(re: String, Welcome)

    /// What happened, counted from 1 in each session.
    case event(seq: Int, ServerEvent)
}

/// Why a request is refused.
public struct Refusal: Sendable, Equatable, Error {
    /// For programs.
    public var code: ErrorCode

    /// For people, in English; never shown to residents by our clients.
    public var detail: String

    /// With `bad_request`: the field.
    public var field: String?

    /// With `unreachable`: the call that was recorded.
    public var call: CallID?

    /// With `already_answered`: who was first.
    public var answeredBy: AnsweredBy?

    /// With `locked_out`: how long still, in milliseconds.
    public var remainingMs: Int?

    /// Refuses with `code`; the rest only where the code says so.
    public init(
        _ code: ErrorCode,
        detail: String = "",
        field: String? = nil,
        call: CallID? = nil,
        answeredBy: AnsweredBy? = nil,
        remainingMs: Int? = nil
    ) {
        self.code = code
        self.detail = detail
        self.field = field
        self.call = call
        self.answeredBy = answeredBy
        self.remainingMs = remainingMs
    }
}

/// Who answered a call.
public struct AnsweredBy: Sendable, Equatable {
    /// The resident.
    public var resident: ResidentID

    /// The resident's device.
    public var device: DeviceID

    /// Names the resident and the device.
    public init(resident: ResidentID, device: DeviceID) {
        self.resident = resident
        self.device = device
    }
}
