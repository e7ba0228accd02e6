// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// A client's first message.
public struct Hello: Sendable, Equatable {
    /// The credential: a panel's, or an access token of the device's account.
    public var token: Secret

    /// What it runs on.
    public var device: HelloDevice

    /// The session that the client had, where it wants what it missed.
    ///
    /// A panel that leaves it out has forgotten its call, which ends.
    public var resume: Resume?

    /// Introduces a client.
    public init(token: Secret, device: HelloDevice, resume: Resume? = nil) {
        self.token = token
        self.device = device
        self.resume = resume
    }
}

/// What the client runs on.
public struct HelloDevice: Sendable, Equatable {
    /// The identifier that the server issued (for a panel: the panel's).
    public var id: String

    /// For people who look for a fault.
    public var model: String?

    /// The app's or firmware's version.
    public var version: String?

    /// What it can show and say.
    public var media: MediaAbilities?

    /// Describes a device.
    public init(
        id: String,
        model: String? = nil,
        version: String? = nil,
        media: MediaAbilities? = nil
    ) {
        self.id = id
        self.model = model
        self.version = version
        self.media = media
    }
}

/// What a side can show, take and say; told to the other side with `active`.
public struct MediaAbilities: Sendable, Equatable, Codable {
    /// Pixels; a picture that is wanted is not wider.
    public var maxWidth: Int?

    /// Pixels; a picture that is wanted is not higher.
    public var maxHeight: Int?

    /// Frames a second.
    public var fps: Int?

    /// Whether there is anything to show video on.
    public var screen: Bool?

    /// Whether there is anything to hear of this side.
    public var microphone: Bool?

    /// States abilities; what is nil is not told.
    public init(
        maxWidth: Int? = nil,
        maxHeight: Int? = nil,
        fps: Int? = nil,
        screen: Bool? = nil,
        microphone: Bool? = nil
    ) {
        self.maxWidth = maxWidth
        self.maxHeight = maxHeight
        self.fps = fps
        self.screen = screen
        self.microphone = microphone
    }
}

/// Where a client's knowledge of its session ends.
public struct Resume: Sendable, Equatable {
    /// As in `welcome`.
    public var session: SessionID

    /// The newest event that the client has seen.
    public var seq: Int

    /// Asks for the events after `seq`.
    public init(session: SessionID, seq: Int) {
        self.session = session
        self.seq = seq
    }
}

/// What a side sends now: muted is not frozen.
public struct MediaActivity: Sendable, Equatable {
    /// Whether audio is sent.
    public var audio: Bool

    /// Whether video is sent.
    public var video: Bool

    /// States what is sent.
    public init(audio: Bool, video: Bool) {
        self.audio = audio
        self.video = video
    }
}
