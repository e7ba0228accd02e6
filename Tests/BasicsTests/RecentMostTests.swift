// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics

/// The most of the last while, by the clock that is passed in.
@Suite struct RecentMostTests {
    private func moment(_ milliseconds: Int64) -> Moment {
        Moment(nanoseconds: 5_000_000_000_000 + milliseconds * 1_000_000)
    }

    @Test func `nothing was seen`() {
        #expect(RecentMost().most(at: moment(0)) == 0)
        #expect(RecentMost().greatest == 0)
    }

    @Test func `who reads takes nothing away from who reads next`() {
        var most = RecentMost()
        most.see(7, at: moment(0))
        most.see(3, at: moment(1_900))
        for _ in 0..<3 { #expect(most.most(at: moment(2_000)) == 7) }
    }

    @Test(arguments: [0, 1, 700, 1_999, 2_000, 3_333, 60_000])
    func `a peak is told for 10 s, and for 12 at most`(seen: Int64) {
        var most = RecentMost()
        most.see(1, at: moment(0))
        most.see(9, at: moment(seen))
        #expect(most.most(at: moment(seen + 10_000)) == 9)
        #expect(most.most(at: moment(seen + 12_000)) == 0)
        #expect(most.greatest == 9)
    }

    @Test func `a lower one shows when the peak is too old`() {
        var most = RecentMost()
        most.see(9, at: moment(0))
        for second in 1..<30 { most.see(2, at: moment(Int64(second) * 1_000)) }
        #expect(most.most(at: moment(29_500)) == 2)
        #expect(most.greatest == 9)
    }

    @Test func `after a long pause the past is forgotten at once, and counting goes on`() {
        var most = RecentMost()
        most.see(9, at: moment(0))
        #expect(most.most(at: moment(86_400_000)) == 0)
        most.see(4, at: moment(86_400_000))
        #expect(most.most(at: moment(86_400_001)) == 4)
    }

    @Test func `a moment of the past counts for the present`() {
        var most = RecentMost()
        most.see(1, at: moment(5_000))
        most.see(8, at: moment(4_000))
        #expect(most.most(at: moment(5_000)) == 8)
        most.see(-5, at: moment(5_000))
        #expect(most.most(at: moment(5_000)) == 8)
    }
}
