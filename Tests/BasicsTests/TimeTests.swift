// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics

@Suite struct TimeTests {
    @Test(
        arguments: [
            (.zero, 0, 0),
            (.nanoseconds(1), 1, 0),
            (.milliseconds(250), 250_000_000, 250),
            (.microseconds(1_999), 1_999_000, 1),
            (.microseconds(-1_999), -1_999_000, -1),
            (.seconds(86_400), 86_400_000_000_000, 86_400_000),
            (.seconds(9_223_372_036), 9_223_372_036_000_000_000, 9_223_372_036_000),
            (.seconds(9_223_372_037), .max, .max / 1_000_000),
            (.seconds(-9_223_372_037), .min, .min / 1_000_000),
            (.seconds(Int64.max), .max, .max / 1_000_000),
            (.seconds(Int64.min), .min, .min / 1_000_000),
            (.nanoseconds(Int64.max) + .nanoseconds(1), .max, .max / 1_000_000),
        ] as [(Duration, Int64, Int64)]
    )
    func `a duration is counted`(_ duration: Duration, _ nanoseconds: Int64, _ milliseconds: Int64)
    {
        #expect(duration.nanoseconds == nanoseconds)
        #expect(duration.milliseconds == milliseconds)
    }

    @Test func `moments are added and compared`() {
        let start = Moment(nanoseconds: 5_000_000_000)
        #expect(start + .seconds(2) == Moment(nanoseconds: 7_000_000_000))
        #expect(start - Duration.seconds(7) == Moment(nanoseconds: -2_000_000_000))
        #expect(start + .milliseconds(1) - start == .milliseconds(1))
        #expect(start - (start + .seconds(1)) == .seconds(-1))
        #expect(start < start + .nanoseconds(1))
        #expect(!(start < start))
    }

    @Test(arguments: [(0, 0), (1, 50), (50, 50), (51, 100), (-1, 0), (-50, -50), (-51, -50)])
    func `a moment is rounded up to a grain`(_ given: Int64, _ rounded: Int64) {
        let moment = Moment(nanoseconds: given).rounded(upTo: .nanoseconds(50))
        #expect(moment == Moment(nanoseconds: rounded))
    }

    @Test func `one instant on both clocks carries over to another moment`() {
        let now = Now(
            moment: Moment(nanoseconds: 1_000_000_000),
            time: Timestamp(milliseconds: 500_000)
        )
        #expect(now.time(at: now.moment) == now.time)
        #expect(now.time(at: now.moment + .seconds(30)) == Timestamp(milliseconds: 530_000))
        #expect(now.time(at: now.moment - Duration.seconds(30)) == Timestamp(milliseconds: 470_000))
    }

    @Test func `the store writes an instant as a bare number`() throws {
        let data = try JSONEncoder().encode([Timestamp(milliseconds: -7)])
        #expect(String(decoding: data, as: UTF8.self) == "[-7]")
        #expect(
            try JSONDecoder().decode([Timestamp].self, from: data)
                == [Timestamp(milliseconds: -7)]
        )
    }
}
