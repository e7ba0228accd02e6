// SPDX-License-Identifier: Apache-2.0

/// A set of words that grows: a word which this version does not know is read as ``unknown``.
///
/// Clients ignore enum values that they do not know; a server never sends ``unknown`` but for
/// ``DoorOutcome``, where it is a word of the protocol.
public protocol OpenWord: RawRepresentable<String>, Sendable, Equatable, CaseIterable {
    /// What stands for a word of a later version.
    static var unknown: Self { get }
}

/// What a session speaks for.
public enum Role: String, OpenWord {
    case panel
    case resident
    case unknown
}

/// Where a call is.
public enum CallState: String, OpenWord {
    case ringing
    case active
    case ended
    case unknown
}

/// A resident device's part in a call.
public enum Part: String, OpenWord {
    /// It rings.
    case ringing

    /// Its person ignored or declined, or it is in quiet hours.
    case silent

    /// It talks, or is kept a place while it reconnects.
    case talking

    /// It is no longer in the call.
    case out
    case unknown
}

/// Why a device's ``Part`` changed.
public enum PartReason: String, OpenWord {
    case answeredElsewhere
    case declined
    case ignored
    case quietHours
    case revoked
    case unknown
}

/// How a call ended.
public enum Outcome: String, OpenWord {
    case completed
    case declined
    case missed
    case cancelled
    case dropped
    case limit
    case revoked
    case panelLost
    case unreachable
    case unknown
}

/// What became of a door command, as its panel told.
public enum DoorOutcome: String, OpenWord {
    case opened
    case failed

    /// Nobody told in time, which is not "closed".
    case unknown
}

/// What a panel's sensor says about a door.
public enum DoorState: String, Sendable, Equatable, CaseIterable {
    case closed
    case open

    /// Open for longer than it should be.
    case held

    /// Opened without a command.
    case forced
}

/// Who opened a door.
public enum WhoKind: String, OpenWord {
    case resident
    case frontDesk
    case guest
    case manager
    case partner
    case unknown
}

/// The way by which somebody opened a door.
public enum DoorWay: String, OpenWord {
    case app
    case call
    case pin
    case qr
    case guestPage
    case partner
    case unknown
}

/// What the operating system lets an app's notices do.
public enum NotificationPermission: String, Sendable, Equatable, CaseIterable {
    case granted
    case badgeOnly
    case denied
}
