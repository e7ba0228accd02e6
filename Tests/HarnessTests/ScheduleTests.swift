// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHarness

private func moment(_ microseconds: Int64) -> Moment {
    Moment(nanoseconds: microseconds * 1_000)
}

@Suite struct BeatTests {
    private let beat = Beat(
        from: moment(0),
        perSecond: 50,
        share: 0.25,
        grain: .microseconds(100)
    )

    @Test func `beats fall a period apart from their share of it on`() {
        #expect(beat.first(after: moment(5_000)) == moment(25_000))
        #expect(beat.first(after: moment(25_000)) == moment(45_000))
    }

    @Test func `what is late does not delay what comes after it`() {
        // Three beats late, each is still due when it was.
        var due = moment(5_000)
        var all: [Moment] = []
        while due <= moment(70_000) {
            due = beat.first(after: due)
            all.append(due)
        }
        #expect(all == [25_000, 45_000, 65_000, 85_000].map(moment))
    }

    @Test func `a beat between two turns of the grid falls on the later one, and drifts never`() {
        let beat = Beat(from: moment(0), perSecond: 15, share: 0, grain: .microseconds(100))
        var due = moment(0)
        for _ in 0..<15 { due = beat.first(after: due) }
        #expect(due == moment(1_000_000))
        #expect(beat.first(after: moment(0)) == moment(66_700))
    }

    @Test func `many share a rhythm evenly, and two rhythms differ`() {
        let shares = (0..<200).map { Beat.share($0) }.sorted()
        let gaps = zip(shares, shares.dropFirst()).map { $1 - $0 }
        #expect(shares.allSatisfy { (0..<1).contains($0) })
        #expect((gaps.max() ?? 1) < 0.014)
        #expect(Beat.share(7) != Beat.share(7, second: true))
    }
}

@Suite struct EpollTimersTests {
    private final class Waiter: EpollTimer {
        func due(at now: Moment, on loop: EpollLoop) {}
    }

    private var timers = EpollTimers()
    private let first = Waiter()
    private let second = Waiter()

    /// Everybody whose moment has come, in order.
    private mutating func fire(_ microseconds: Int64) -> [ObjectIdentifier] {
        var fired: [ObjectIdentifier] = []
        while let timer = timers.next(until: moment(microseconds)) {
            fired.append(ObjectIdentifier(timer))
        }
        return fired
    }

    private func id(_ waiter: Waiter) -> ObjectIdentifier { ObjectIdentifier(waiter) }

    @Test mutating func `timers fire in the order of their moments, once`() {
        let (one, two) = (timers.add(first), timers.add(second))
        timers.arm(one, at: moment(20))
        timers.arm(two, at: moment(10))
        #expect(timers.earliest == moment(10))
        #expect(fire(9).isEmpty)
        #expect(fire(30) == [id(second), id(first)])
        #expect(fire(30).isEmpty)
        #expect(timers.earliest == nil)
    }

    @Test mutating func `arming again moves a timer, and nothing takes it away`() {
        let slot = timers.add(first)
        timers.arm(slot, at: moment(10))
        timers.arm(slot, at: moment(30))
        #expect(fire(20).isEmpty)
        timers.arm(slot, at: moment(25))
        #expect(fire(25).count == 1)
        #expect(fire(40).isEmpty)
        timers.arm(slot, at: moment(50))
        timers.arm(slot, at: nil)
        #expect(fire(60).isEmpty)
    }

    @Test mutating func `a slot used again does not hear of its last owner's moment`() {
        let slot = timers.add(first)
        timers.arm(slot, at: moment(10))
        timers.remove(slot)
        let again = timers.add(second)
        #expect(again == slot)
        #expect(fire(20).isEmpty)
        timers.arm(again, at: moment(30))
        #expect(fire(30) == [id(second)])
    }

    @Test mutating func `a thousand timers come out sorted`() {
        var random = SeededGenerator(seed: 7)
        var moments: [Int64] = []
        for _ in 0..<1_000 {
            let due = Int64.random(in: 0..<500, using: &random)
            moments.append(due)
            timers.arm(timers.add(Waiter()), at: moment(due))
        }
        var fired: [Int64] = []
        for now in 0..<500 as Range<Int64> { fired += fire(now).map { _ in now } }
        #expect(fired == moments.sorted())
    }
}

@Suite struct PercentilesTests {
    @Test func `percentiles are those of what was recorded, to a thousandth`() {
        var latency = Latency()
        for microseconds in 1...10_000 as ClosedRange<Int64> {
            latency.record(from: moment(0), to: moment(microseconds))
        }
        let times = latency.percentiles
        #expect(times.count == 10_000)
        for (value, wanted) in [
            (times.p50, 5_000), (times.p90, 9_000), (times.p99, 9_900), (times.p999, 9_990),
            (times.max, 10_000),
        ] {
            #expect(abs(value - wanted) <= wanted / 500, "\(value) is not \(wanted)")
        }
    }

    @Test func `nothing recorded is nothing`() {
        let times = Latency().percentiles
        #expect([times.count, times.p50, times.p99, times.max] == [0, 0, 0, 0])
    }

    @Test func `what is recent is taken once, what is all stays`() {
        var latency = Latency()
        latency.record(from: moment(0), to: moment(100))
        #expect(latency.takeRecent().count == 1)
        #expect(latency.takeRecent().count == 0)
        #expect(latency.percentiles.count == 1)
    }

    @Test func `earlier than due is no time, longer than a minute is a minute`() {
        var latency = Latency()
        latency.record(from: moment(100), to: moment(0))
        #expect(latency.percentiles.max == 0)
        latency.record(from: moment(0), to: moment(100_000_000))
        #expect(abs(latency.percentiles.max - 60_000_000) < 60_000)
    }
}
