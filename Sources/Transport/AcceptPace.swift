// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// How fast connections are taken from a listener: so many a second, and a burst.
///
/// Kept as the moment up to which the rate is spent. Who is too early is not refused: connections
/// wait in the kernel, and beyond its backlog their peers try again by themselves.
package struct AcceptPace {
    private let interval: Int64
    private let burst: Int64
    private var spentUntil = Int64.min

    /// `perSecond` in the long run, `burst` at once.
    package init(perSecond: Int, burst: Int) {
        precondition(perSecond > 0 && burst > 0, "a pace takes somebody")
        interval = max(1, 1_000_000_000 / Int64(perSecond))
        self.burst = interval * Int64(burst)
    }

    /// How long to wait before the next may be taken; nil where it may be now.
    package func wait(at now: Moment) -> Duration? {
        let ahead = max(spentUntil, now.nanoseconds) &- now.nanoseconds
        return ahead <= burst &- interval ? nil : .nanoseconds(ahead &- burst &+ interval)
    }

    /// One was taken.
    package mutating func take(at now: Moment) {
        spentUntil = max(spentUntil, now.nanoseconds) &+ interval
    }
}
