// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics
public import VestibuleWire

/// What a panel's client tells the panel's own program.
public enum PanelEvent: Sendable, Equatable {
    case connection(ConnectionStatus)

    /// What to show.
    case screen(PanelScreen)

    /// What media may be sent from now on; nil: none.
    case media(MediaRight?)

    /// Open this door now, for this long, and say what became of it. Told at most once for a
    /// command, and never beyond its deadline. It never comes in ``Panel/events``, where it could
    /// wait: ``Panel/connect(url:token:panel:options:runtime:openDoor:)`` is given it at once.
    case openDoor(command: CommandID, door: DoorID, hold: Duration)

    /// The other side's connection was lost, or came back.
    case peer(call: CallID, present: Bool, grace: Duration?)

    /// The call's longest time is nearly over.
    case ending(call: CallID, remaining: Duration)

    /// What the other side sends: muted is not frozen.
    case peerMedia(call: CallID, MediaActivity)

    /// A key frame is wanted from the camera, of at most so many bytes.
    case keyFrameWanted(call: CallID, maxBytes: Int?)

    /// What the receiver can take.
    case rate(call: CallID, kilobits: Int)

    /// The whole directory, new.
    case directory(PanelDirectory)

    /// What the server knows of this panel, new or changed.
    case panel(PanelInfo)

    case passOpened(PassOpened)
    case passRefused(ErrorCode, remaining: Duration?)

    /// The answer to what was asked with a tag.
    case answered(tag: Int, Result<Answer, RequestFailure>)

    /// A new credential is wanted within this time.
    case tokenExpiring(Duration)

    /// The server took the new credential, for this connection; later ones use it too.
    case tokenRenewed

    /// The new credential was not taken: the older one stays in use until it runs out.
    case tokenNotRenewed(RequestFailure)

    /// What happened while the connection was lost and is no longer for the screen.
    case log(ServerEvent)
}

/// What a panel's program asks of its client.
public enum PanelOrder: Sendable, Equatable {
    /// The guest pressed a name.
    case press(UnitID)

    /// The guest gives up, or hangs up.
    case hangUp

    /// What became of an ``PanelEvent/openDoor(command:door:hold:)``.
    case doorDid(CommandID, DoorOutcome, detail: String?)

    /// A door's sensor.
    case doorIs(DoorID, DoorState)

    /// What is being sent in the call.
    case sending(MediaActivity)

    /// The screen needs a key frame of the other side's camera.
    case wantKeyFrame

    /// Load the directory, and again whenever it changes.
    case loadDirectory

    /// Any other request; answered as ``PanelEvent/answered(tag:_:)``.
    case ask(ClientRequest, tag: Int)
}

/// What a panel shows of its call.
public enum PanelScreen: Sendable, Equatable {
    case idle

    /// The press is on its way.
    case starting(unit: UnitID)

    /// It rings somewhere.
    case ringing(call: CallID, unit: UnitID?)

    /// Somebody answered; `media` is what that side can show and say.
    case active(call: CallID, answeredBy: AnsweredBy?, media: MediaAbilities?)

    /// It is over; until the next press.
    case ended(call: CallID?, PanelEnding)
}

/// How a panel's call ended.
public enum PanelEnding: Sendable, Equatable {
    /// As the server told; nil where it no longer knew.
    case outcome(Outcome?)

    /// It never began.
    case failed(RequestFailure)

    /// The guest ended it here.
    case here

    /// The connection was gone too long.
    case connectionLost
}

/// What media may be sent, and under which number.
public struct MediaRight: Sendable, Equatable {
    /// Which call.
    public let call: CallID

    /// The number in each frame's header.
    public let handle: UInt32

    /// Whether sound may be sent.
    public let audio: Bool

    /// Whether a picture may be sent.
    public let video: Bool

    /// The most that may be sent in all, bit/s.
    public let bitsPerSecond: Int

    /// Made by clients, and by tests of what uses it.
    public init(call: CallID, handle: UInt32, audio: Bool, video: Bool, bitsPerSecond: Int) {
        self.call = call
        self.handle = handle
        self.audio = audio
        self.video = video
        self.bitsPerSecond = bitsPerSecond
    }
}

/// The directory as a panel holds it.
public struct PanelDirectory: Sendable, Equatable {
    /// Grows with each change.
    public let version: Int

    /// What a guest chooses from, in the server's order.
    public let entries: [DirectoryEntry]

    /// Made by clients, and by tests of what uses it.
    public init(version: Int, entries: [DirectoryEntry]) {
        self.version = version
        self.entries = entries
    }
}
