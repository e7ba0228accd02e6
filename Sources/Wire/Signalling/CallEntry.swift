// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics

/// A call as it is offered: what `call.incoming` carries.
public struct CallOffer: Sendable, Equatable {
    /// Names the call in requests and events.
    public var call: CallID

    /// The number that media frames of this call carry.
    public var handle: UInt32

    /// Where the guest stands.
    public var panel: PanelName

    /// The unit that was called.
    public var unit: UnitID

    /// The property of both.
    public var property: PropertyID

    /// When the guest pressed the button.
    public var startedAt: Timestamp

    /// When it stops ringing, by the server's clock.
    public var expiresAt: Timestamp

    /// When it stops ringing, in milliseconds from when this was sent.
    public var remainingMs: Int

    /// Those that this device may open from the call; the first is the usual one.
    public var doors: [DoorName]

    /// Offers a call with all that a screen shows of it.
    public init(
        call: CallID,
        handle: UInt32,
        panel: PanelName,
        unit: UnitID,
        property: PropertyID,
        startedAt: Timestamp,
        expiresAt: Timestamp,
        remainingMs: Int,
        doors: [DoorName]
    ) {
        self.call = call
        self.handle = handle
        self.panel = panel
        self.unit = unit
        self.property = property
        self.startedAt = startedAt
        self.expiresAt = expiresAt
        self.remainingMs = remainingMs
        self.doors = doors
    }
}

/// A call in `welcome.calls`: live, or the tombstone of one that ended lately.
public struct CallEntry: Sendable, Equatable {
    /// The fields of `call.incoming`.
    public var offer: CallOffer

    /// Where the call is.
    public var state: CallState

    /// Absent to a panel.
    public var you: Part?

    /// Whether this device is talking in it (of a panel: whether the call is its own).
    public var mine: Bool

    /// Who answered, once somebody has.
    public var answeredBy: AnsweredBy?

    /// Why ``you`` is what it is, where there is something to say.
    public var reason: PartReason?

    /// With ``CallState/ended``.
    public var outcome: Outcome?

    /// Describes a call to one device.
    public init(
        offer: CallOffer,
        state: CallState,
        you: Part? = nil,
        mine: Bool,
        answeredBy: AnsweredBy? = nil,
        reason: PartReason? = nil,
        outcome: Outcome? = nil
    ) {
        self.offer = offer
        self.state = state
        self.you = you
        self.mine = mine
        self.answeredBy = answeredBy
        self.reason = reason
        self.outcome = outcome
    }
}
