// SPDX-License-Identifier: Apache-2.0

/// A point on the server's monotonic clock, which also runs during suspend.
///
/// Decisions are made with moments only; they are passed in, never read from a clock, below the
/// event loop. A moment means nothing in another process or after a restart.
public struct Moment: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary start.
    public let nanoseconds: Int64

    /// The moment that lies `nanoseconds` after the clock's start.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Earlier moments come first.
    public static func < (left: Moment, right: Moment) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The moment `right` later; wraps beyond 292 years.
    public static func + (left: Moment, right: Duration) -> Moment {
        Moment(nanoseconds: left.nanoseconds &+ right.nanoseconds)
    }

    /// The moment `right` earlier; wraps beyond 292 years.
    public static func - (left: Moment, right: Duration) -> Moment {
        Moment(nanoseconds: left.nanoseconds &- right.nanoseconds)
    }

    /// The time from `right` to `left`, negative if `right` is the later.
    public static func - (left: Moment, right: Moment) -> Duration {
        .nanoseconds(left.nanoseconds &- right.nanoseconds)
    }

    /// The first multiple of `grain`, counted from the clock's start, that is not earlier.
    public func rounded(upTo grain: Duration) -> Moment {
        let over = nanoseconds % grain.nanoseconds
        return Moment(nanoseconds: nanoseconds &- over &+ (over > 0 ? grain.nanoseconds : 0))
    }
}

/// A point in civil time, in milliseconds since 1970-01-01T00:00:00Z; only for people, providers
/// and the store.
public struct Timestamp: Hashable, Comparable, Sendable, Codable {
    /// Milliseconds since 1970-01-01T00:00:00Z, negative before it.
    public let milliseconds: Int64

    /// The instant that lies `milliseconds` after 1970-01-01T00:00:00Z.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Reads a bare number of milliseconds.
    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Writes a bare number of milliseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// Earlier instants come first.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The instant `right` later, to the millisecond.
    public static func + (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(milliseconds: left.milliseconds &+ right.milliseconds)
    }

    /// The time from `right` to `left`, negative if `right` is the later.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds &- right.milliseconds)
    }
}

/// The same instant on both clocks, as it is passed into every decision.
public struct Now: Sendable, Equatable {
    /// What decides.
    public let moment: Moment

    /// What people read.
    public let time: Timestamp

    /// Pairs what both clocks showed at one instant.
    public init(moment: Moment, time: Timestamp) {
        self.moment = moment
        self.time = time
    }

    /// The civil time at `other`, as this instant's two clocks have it.
    public func time(at other: Moment) -> Timestamp {
        time + (other - moment)
    }
}

extension Duration {
    /// Whole nanoseconds; saturates beyond 292 years.
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// Whole milliseconds, rounded towards zero.
    public var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
