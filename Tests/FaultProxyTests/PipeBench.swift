// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleFaultProxy

/// A pipe on a hand clock, between a source that has everything ready and a destination that takes
/// everything, unless it is told otherwise.
struct PipeBench {
    var pipe: Pipe
    var now = Moment(nanoseconds: 5_000_000_000)
    /// What the source still has to send.
    var source: [UInt8] = []
    /// What came out, and when.
    var out: [UInt8] = []
    var arrivals: [(count: Int, at: Moment)] = []
    var end: End?
    var isTaking = true
    private let start: Moment

    init(limit: Int = 65_536, _ rules: PipeRules = PipeRules(), seed: UInt64 = 1) {
        start = now
        pipe = Pipe(limit: limit, rules: rules, seed: seed, at: now)
    }

    /// Since the bench was set up.
    var elapsed: Duration { now - start }

    mutating func send(_ count: Int) {
        source.append(contentsOf: pattern(count, from: pipe.received + source.count))
    }

    /// Does what can be done at this moment.
    mutating func turn() {
        while take() || give() {}
        if let due = pipe.dueEnd(at: now) {
            end = due
            pipe.ended(due)
        }
    }

    /// Lets time pass, turn by turn as the pipe asks for.
    mutating func pass(_ time: Duration) {
        let goal = now + time
        turn()
        while let next = pipe.wake(at: now), next <= goal {
            precondition(next > now, "a wake lies in the future")
            now = next
            turn()
        }
        now = goal
        turn()
    }

    private mutating func take() -> Bool {
        let count = min(pipe.appetite(at: now), source.count)
        guard count > 0 else { return false }
        source.withUnsafeBytes { bytes in
            pipe.take(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: now)
        }
        source.removeFirst(count)
        return true
    }

    private mutating func give() -> Bool {
        let count = pipe.offer(at: now)
        guard isTaking, count > 0 else { return false }
        out += pipe.withOffer(count) { Array($0) }
        pipe.gave(count)
        arrivals.append((count, now))
        return true
    }
}

/// Bytes that tell where they stand.
func pattern(_ count: Int, from start: Int = 0) -> [UInt8] {
    (start..<start + count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}
