// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// What a receiver takes, estimated while it is slow: down fast, up slowly.
///
/// Nothing is known of a receiver that always had room. Once media had to be dropped, the bytes it
/// took while others waited give a bound, which falls by ×0.85 below what was measured (but never
/// below the half at once) and rises by 2 % twice a second, by 10 % when nothing was dropped for five
/// seconds, until it is as good as none.
///
/// A stall is not a slow link: nothing is taken for a while, and then, within a quarter of a second,
/// everything. Where that was so, and nothing was dropped for half a second after it, half of what
/// was thought before counts again. Who stands still again within five seconds is slow: a small
/// window opens in such steps.
struct ReceiverRate {
    /// Bit/s that the receiver takes; nil where it never was slow, or is not any more.
    private(set) var limit: Int?

    private let most: Int
    private static let least = 8_000
    private static let step: Duration = .milliseconds(500)
    private static let measure: Duration = .milliseconds(100)
    private static let calm: Duration = .seconds(5)

    /// While something waits: from when on bytes are counted, and how many were written before.
    private var since: Moment?
    private var base = 0

    /// The first standstill since something waits.
    private var still: Standstill?

    /// A standstill that may have been a stall, since it is over.
    private var over: Standstill?

    /// The end of the last standstill that was long enough for a stall.
    private var lastEnd: Moment?

    private struct Standstill {
        /// When it began.
        let begin: Moment

        /// What was thought before it.
        let before: Int

        /// When the receiver took something again; nil before.
        var end: Moment?

        /// Whether something still waited long after that, or another was shortly before.
        var isSlow = false
    }

    /// Standing still for longer is no stall.
    private static let longest: Duration = .seconds(5)

    /// What waited during a stall has left so soon after it.
    private static let burst: Duration = .milliseconds(250)

    private var measured: Int?
    private var loweredAt: Moment?
    private var changedAt: Moment?
    private var told: Int?
    private var toldAt: Moment?

    /// `most` is what a sender may send at all, bit/s.
    init(most: Int) {
        self.most = most
    }

    /// Something waits: the transport has had no room since the last write, before which `written`
    /// bytes were.
    mutating func begin(written: Int, at moment: Moment) {
        since = moment
        base = written
        measured = nil
        // What waits may all be dropped meanwhile, and the same standstill goes on.
        if still?.begin != moment {
            still = Standstill(begin: moment, before: limit ?? most)
        }
    }

    /// The transport has room: what was written is under way.
    mutating func roomMade(written: Int, at now: Moment) {
        if let end = still?.end {
            if now - end > Self.burst { still?.isSlow = true }
        } else if let begin = still?.begin {
            still?.end = now
            if now - begin >= Self.step {
                still?.isSlow = lastEnd.map { begin - $0 < Self.calm } ?? false
                lastEnd = now
            }
        }
        guard let since, now - since >= Self.measure else { return }
        measured = taken(written, since, at: now)
        self.since = now
        base = written
        if let limit, let measured, measured < limit { lower(to: measured, at: now) }
    }

    /// Nothing waits any more.
    mutating func end() {
        since = nil
        guard let still, let end = still.end, !still.isSlow else { return }
        let length = end - still.begin
        if length >= Self.step, length <= Self.longest { over = still }
    }

    /// Media was dropped because the receiver did not take it.
    mutating func dropped(written: Int, at now: Moment) {
        over = nil
        lower(to: bound(written, at: now), at: now)
    }

    /// What it was seen to take, and less than that where it has stood still since.
    private func bound(_ written: Int, at now: Moment) -> Int {
        guard let since else { return measured ?? most }
        let taken = taken(written, since, at: now)
        guard let measured else { return taken }
        return now - since < Self.step ? measured : min(measured, taken)
    }

    /// Time passed without a drop.
    mutating func grow(at now: Moment) {
        if let over, let end = over.end, now - end >= Self.step { forgive(over, at: now) }
        guard let limit, let changedAt, now - changedAt >= Self.step else { return }
        let isCalm = loweredAt.map { now - $0 >= Self.calm } ?? true
        let risen = limit + limit / (isCalm ? 10 : 50)
        self.changedAt = now
        self.limit = risen < most ? risen : nil
    }

    /// It was a stall.
    private mutating func forgive(_ stall: Standstill, at now: Moment) {
        over = nil
        guard let limit, limit < stall.before / 2 else { return }
        self.limit = stall.before / 2
        changedAt = now
    }

    /// Kilobits a second worth telling the sender: changed by a tenth, at most twice a second.
    mutating func news(at now: Moment) -> Int? {
        let value = limit ?? most
        guard let before = told ?? (limit == nil ? nil : most) else { return nil }
        guard abs(value - before) * 10 >= before || (limit == nil && value != before) else {
            return nil
        }
        if let toldAt, now - toldAt < Self.step { return nil }
        told = limit
        toldAt = now
        return max(1, value / 1000)
    }

    /// A new sender knows nothing yet.
    mutating func forgetTold() {
        told = nil
        toldAt = nil
    }

    /// Bytes that the receiver takes in `time`, at least `least`.
    func bytes(in time: Duration, least: Int) -> Int {
        let bytes = Int64((limit ?? most) / 8) * time.milliseconds / 1000
        return max(least, Int(bytes))
    }

    private mutating func lower(to bound: Int, at now: Moment) {
        if let loweredAt, now - loweredAt < Self.step { return }
        let target = bound / 20 * 17
        loweredAt = now
        changedAt = now
        limit = max(Self.least, limit.map { min($0, max(target, $0 / 2)) } ?? target)
    }

    private func taken(_ written: Int, _ since: Moment, at now: Moment) -> Int {
        let microseconds = max(1, (now - since).nanoseconds / 1000)
        return Int(min(Int64(most), Int64(written - base) * 8_000_000 / microseconds))
    }
}
