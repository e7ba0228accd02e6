// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// One direction of one connection: what may be read now, what may be written now, and how it
/// ends, without a socket and on whatever clock it is given.
///
/// Who carries the bytes asks ``appetite(at:)``, reads at most that and hands it to
/// ``take(_:at:)``; writes at most ``offer(at:)`` and says so with ``gave(_:)``; performs
/// ``dueEnd(at:)``; and comes back at ``wake(at:)``. A bandwidth bounds what is *read*, so the queue
/// of a slow line stands at its sender and not here.
package struct Pipe: Sendable {
    private enum State {
        case flowing
        /// The source has ended; what it sent before comes out first.
        case draining(End, due: Moment)
        /// The destination has been told.
        case over(End)
    }

    /// The most that is moved by one call.
    package static let chunk = 65_536

    /// Bytes that may be held.
    package let limit: Int
    package private(set) var rules = PipeRules()

    /// Bytes read from the source, but for those swallowed.
    package private(set) var received = 0
    /// Bytes written to the destination.
    package private(set) var delivered = 0
    /// Bytes that came after the end, and those that the end caught here.
    package private(set) var swallowed = 0
    /// Whether the source can send no more.
    package private(set) var isSourceDone = false

    private var state = State.flowing
    private var line = DelayLine()
    private var bucket: TokenBucket?
    private var random: SeededGenerator

    /// A direction that begins now with the rules that hold for new connections.
    package init(limit: Int, rules: PipeRules = PipeRules(), seed: UInt64, at now: Moment) {
        self.limit = limit
        random = SeededGenerator(seed: seed)
        self.rules = rules
        bucket = rules.bandwidth.map { TokenBucket($0, at: now) }
    }

    /// Bytes that are read and not yet written.
    package var held: Int { line.count }

    /// Whether it has ended and nothing more can come.
    package var isOver: Bool {
        switch state {
        case .flowing, .draining: false
        case .over(let end): end == .reset || isSourceDone
        }
    }

    /// Whether the destination has heard of an end.
    package var isEnded: Bool { if case .over = state { true } else { false } }

    /// Whether nothing moves at `now`.
    package func isStalled(at now: Moment) -> Bool {
        switch rules.stall {
        case nil: false
        case .open: true
        case .until(let moment): now < moment
        }
    }

    /// Bytes that may be read from the source now.
    package mutating func appetite(at now: Moment) -> Int {
        if isStalled(at: now) || isSourceDone { return 0 }
        switch state {
        case .draining, .over(.reset): return 0
        case .over(.fin): return Self.chunk
        case .flowing: return min(allowance(at: now), room)
        }
    }

    /// Bytes that came from the source; no more than the appetite was.
    package mutating func take(_ bytes: UnsafeRawBufferPointer, at now: Moment) {
        guard case .flowing = state else {
            swallowed += bytes.count
            return
        }
        bucket?.spend(bytes.count)
        received += bytes.count
        line.append(bytes, due: due(at: now), at: now)
    }

    /// The source sends no more, or is gone.
    package mutating func sourceEnded(_ end: End, at now: Moment) {
        isSourceDone = true
        switch state {
        case .flowing:
            let due = due(at: now)
            state = .draining(end, due: max(due, line.lastDue ?? due))
        case .draining(_, let due): state = .draining(end, due: due)
        case .over: break
        }
    }

    /// The destination is gone: nothing comes out any more.
    package mutating func abandon() {
        swallowed += line.clear()
        state = .over(.reset)
    }

    /// Bytes that may be written to the destination now.
    package func offer(at now: Moment) -> Int {
        if isStalled(at: now) || isEnded { return 0 }
        let ready = min(line.ready(at: now), Self.chunk)
        guard let cut = rules.cut else { return ready }
        return min(ready, max(0, cut.offset - delivered))
    }

    /// Lends what ``offer(at:)`` named.
    package func withOffer<Result>(
        _ count: Int,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        line.withFirst(count, body)
    }

    /// Bytes that the destination took.
    package mutating func gave(_ count: Int) {
        line.remove(count)
        delivered += count
    }

    /// The end that the destination is to be told now; ``ended(_:)`` follows.
    package func dueEnd(at now: Moment) -> End? {
        if isStalled(at: now) || isEnded { return nil }
        if let cut = rules.cut, delivered >= cut.offset { return cut.end }
        guard case .draining(let end, let due) = state, line.count == 0, due <= now else {
            return nil
        }
        return end
    }

    /// The destination has been told; what is still here is lost.
    package mutating func ended(_ end: End) {
        swallowed += line.clear()
        state = .over(end)
    }

    /// When time alone will change what may be read, written or ended; nil if it will not.
    package mutating func wake(at now: Moment) -> Moment? {
        switch rules.stall {
        case .open: return nil
        case .until(let moment) where now < moment: return moment
        case nil, .until: break
        }
        let coming: [Moment?] =
            switch state {
            case .flowing: [line.nextDue, room > 0 ? bucket?.worthwhile(at: now) : nil]
            case .draining(_, let due): [line.nextDue ?? due]
            case .over: []
            }
        return coming.compactMap { $0 }.filter { $0 > now }.min()
    }

    /// Bytes for which there is room, the bandwidth aside.
    private var room: Int {
        let room = min(Self.chunk, limit - line.count)
        guard let cut = rules.cut else { return room }
        return max(0, min(room, cut.offset - received))
    }

    /// Bytes that the bandwidth allows; none while it is too few to be worth a wake.
    private mutating func allowance(at now: Moment) -> Int {
        guard var account = bucket else { return .max }
        let isWorthwhile = account.worthwhile(at: now) <= now
        let available = account.available(at: now)
        bucket = account
        return isWorthwhile ? available : 0
    }

    /// When what comes now may leave: on a whole millisecond, as timers have no finer ones.
    private mutating func due(at now: Moment) -> Moment {
        guard let delay = rules.delay else { return now }
        let jitter = delay.jitter.nanoseconds
        let drawn = jitter > 0 ? Int64.random(in: 0...jitter, using: &random) : 0
        let exact = (now + delay.time).nanoseconds + drawn
        return Moment(nanoseconds: (exact + 999_999) / 1_000_000 * 1_000_000)
    }
}

extension Pipe {
    /// Sets or lifts the bandwidth; the account begins empty.
    package mutating func set(bandwidth: Bandwidth?, at now: Moment) {
        rules.bandwidth = bandwidth
        bucket = bandwidth.map { TokenBucket($0, at: now) }
    }

    /// Sets or lifts the delay, for the bytes that come from now on; they never overtake.
    package mutating func set(delay: Delay?) { rules.delay = delay }

    /// Stops, or lets go on.
    package mutating func set(stall: Stall?) { rules.stall = stall }

    /// Sets or lifts the cut; false if more than that has come out already.
    package mutating func set(cut: CutPoint?) -> Bool {
        if let cut, cut.offset < delivered { return false }
        rules.cut = cut
        return true
    }
}
