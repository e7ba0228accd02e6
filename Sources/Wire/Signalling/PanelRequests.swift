// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// `directory.get`: the units that a guest may call, or what changed since a version.
public struct DirectoryGet: Sendable, Equatable {
    /// The version that the panel holds; if it is the newest, the answer is `unchanged`.
    public var have: Int?

    /// Only entries whose label or name holds this.
    public var search: String?

    /// `next` of the page before.
    public var cursor: String?

    /// Asks for the first page, or for the one at `cursor`.
    public init(have: Int? = nil, search: String? = nil, cursor: String? = nil) {
        self.have = have
        self.search = search
        self.cursor = cursor
    }
}

/// `pass.present`: what a guest typed or showed.
public struct PassPresentation: Sendable, Equatable {
    /// A PIN, for all units or for one, or the text of a QR code.
    public enum Credential: Sendable, Equatable {
        case pin(Secret, unit: UnitID?)
        case qr(Secret)
    }

    /// What was typed or shown.
    public var credential: Credential

    /// The door wanted; absent, the server chooses.
    public var door: DoorID?

    /// Presents a credential.
    public init(credential: Credential, door: DoorID? = nil) {
        self.credential = credential
        self.door = door
    }
}

/// One opening by a pass that the panel checked offline.
public struct PassUse: Sendable, Equatable {
    /// Chosen by the panel, unique: a use is counted once, however often it is told.
    public var use: String

    /// The pass.
    public var pass: PassID

    /// The door it was shown at.
    public var door: DoorID

    /// When, by the panel's clock.
    public var at: Timestamp

    /// What became of the door.
    public var outcome: DoorOutcome

    /// Describes one use.
    public init(use: String, pass: PassID, door: DoorID, at: Timestamp, outcome: DoorOutcome) {
        self.use = use
        self.pass = pass
        self.door = door
        self.at = at
        self.outcome = outcome
    }
}

/// `door.result`: what became of a `door.open`.
public struct DoorResult: Sendable, Equatable {
    /// As in `door.open`.
    public var command: CommandID

    /// ``DoorOutcome/opened`` or ``DoorOutcome/failed``; a panel that does not know says neither.
    public var outcome: DoorOutcome

    /// For people; `late` where the command came beyond its deadline.
    public var detail: String?

    /// Tells what became of a command.
    public init(command: CommandID, outcome: DoorOutcome, detail: String? = nil) {
        self.command = command
        self.outcome = outcome
        self.detail = detail
    }
}
