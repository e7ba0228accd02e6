// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// What the server tells without being asked, of every kind that the protocol has.
public enum ServerEvent: Sendable, Equatable {
    // Both roles.
    case callPeer(call: CallID, present: Bool, graceMs: Int?)
    case callEnding(call: CallID, remainingMs: Int)
    case callMedia(call: CallID, MediaActivity)
    case mediaKeyframe(call: CallID, maxBytes: Int?)
    case mediaRate(call: CallID, kbps: Int)
    case serverRestarting(reconnectAfterMs: Int)
    case authExpiring(remainingMs: Int)

    // A panel.
    case panelCallState(PanelCallState)
    case doorOpen(DoorOpen)
    case doorVoid(command: CommandID)
    case directoryChanged(version: Int)
    case panelChanged(PanelInfo)
    case passOpened(PassOpened)
    case passRefused(code: ErrorCode, remainingMs: Int?)

    // A resident's device.
    case callIncoming(CallOffer)
    case callState(ResidentCallState)
    case doorOpened(DoorOpened)
    case doorsChanged
    case passUsed(PassUsed)

    /// An event of a later version, which a client ignores (its `seq` counts).
    case unknown(type: String)
}

/// The `type` of each event.
public enum EventName: String, Sendable, CaseIterable {
    case callPeer = "call.peer"
    case callEnding = "call.ending"
    case callMedia = "call.media"
    case mediaKeyframe = "media.keyframe"
    case mediaRate = "media.rate"
    case serverRestarting = "server.restarting"
    case authExpiring = "auth.expiring"
    case callState = "call.state"
    case doorOpen = "door.open"
    case doorVoid = "door.void"
    case directoryChanged = "directory.changed"
    case panelChanged = "panel.changed"
    case passOpened = "pass.opened"
    case passRefused = "pass.refused"
    case callIncoming = "call.incoming"
    case doorOpened = "door.opened"
    case doorsChanged = "doors.changed"
    case passUsed = "pass.used"
}

/// `call.state` as a panel hears it.
public struct PanelCallState: Sendable, Equatable {
    /// The call.
    public var call: CallID

    /// Where it is now.
    public var state: CallState

    /// Who answered, once somebody has.
    public var answeredBy: AnsweredBy?

    /// How it ended, with ``CallState/ended``.
    public var outcome: Outcome?

    /// The resident's abilities, with ``CallState/active``.
    public var media: MediaAbilities?

    /// Tells a panel where its call is.
    public init(
        call: CallID,
        state: CallState,
        answeredBy: AnsweredBy? = nil,
        outcome: Outcome? = nil,
        media: MediaAbilities? = nil
    ) {
        self.call = call
        self.state = state
        self.answeredBy = answeredBy
        self.outcome = outcome
        self.media = media
    }
}

/// `call.state` as a resident's device hears it.
public struct ResidentCallState: Sendable, Equatable {
    /// The call.
    public var call: CallID

    /// Where it is now.
    public var state: CallState

    /// This device's part in it.
    public var you: Part

    /// Who answered, once somebody has.
    public var answeredBy: AnsweredBy?

    /// Why ``you`` changed, where there is something to say.
    public var reason: PartReason?

    /// How it ended, with ``CallState/ended``.
    public var outcome: Outcome?

    /// The panel's abilities, with ``CallState/active``.
    public var media: MediaAbilities?

    /// Tells a device where a call is, and what its own part is.
    public init(
        call: CallID,
        state: CallState,
        you: Part,
        answeredBy: AnsweredBy? = nil,
        reason: PartReason? = nil,
        outcome: Outcome? = nil,
        media: MediaAbilities? = nil
    ) {
        self.call = call
        self.state = state
        self.you = you
        self.answeredBy = answeredBy
        self.reason = reason
        self.outcome = outcome
        self.media = media
    }
}

/// `door.open`: a command to a panel, acted on at most once and never late.
public struct DoorOpen: Sendable, Equatable {
    /// Names the command: acted on once, and told about by it.
    public var command: CommandID

    /// The door of this panel.
    public var door: DoorID

    /// How long the relay is held.
    public var seconds: Double

    /// For people; the panel goes by ``notAfterMs``.
    public var notAfter: Timestamp

    /// Milliseconds since this connection's `welcome` was sent, beyond which the panel refuses.
    public var notAfterMs: Int

    /// Commands a panel.
    public init(
        command: CommandID,
        door: DoorID,
        seconds: Double,
        notAfter: Timestamp,
        notAfterMs: Int
    ) {
        self.command = command
        self.door = door
        self.seconds = seconds
        self.notAfter = notAfter
        self.notAfterMs = notAfterMs
    }
}

/// `door.opened`: somebody opened, or tried to open, a door.
public struct DoorOpened: Sendable, Equatable {
    /// The door.
    public var door: DoorID

    /// Who acted.
    public var by: Who

    /// By which way.
    public var via: DoorWay

    /// The call in which it was done, if in one.
    public var call: CallID?

    /// The command to the panel: a late result comes again under it.
    public var command: CommandID

    /// What the panel told.
    public var outcome: DoorOutcome

    /// Tells who opened which door.
    public init(
        door: DoorID,
        by: Who,
        via: DoorWay,
        call: CallID? = nil,
        command: CommandID,
        outcome: DoorOutcome
    ) {
        self.door = door
        self.by = by
        self.via = via
        self.call = call
        self.command = command
        self.outcome = outcome
    }
}

/// A person or a program, as the audit names it.
public struct Who: Sendable, Equatable {
    /// What the identifier names.
    public var kind: WhoKind

    /// The person's or program's identifier.
    public var id: String

    /// What people call them.
    public var name: String

    /// Names who acted.
    public init(kind: WhoKind, id: String, name: String) {
        self.kind = kind
        self.id = id
        self.name = name
    }
}

/// `pass.opened`: a pass shown to the camera opened a door; a photo is wanted.
public struct PassOpened: Sendable, Equatable {
    /// The pass that was shown.
    public var pass: PassName

    /// The door that opened.
    public var door: DoorID

    /// What the photo wanted carries.
    public var handle: UInt32

    /// Tells a panel that a pass was good.
    public init(pass: PassName, door: DoorID, handle: UInt32) {
        self.pass = pass
        self.door = door
        self.handle = handle
    }
}

/// `pass.used`: a resident's pass opened a door.
public struct PassUsed: Sendable, Equatable {
    /// The resident's pass.
    public var pass: PassName

    /// The door that opened.
    public var door: DoorID

    /// The use whose photo can be fetched over REST; absent where there is none.
    public var photo: String?

    /// Tells a resident that a pass was used.
    public init(pass: PassName, door: DoorID, photo: String? = nil) {
        self.pass = pass
        self.door = door
        self.photo = photo
    }
}
