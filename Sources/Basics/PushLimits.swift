// SPDX-License-Identifier: Apache-2.0

/// Bounds of the notifier's desk.
public struct PushLimits: Sendable, Equatable {
    /// Pushes that wait or are under way, notices times ways.
    ///
    /// When it is full, what is urgent takes the place of what is not; more is refused by name.
    /// About 1 KB each.
    public var inbox = 10_000

    /// How many of ``inbox`` may be what can wait, such as missed calls after quiet hours.
    public var laterInbox = 5_000

    /// Pushes under way at once, in all lanes.
    ///
    /// More takes sockets; fewer lets targets that hang hold up others. From the half on, a lane
    /// has a sixteenth of its own places.
    public var inFlight = 512

    /// Pushes under way at once in one lane: to one provider, or one host of webhooks.
    ///
    /// Half of them is closed to what can wait.
    public var laneInFlight = 64

    /// The longest that a provider may close its lane for: a ring is worthless later.
    public var lanePause: Duration = .seconds(10)

    /// For one try of one push.
    public var attempt: Duration = .seconds(10)

    /// Tries of one push inside its life.
    public var attempts = 3

    /// Before the second try where the provider names no time; doubled for each further one.
    ///
    /// A ring has room for three tries so.
    public var pause: Duration = .milliseconds(500)

    /// How long a notifier may overstay the time of a try before its place is given to another.
    public var patience: Duration = .seconds(1)

    /// For what is under way when the server stops; then it is given up.
    ///
    /// Longer delays the stop for a provider that hangs, shorter loses the last notices.
    public var closing: Duration = .milliseconds(500)

    /// The life of a missed-call notice; a ring's is the ring's.
    public var missedLife: Duration = .seconds(3600)

    /// How long it is kept what notifiers said, for "why did it not ring?": 90 days.
    ///
    /// A call leaves a row for each device and try.
    public var records: Duration = .seconds(7_776_000)

    /// The defaults.
    public init() {}
}
