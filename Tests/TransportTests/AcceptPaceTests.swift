// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleTransport

@Suite struct AcceptPaceTests {
    private let start = Moment(nanoseconds: 1_000_000_000)

    /// Takes as many as may be taken at a moment.
    private func taken(_ pace: inout AcceptPace, at now: Moment) -> Int {
        var count = 0
        while pace.wait(at: now) == nil {
            pace.take(at: now)
            count += 1
        }
        return count
    }

    @Test func `a burst is taken at once, then so many a second`() {
        var pace = AcceptPace(perSecond: 100, burst: 5)
        #expect(taken(&pace, at: start) == 5)
        #expect(taken(&pace, at: start + .milliseconds(9)) == 0)
        #expect(taken(&pace, at: start + .milliseconds(10)) == 1)
        #expect(taken(&pace, at: start + .milliseconds(40)) == 3)
    }

    @Test func `quiet time is worth a burst and no more`() {
        var pace = AcceptPace(perSecond: 100, burst: 5)
        #expect(taken(&pace, at: start) == 5)
        #expect(taken(&pace, at: start + .seconds(3_600)) == 5)
    }

    @Test func `who is too early is told when the next may be taken`() {
        var pace = AcceptPace(perSecond: 100, burst: 1)
        pace.take(at: start)
        #expect(pace.wait(at: start + .milliseconds(4)) == .milliseconds(6))
        #expect(pace.wait(at: start + .milliseconds(10)) == nil)
    }

    @Test func `ten seconds bring ten seconds' worth`() {
        var pace = AcceptPace(perSecond: 1_500, burst: 256)
        var count = 0
        for millisecond in 0..<10_000 {
            count += taken(&pace, at: start + .milliseconds(millisecond))
        }
        #expect((15_000...15_300).contains(count))
    }
}
