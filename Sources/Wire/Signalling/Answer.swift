// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// What an `ok` carries beside `re`: what the request's row in the protocol names, else nothing.
public struct Answer: Sendable, Equatable {
    /// The call that was started.
    public var call: CallID?

    /// The number that media frames of the call, or a photo wanted, carry.
    public var handle: UInt32?

    /// Seconds.
    public var ringTimeout: Double?

    /// The door command that was given.
    public var command: CommandID?

    /// What the panel told about it.
    public var outcome: DoorOutcome?

    /// A page of the directory.
    public var directory: DirectoryPage?

    /// The pass that was presented.
    public var pass: PassName?

    /// What a panel checks passes with.
    public var passes: PassBook?

    /// What the manager types to find this panel.
    public var code: String?

    /// How long ``code`` is good.
    public var remainingMs: Int?

    /// The server's civil time.
    public var time: Timestamp?

    /// The server's milliseconds since this connection's `welcome`.
    public var clockMs: Int?

    /// An answer that says nothing but that it was done.
    public init() {}
}

extension Answer {
    /// Done, and nothing to add.
    public static var done: Answer { Answer() }

    /// To `call.start`; `ringTimeout` in seconds.
    public static func started(_ call: CallID, handle: UInt32, ringTimeout: Double) -> Answer {
        var answer = Answer()
        answer.call = call
        answer.handle = handle
        answer.ringTimeout = ringTimeout
        return answer
    }

    /// To `call.answer` and `call.preview`.
    public static func handle(_ handle: UInt32) -> Answer {
        var answer = Answer()
        answer.handle = handle
        return answer
    }

    /// To `call.unlock` and `door.unlock`.
    public static func door(_ command: CommandID, _ outcome: DoorOutcome) -> Answer {
        var answer = Answer()
        answer.command = command
        answer.outcome = outcome
        return answer
    }

    /// To `ping`.
    public static func clock(_ time: Timestamp, clockMs: Int) -> Answer {
        var answer = Answer()
        answer.time = time
        answer.clockMs = clockMs
        return answer
    }

    /// To `directory.get`.
    public static func directory(_ page: DirectoryPage) -> Answer {
        var answer = Answer()
        answer.directory = page
        return answer
    }
}

/// A page of the directory, or that nothing changed.
public struct DirectoryPage: Sendable, Equatable {
    /// Counts up with each change.
    public var version: Int

    /// At most 500; nil where the version asked with is the newest (`unchanged`).
    public var entries: [DirectoryEntry]?

    /// The cursor of the next page, where there is one.
    public var next: String?

    /// A page, or `unchanged` where `entries` is nil.
    public init(version: Int, entries: [DirectoryEntry]?, next: String? = nil) {
        self.version = version
        self.entries = entries
        self.next = next
    }
}

/// A line of the directory that a guest chooses from.
public struct DirectoryEntry: Sendable, Equatable {
    /// What `call.start` takes.
    public var unit: UnitID

    /// The number or letter at the door.
    public var label: String

    /// Who lives there, as far as they wish it shown.
    public var name: String

    /// A line of the directory.
    public init(unit: UnitID, label: String, name: String) {
        self.unit = unit
        self.label = label
        self.name = name
    }
}

/// A pass as it is named to whom it may be named.
public struct PassName: Sendable, Equatable {
    /// Absent to a panel.
    public var id: PassID?

    /// What its resident called it.
    public var name: String

    /// Names a pass.
    public init(id: PassID? = nil, name: String) {
        self.id = id
        self.name = name
    }
}

/// What a panel needs to check passes by itself (`passes.sync`).
public struct PassBook: Sendable, Equatable {
    /// Counts up with each change.
    public var version: Int

    /// The property's Ed25519 keys that sign passes.
    public var keys: [PassKey]

    /// Passes that are void though their signature is good.
    public var revoked: [PassID]

    /// IANA names of the time zones that passes refer to by their place in this list.
    public var zones: [String]

    /// Seconds after which this is too old to let anyone in.
    public var maxAge: Double

    /// Gathers what a panel needs offline.
    public init(
        version: Int,
        keys: [PassKey],
        revoked: [PassID],
        zones: [String],
        maxAge: Double
    ) {
        self.version = version
        self.keys = keys
        self.revoked = revoked
        self.zones = zones
        self.maxAge = maxAge
    }
}

/// A public key that signs passes.
public struct PassKey: Sendable, Equatable {
    /// What a pass refers to.
    public var id: String

    /// Base64url without padding, 32 bytes.
    public var key: String

    /// Names a key.
    public init(id: String, key: String) {
        self.id = id
        self.key = key
    }
}
