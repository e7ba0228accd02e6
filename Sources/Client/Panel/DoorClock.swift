// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// The panel's reading of the server's clock: milliseconds since this connection's `welcome`,
/// never less than the server's own count.
///
/// `door.open` carries `notAfterMs` in that count. Two facts make a bound that cannot be too
/// small: the `welcome` was sent after the panel *sent* its `hello`, and the `clockMs` in the
/// answer to a ping was read after the panel *sent* that ping. From such an anchor the panel
/// counts its own monotonic milliseconds; as clocks drift, it counts a little faster than they
/// run, and takes the tightest of its anchors. Too large a bound refuses a command on a very slow
/// link; too small a one would open a door late.
package struct DoorClock: Sendable, Equatable {
    private struct Anchor: Sendable, Equatable {
        let sent: Moment
        let count: Int64

        /// The bound at `now`, with the drift that this anchor may have gathered.
        func bound(at now: Moment, drift: Int64) -> Duration {
            let passed = max(0, (now - sent).nanoseconds)
            let slack = passed / 1_000_000 * drift
            return .nanoseconds(count.clampedToNanoseconds &+ passed &+ slack)
        }
    }

    /// How far a panel's clock may run behind, in parts per million.
    ///
    /// Crystals are good for 50;
    /// 250 costs 150 ms of deadline ten minutes after the last ping.
    private let drift: Int64
    private var anchor: Anchor?

    package init(drift: Int64 = 250) {
        self.drift = drift
    }

    /// A new connection's `hello` leaves: counts of older connections mean nothing any longer.
    package mutating func helloSent(at now: Moment) {
        anchor = Anchor(sent: now, count: 0)
    }

    /// The ping that was sent at `sent` was answered with `clock` milliseconds.
    package mutating func pingAnswered(clock: Int64, sent: Moment, at now: Moment) {
        // The count was cut to whole milliseconds, so it may be one more.
        let fresh = Anchor(sent: sent, count: max(0, min(clock, .max - 1)) + 1)
        guard let anchor else { return }
        if fresh.bound(at: now, drift: drift) < anchor.bound(at: now, drift: drift) {
            self.anchor = fresh
        }
    }

    /// The connection is gone: no deadline can be judged until the next `hello`.
    package mutating func lost() { anchor = nil }

    /// The least time that `welcome` can have been ago at `now`, rounded up; nil without a
    /// connection.
    package func elapsed(at now: Moment) -> Duration? {
        anchor?.bound(at: now, drift: drift)
    }

    /// Whether a command that is good until `notAfter` milliseconds may still be acted on.
    package func isInTime(notAfter: Int64, at now: Moment) -> Bool {
        guard let elapsed = elapsed(at: now), notAfter >= 0 else { return false }
        return elapsed.nanoseconds <= notAfter.clampedToNanoseconds
    }
}

extension Int64 {
    /// Milliseconds as nanoseconds, bounded: a peer may send any number.
    fileprivate var clampedToNanoseconds: Int64 {
        Swift.max(0, Swift.min(self, Int64.max / 4_000_000)) * 1_000_000
    }
}
