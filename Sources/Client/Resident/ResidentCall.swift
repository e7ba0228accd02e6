// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics
public import VestibuleWire

/// A call as a resident's device knows it: the offer, and how it stands.
public struct ResidentCall: Sendable, Equatable {
    /// Which call.
    public let call: CallID

    /// The number in the media frames of this call.
    public let handle: UInt32
    /// Where the guest stands.
    public let panel: PanelName

    /// Whom the guest called.
    public let unit: UnitID

    /// Where that is.
    public let property: PropertyID

    /// By the server's clock, for people.
    public let startedAt: Timestamp

    /// What may be opened from it; the first is the usual one.
    public let doors: [DoorName]

    /// Where the call is.
    public internal(set) var state: CallState

    /// This device's part.
    public internal(set) var you: Part

    /// Who answered, once somebody did.
    public internal(set) var answeredBy: AnsweredBy?

    /// Why ``you`` changed, where the server says.
    public internal(set) var reason: PartReason?

    /// With ``CallState/ended``; nil where the connection was gone and nobody told.
    public internal(set) var outcome: Outcome?

    /// What the panel can show and say, once active.
    public internal(set) var media: MediaAbilities?

    /// Whether this device sees the panel's picture before anyone answered.
    public internal(set) var isPreviewing = false

    /// When it stops ringing, by this device's own clock.
    var ringsUntil: Moment

    /// Whether this device is the one that talks.
    public var isMine: Bool { state == .active && you == .talking }

    /// Whether this device should ring.
    public var isRinging: Bool { state == .ringing && you == .ringing }

    init(_ offer: CallOffer, state: CallState, you: Part, at now: Moment) {
        call = offer.call
        handle = offer.handle
        panel = offer.panel
        unit = offer.unit
        property = offer.property
        startedAt = offer.startedAt
        doors = offer.doors
        self.state = state
        self.you = you
        ringsUntil = now + .bounded(offer.remainingMs)
    }

    init(_ entry: CallEntry, at now: Moment) {
        self.init(
            entry.offer,
            state: entry.state,
            you: entry.mine ? .talking : entry.you ?? .out,
            at: now
        )
        answeredBy = entry.answeredBy
        reason = entry.reason
        outcome = entry.outcome
    }

    mutating func take(_ snapshot: ResidentCallState) {
        if snapshot.state != .unknown { state = snapshot.state }
        if snapshot.you != .unknown { you = snapshot.you }
        answeredBy = snapshot.answeredBy ?? answeredBy
        reason = snapshot.reason
        outcome = snapshot.outcome ?? outcome
        media = snapshot.media ?? media
        if state != .ringing { isPreviewing = false }
    }
}
