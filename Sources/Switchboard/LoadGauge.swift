// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Whether a loop has too much to do for new calls, by a look each second.
///
/// Full where it was strained for some seconds in a row; at ease again with the first second that
/// is well below. Between the two it stays as it was.
package struct LoadGauge: Sendable {
    /// What a look saw since the one before.
    package struct Look: Sendable {
        /// Time that passed.
        let elapsed: Duration

        /// Processor time of the loop's thread.
        let used: Duration

        /// The longest that anything waited for the loop: a turn's length, a timer's delay.
        let lag: Duration

        package init(elapsed: Duration, used: Duration, lag: Duration) {
            self.elapsed = elapsed
            self.used = used
            self.lag = lag
        }
    }

    /// New calls are to be refused.
    package private(set) var isFull = false
    private var strained = 0
    private let limits: OverloadLimits

    package init(_ limits: OverloadLimits) { self.limits = limits }

    /// Takes a second's look into account.
    package mutating func take(_ look: Look) {
        let share = look.used.nanoseconds * 100 / max(1, look.elapsed.nanoseconds)
        guard share < limits.busy, look.lag < limits.lag else {
            strained += 1
            if strained >= limits.seconds { isFull = true }
            return
        }
        strained = 0
        if share < limits.calm { isFull = false }
    }
}
