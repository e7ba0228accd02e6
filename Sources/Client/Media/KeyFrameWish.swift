// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// A receiver's wish for a key frame: when to ask, and when to ask again.
///
/// Asked for when the decoder was reset or inter frames are missing; at most every 500 ms, and
/// again after a second while none came (a request or its frame may have been lost on the way).
package struct KeyFrameWish: Sendable, Equatable {
    private enum State: Sendable, Equatable {
        case content
        case wanting(next: Moment)
    }

    private let interval: Duration
    private let again: Duration
    private var state = State.content
    private var asked: Moment?

    package init(interval: Duration = .milliseconds(500), again: Duration = .seconds(1)) {
        self.interval = interval
        self.again = again
    }

    /// Whether inter frames are useless until a key frame comes.
    package var isWanting: Bool { state != .content }

    /// When to ask, again or for the first time; nil while nothing is wanted.
    package var nextDeadline: Moment? {
        if case .wanting(let next) = state { next } else { nil }
    }

    /// The decoder lost its reference.
    package mutating func lost(at now: Moment) {
        guard state == .content else { return }
        let earliest = asked.map { $0 + interval } ?? now
        state = .wanting(next: max(now, earliest))
    }

    /// A key frame came.
    package mutating func keyFrameArrived() { state = .content }

    /// Whether to ask now; true at most once per interval.
    package mutating func shouldAsk(at now: Moment) -> Bool {
        guard case .wanting(let next) = state, next <= now else { return false }
        asked = now
        state = .wanting(next: now + again)
        return true
    }
}
