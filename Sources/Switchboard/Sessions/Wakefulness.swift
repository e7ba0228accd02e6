// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Whether a board stood still, and so how long what it reads now may have waited in the kernel.
///
/// A process that was stopped, or a machine that was suspended, finds in its sockets what was said
/// at any time since it was last awake. A press that opens a door is then as old as that, and must
/// not open it for somebody else. That a board stood still shows in an alarm that is overdue: while
/// people are connected there is always one, the next look for a sign of life.
struct Wakefulness {
    private var awake: Moment?
    private var stall: (since: Moment, until: Moment)?

    /// An alarm as late as this means that the board stood still, or is so busy that it comes to
    /// the same.
    private static let lateness = Duration.seconds(1)

    /// What waited is read within this time; longer refuses people who press after it.
    private static let catchingUp = Duration.seconds(1)

    /// A turn begins; `alarm` is when the first one was due that did not go off yet.
    mutating func turn(at now: Moment, alarm: Moment?) {
        if let alarm, now - alarm > Self.lateness {
            // The first turn afterwards may be that of a socket or of the clock: one stall.
            let isOne = stall.map { now < $0.until } ?? false
            stall = (isOne ? stall?.since ?? alarm : awake ?? alarm, now + Self.catchingUp)
        } else {
            if let ended = stall?.until, ended <= now { stall = nil }
            awake = now
        }
    }

    /// The earliest moment at which what is read now may have come.
    func earliest(at now: Moment) -> Moment {
        guard let stall, now < stall.until else { return now }
        return min(stall.since, now)
    }
}
