// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// The answer to `hello`: all that a client which lost everything needs to draw its screen.
public struct Welcome: Sendable, Equatable {
    /// Names the session, for `resume`.
    public var session: SessionID

    /// What the session speaks for.
    public var role: Role

    /// The newest event that ``calls`` includes: a replayed event up to it is for the log only.
    public var seq: Int

    /// Whether the events after `resume.seq` follow; otherwise the session is new.
    public var resumed: Bool

    /// The server's civil time.
    public var time: Timestamp

    /// Seconds between two signs of life.
    public var heartbeat: Double

    /// What the server takes from this session.
    public var limits: WelcomeLimits

    /// Only for panels.
    public var panel: PanelInfo?

    /// Live calls that concern this device, and those that ended lately.
    public var calls: [CallEntry]

    /// Welcomes a client.
    public init(
        session: SessionID,
        role: Role,
        seq: Int,
        resumed: Bool,
        time: Timestamp,
        heartbeat: Double,
        limits: WelcomeLimits,
        panel: PanelInfo? = nil,
        calls: [CallEntry] = []
    ) {
        self.session = session
        self.role = role
        self.seq = seq
        self.resumed = resumed
        self.time = time
        self.heartbeat = heartbeat
        self.limits = limits
        self.panel = panel
        self.calls = calls
    }
}

/// What the server takes from this session; more is `rate_limited`, then closed.
public struct WelcomeLimits: Sendable, Equatable {
    /// Bytes of a text message.
    public var message: Int

    /// Bytes of a media frame with its header.
    public var frame: Int

    /// Text messages a second.
    public var messagesPerSecond: Int

    /// Media frames a second.
    public var framesPerSecond: Int

    /// Media bits a second.
    public var bitsPerSecond: Int

    /// States each bound.
    public init(
        message: Int,
        frame: Int,
        messagesPerSecond: Int,
        framesPerSecond: Int,
        bitsPerSecond: Int
    ) {
        self.message = message
        self.frame = frame
        self.messagesPerSecond = messagesPerSecond
        self.framesPerSecond = framesPerSecond
        self.bitsPerSecond = bitsPerSecond
    }

    /// As the server's own bounds have it.
    public init(_ limits: SessionLimits) {
        self.init(
            message: limits.message,
            frame: limits.frame,
            messagesPerSecond: limits.messagesPerSecond,
            framesPerSecond: limits.framesPerSecond,
            bitsPerSecond: limits.bitsPerSecond
        )
    }
}

/// What a panel is told about itself.
public struct PanelInfo: Sendable, Equatable {
    /// Names the panel.
    public var id: PanelID

    /// What people call it.
    public var name: String

    /// The doors whose relays it holds, the usual one first.
    public var doors: [DoorName]

    /// An IANA name.
    public var timeZone: String

    /// Seconds.
    public var ringTimeout: Double

    /// Describes a panel to itself.
    public init(
        id: PanelID,
        name: String,
        doors: [DoorName],
        timeZone: String,
        ringTimeout: Double
    ) {
        self.id = id
        self.name = name
        self.doors = doors
        self.timeZone = timeZone
        self.ringTimeout = ringTimeout
    }
}

/// A door and its name.
public struct DoorName: Sendable, Equatable {
    /// Names the door.
    public var id: DoorID

    /// What people call it.
    public var name: String

    /// Pairs an identifier with a name.
    public init(id: DoorID, name: String) {
        self.id = id
        self.name = name
    }
}

/// A panel and its name.
public struct PanelName: Sendable, Equatable {
    /// Names the panel.
    public var id: PanelID

    /// What people call it.
    public var name: String

    /// Pairs an identifier with a name.
    public init(id: PanelID, name: String) {
        self.id = id
        self.name = name
    }
}
