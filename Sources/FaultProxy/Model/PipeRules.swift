// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// How many bytes may pass in a time.
package struct Bandwidth: Hashable, Sendable {
    /// Bytes a second that a rule may name.
    package static let range = 1...10_000_000_000

    /// Bytes a second.
    package var rate: Int

    /// Bytes that may pass at once after a silence.
    package var burst: Int

    /// A rate, and by default a burst of 50 ms of it.
    package init(rate: Int, burst: Int? = nil) {
        precondition(Self.range.contains(rate), "a bandwidth lies in its range")
        self.rate = rate
        self.burst = max(1, burst ?? rate / 20)
    }
}

/// How much later bytes come out than they went in.
package struct Delay: Hashable, Sendable {
    /// The longest delay and the longest jitter that a rule may name.
    package static let longest = Duration.seconds(60)

    /// What every byte waits.
    package var time: Duration

    /// The most that is added, drawn evenly for what is read at one time.
    package var jitter: Duration

    /// Never shorter than `time`, longer by up to `jitter`.
    package init(_ time: Duration, jitter: Duration = .zero) {
        self.time = time
        self.jitter = jitter
    }
}

/// How long nothing moves.
package enum Stall: Hashable, Sendable {
    /// Until somebody resumes.
    case open

    /// Until a moment at the latest.
    case until(Moment)
}

/// How a direction ends.
package enum End: String, Sendable {
    /// No more bytes come, the way back stays (FIN).
    case fin

    /// The connection is gone (RST).
    case reset
}

/// A byte that is the last.
package struct CutPoint: Hashable, Sendable {
    /// Bytes of the direction, from the start of the connection, that still come out.
    package var offset: Int

    /// What follows them.
    package var end: End

    /// After `offset` bytes, `end`.
    package init(offset: Int, end: End) {
        self.offset = offset
        self.end = end
    }
}

/// What holds for one direction of a connection.
package struct PipeRules: Hashable, Sendable {
    package var bandwidth: Bandwidth?
    package var delay: Delay?
    package var stall: Stall?
    package var cut: CutPoint?

    /// No rule: bytes pass as they come.
    package init() {}
}
