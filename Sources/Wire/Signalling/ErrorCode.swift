// SPDX-License-Identifier: Apache-2.0

/// Why a request was refused: a word for programs, beside the detail for people.
///
/// A code of a later version survives decoding, so a client can show and log it.
public struct ErrorCode: RawRepresentable, Sendable, Hashable {
    /// The word on the wire.
    public let rawValue: String

    /// The code that this word is, known or not.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    private init(_ rawValue: String) {
        self.rawValue = rawValue
    }
}

extension ErrorCode: CustomStringConvertible {
    /// The word on the wire.
    public var description: String { rawValue }
}

extension ErrorCode: CaseIterable {
    // The message itself.
    /// No JSON object.
    public static let badMessage = ErrorCode("bad_message")

    /// A field is missing, of the wrong kind or too long; `field` names it.
    public static let badRequest = ErrorCode("bad_request")

    /// A `type` that this server does not know.
    public static let unknownType = ErrorCode("unknown_type")

    /// A message of the protocol that this server does not serve yet.
    public static let unsupported = ErrorCode("unsupported")

    /// More than this session may send; wait a second.
    public static let rateLimited = ErrorCode("rate_limited")

    /// The server takes no more for now.
    public static let busyServer = ErrorCode("busy_server")

    // Authority.
    /// `auth.renew` with a token that is not valid.
    public static let badToken = ErrorCode("bad_token")

    /// `auth.renew` with a token of another account, client or device.
    public static let notYours = ErrorCode("not_yours")

    /// The caller knows of it but may not.
    public static let notPermitted = ErrorCode("not_permitted")

    // The directory.
    /// The directory changed between two pages: begin again.
    public static let changedMeanwhile = ErrorCode("changed_meanwhile")

    // Calls.
    /// No such unit that this panel may call.
    public static let unknownUnit = ErrorCode("unknown_unit")

    /// Nobody there can be rung; `call` names the call that was recorded.
    public static let unreachable = ErrorCode("unreachable")

    /// The panel, or this device, is in a call already; or eight preview already.
    public static let busy = ErrorCode("busy")

    /// No such call that concerns the caller.
    public static let unknownCall = ErrorCode("unknown_call")

    /// The call is over.
    public static let callEnded = ErrorCode("call_ended")

    /// Another device answered; `answeredBy` names it.
    public static let alreadyAnswered = ErrorCode("already_answered")

    // Doors.
    /// The door's panel is not connected.
    public static let panelOffline = ErrorCode("panel_offline")

    /// No such door that the caller knows of.
    public static let unknownDoor = ErrorCode("unknown_door")

    /// No such command of this panel in the last 24 hours.
    public static let unknownCommand = ErrorCode("unknown_command")

    /// The audit log could not be written, so nothing was opened.
    public static let notRecorded = ErrorCode("not_recorded")

    // Push.
    /// No such push to this device.
    public static let unknownPush = ErrorCode("unknown_push")

    // Passes.
    /// No such pass here and now; for a PIN all that is told.
    public static let passUnknown = ErrorCode("pass_unknown")

    /// Too many wrong PINs; `remainingMs` says how long still.
    public static let lockedOut = ErrorCode("locked_out")

    /// The pass is being used at this moment.
    public static let passBusy = ErrorCode("pass_busy")

    /// The pass is not valid yet.
    public static let passNotYet = ErrorCode("pass_not_yet")

    /// The pass is no longer valid.
    public static let passExpired = ErrorCode("pass_expired")

    /// The pass was deleted.
    public static let passRevoked = ErrorCode("pass_revoked")

    /// The pass rests, as its resident does.
    public static let passSuspended = ErrorCode("pass_suspended")

    /// The pass was for one use.
    public static let passUsed = ErrorCode("pass_used")

    /// The pass does not open this door.
    public static let passWrongDoor = ErrorCode("pass_wrong_door")

    /// The property allows no passes.
    public static let passesDisabled = ErrorCode("passes_disabled")

    /// Every code of this version.
    public static var allCases: [ErrorCode] {
        [
            badMessage, badRequest, unknownType, unsupported, rateLimited, busyServer,
            badToken, notYours, notPermitted, changedMeanwhile,
            unknownUnit, unreachable, busy, unknownCall, callEnded, alreadyAnswered,
            panelOffline, unknownDoor, unknownCommand, notRecorded, unknownPush,
            passUnknown, lockedOut, passBusy, passNotYet, passExpired, passRevoked,
            passSuspended, passUsed, passWrongDoor, passesDisabled,
        ]
    }
}
