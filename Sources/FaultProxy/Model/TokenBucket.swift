// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// The account of a bandwidth: earns bytes with time, up to the burst.
struct TokenBucket {
    /// Of a second; bytes are counted in these, so that no fraction is lost.
    private static let parts: Int64 = 1_000_000_000

    let bandwidth: Bandwidth
    private var credit: Int64 = 0
    private var since: Moment

    /// Begins empty.
    init(_ bandwidth: Bandwidth, at now: Moment) {
        self.bandwidth = bandwidth
        since = now
    }

    private var full: Int64 { Int64(min(bandwidth.burst, 1_000_000_000)) * Self.parts }

    /// Whole bytes that may pass now.
    mutating func available(at now: Moment) -> Int {
        let elapsed = max(0, (now - since).nanoseconds)
        since = max(since, now)
        let (earned, isMuch) = elapsed.multipliedReportingOverflow(by: Int64(bandwidth.rate))
        credit = isMuch || earned > full - credit ? full : credit + earned
        return Int(credit / Self.parts)
    }

    /// Bytes that passed; no more than were available.
    mutating func spend(_ count: Int) {
        credit -= Int64(count) * Self.parts
        precondition(credit >= 0, "nothing passes that was not available")
    }

    /// When so many bytes are worth a wake: 10 ms of the rate, never more than the burst.
    mutating func worthwhile(at now: Moment) -> Moment {
        _ = available(at: now)
        let wanted = Int64(min(bandwidth.burst, max(1, bandwidth.rate / 100))) * Self.parts
        guard credit < wanted else { return now }
        let rate = Int64(bandwidth.rate)
        return now + .nanoseconds((wanted - credit + rate - 1) / rate)
    }
}
