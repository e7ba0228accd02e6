// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// How long to wait before the next try to connect: exponential, with full jitter.
///
/// Full jitter (a wait drawn evenly from zero to the bound) spreads ten thousand panels that lost
/// their server in the same instant over the whole bound instead of letting them return together.
package struct Backoff: Sendable, Equatable {
    /// The bound of the first wait.
    package let base: Duration

    /// The bound of every later wait.
    package let cap: Duration

    /// Tries that failed since the last connection that held.
    package private(set) var failures = 0

    package init(base: Duration = .milliseconds(500), cap: Duration = .seconds(30)) {
        self.base = base
        self.cap = cap
    }

    /// What the next wait is drawn from: `base`, doubled for each failure, at most `cap`.
    package var bound: Duration {
        let doubled = base.nanoseconds.multipliedReportingOverflow(by: 1 << min(failures, 30))
        return doubled.overflow ? cap : min(cap, .nanoseconds(doubled.partialValue))
    }

    /// Draws the next wait and counts a failure.
    package mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        let most = bound
        failures += 1
        return .nanoseconds(Int64.random(in: 0...max(0, most.nanoseconds), using: &random))
    }

    /// Draws a long wait, for who was told that it asked too much: between one and two caps.
    package mutating func nextLong(using random: inout some RandomNumberGenerator) -> Duration {
        failures += 1
        return cap + .nanoseconds(Int64.random(in: 0...max(0, cap.nanoseconds), using: &random))
    }

    /// A connection held: the next failure is a first one.
    package mutating func reset() { failures = 0 }
}
