// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHarness
import VestibuleWire

@Suite struct ArrivedLaneTests {
    private var lane = ArrivedLane()

    private func header(_ sequence: UInt16, isTold: Bool = false) -> MediaHeader {
        MediaHeader(
            kind: .audio,
            flags: isTold ? .dropped : [],
            sequence: sequence,
            handle: 1,
            timestamp: 1
        )
    }

    @Test mutating func `frames in their order count on beyond the wrap`() {
        for number in 0..<70_000 {
            let place = lane.take(header(UInt16(truncatingIfNeeded: number)))
            guard place != .next(number: number) else { continue }
            Issue.record("frame \(number) is taken for \(place)")
            return
        }
        #expect(lane.count == 70_000)
    }

    @Test mutating func `a gap that flag 2 tells of is told, another is silent`() {
        #expect(lane.take(header(0)) == .next(number: 0))
        let told = lane.take(header(3, isTold: true))
        #expect(told == .afterGap(number: 3, missing: 2, isTold: true))
        let silent = lane.take(header(5))
        #expect(silent == .afterGap(number: 5, missing: 1, isTold: false))
        #expect(lane.count == 3)
    }

    @Test mutating func `frames lost before the first one are a gap`() {
        #expect(lane.take(header(2)) == .afterGap(number: 2, missing: 2, isTold: false))
    }

    @Test mutating func `flag 2 without a gap is false`() {
        #expect(lane.take(header(0)) == .next(number: 0))
        #expect(lane.take(header(1, isTold: true)) == .falseGap(number: 1))
        #expect(lane.take(header(2)) == .next(number: 2))
    }

    @Test
    mutating func `a frame that comes again, or after a later one, is repeated and not counted`() {
        #expect(lane.take(header(0)) == .next(number: 0))
        #expect(lane.take(header(0)) == .repeated)
        #expect(
            lane.take(header(2, isTold: true)) == .afterGap(number: 2, missing: 1, isTold: true)
        )
        #expect(lane.take(header(1)) == .repeated)
        #expect(lane.count == 2)
    }

    @Test mutating func `a gap across the wrap keeps its numbers`() {
        for number in 0..<65_535 { _ = lane.take(header(UInt16(number))) }
        #expect(lane.take(header(1)) == .afterGap(number: 65_537, missing: 2, isTold: false))
        #expect(lane.take(header(2)) == .next(number: 65_538))
    }
}

@Suite struct SentLaneTests {
    @Test func `a number is known as long as it is kept, and then it was too long ago`() {
        let start = Moment(nanoseconds: 0)
        var lane = SentLane(rate: 48_000, offset: 1, start: start, keeping: 4)
        for number in 0..<6 {
            lane.sent(due: start + .milliseconds(20 * number), timestamp: 1, index: number)
        }
        #expect(lane.record(6) == .never)
        #expect(lane.record(-1) == .never)
        #expect(lane.record(1) == .forgotten)
        guard case .kept(let frame) = lane.record(2) else {
            Issue.record("the oldest of four is \(lane.record(2))")
            return
        }
        #expect(frame.due == start + .milliseconds(40))
    }

    @Test func `what the kernels hold for a receiver of 1 KB/s is still known`() {
        let start = Moment(nanoseconds: 0)
        var lane = SentLane(rate: 48_000, offset: 1, start: start, keeping: SentLane.long)
        for _ in 0..<50 * 60 { lane.sent(due: start, timestamp: 1, index: 0) }
        #expect(lane.record(15) != .forgotten)
    }
}
