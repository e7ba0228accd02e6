// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// What a receiver takes, estimated while it is slow: down fast, up slowly.
///
/// Nothing is known of a receiver that always had room. Once media had to be dropped, the bytes it
/// took while others waited give a bound, which falls by ×0.85 below what was measured (but never
/// below the half at once: a stall is not a slow link) and rises by 2 % twice a second, by 10 % when
/// nothing was dropped for five seconds, until it is as good as none.
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
    }

    /// The transport has room: what was written is under way.
    mutating func roomMade(written: Int, at now: Moment) {
        guard let since, now - since >= Self.measure else { return }
        measured = taken(written, since, at: now)
        self.since = now
        base = written
        if let limit, let measured, measured < limit { lower(to: measured, at: now) }
    }

    /// Nothing waits any more.
    mutating func end() {
        since = nil
    }

    /// Media was dropped because the receiver did not take it.
    mutating func dropped(written: Int, at now: Moment) {
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
        guard let limit, let changedAt, now - changedAt >= Self.step else { return }
        let isCalm = loweredAt.map { now - $0 >= Self.calm } ?? true
        let risen = limit + limit / (isCalm ? 10 : 50)
        self.changedAt = now
        self.limit = risen < most ? risen : nil
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
