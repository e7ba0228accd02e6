// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// So many units a second in the long run, with a burst; integers only, one comparison and one
/// multiplication a take.
///
/// Kept as the moment up to which the rate is spent (the virtual scheduling form of ITU-T I.371's
/// generic cell rate algorithm). A take of any size passes while less than the burst is spent in
/// advance, so a key frame larger than the burst is a debt, not a refusal for ever.
struct Bucket {
    private let nanosecondsPerUnit: Int64
    private let burst: Int64
    private var spentUntil = Int64.min

    /// `burst` is how far in advance the rate may be spent.
    init(perSecond: Int, burst: Duration) {
        precondition(perSecond > 0, "a rate is at least one a second")
        nanosecondsPerUnit = (1_000_000_000 + Int64(perSecond) - 1) / Int64(perSecond)
        self.burst = burst.nanoseconds
    }

    /// Takes `units`, or nothing where the burst is spent.
    @inline(__always)
    mutating func take(_ units: Int, at now: Moment) -> Bool {
        let from = max(spentUntil, now.nanoseconds)
        guard from &- now.nanoseconds < burst else { return false }
        spentUntil = from &+ Int64(units) &* nanosecondsPerUnit
        return true
    }
}
