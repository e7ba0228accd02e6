// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// Delay, reports, and what a sender makes of them.
@Suite struct RateTests {
    @Test func `the least delay since connecting is zero`() {
        var meter = DelayMeter()
        let now = Moment(nanoseconds: 0)
        #expect(meter.delay(arrival: 5_000, sent: 100, at: now) == .zero)
        #expect(meter.delay(arrival: 5_120, sent: 200, at: now) == .milliseconds(20))
        #expect(meter.delay(arrival: 5_190, sent: 300, at: now) == .zero)
        #expect(meter.delay(arrival: 5_300, sent: 400, at: now) == .milliseconds(10))
    }

    @Test func `the zero rises by six milliseconds a minute`() {
        var meter = DelayMeter()
        let start = Moment(nanoseconds: 0)
        _ = meter.delay(arrival: 1_000, sent: 1_000, at: start)
        let minute = meter.delay(arrival: 61_006, sent: 61_000, at: start + .seconds(60))
        #expect(minute == .zero)
        let second = meter.delay(arrival: 121_020, sent: 121_000, at: start + .seconds(120))
        #expect(second == .milliseconds(8))
    }

    @Test func `milliseconds may wrap between two reports`() {
        var meter = DelayMeter()
        let now = Moment(nanoseconds: 0)
        _ = meter.delay(arrival: .max - 10, sent: 3, at: now)
        #expect(meter.delay(arrival: 39, sent: 3, at: now) == .milliseconds(50))
        #expect(meter.delay(arrival: 39, sent: 53, at: now) == .zero)
    }

    @Test func `send times are found again by timestamp, for as long as they are kept`() {
        var times = SendTimes(capacity: 4)
        for index in 0..<6 {
            times.add(
                timestamp: UInt32(index),
                at: Moment(nanoseconds: Int64(index))
            )
        }
        #expect(times.sent(5) == Moment(nanoseconds: 5))
        #expect(times.sent(2) == Moment(nanoseconds: 2))
        #expect(times.sent(1) == nil)
    }

    @Test func `a sender obeys the lower of what it is told and what it found`() {
        var rate = RateAdaptation()
        #expect(rate.allowed == 600_000)
        rate.told(kilobits: 250)
        #expect(rate.allowed == 250_000)
        rate.told(kilobits: 9_000_000)
        #expect(rate.allowed == 600_000)
        rate.told(kilobits: -4)
        #expect(rate.allowed == 0 && rate.allowedVideo == 0)
        rate.connected()
        #expect(rate.allowed == 600_000, "another connection, another word")
    }

    @Test func `above 180 ms the estimate falls by fifteen per cent`() {
        var call = Talk()
        call.report(delay: 0)
        call.report(delay: 181)
        #expect(call.rate.estimate == 510_000)
        call.report(delay: 200)
        #expect(call.rate.estimate == 433_500)
        call.report(delay: 100)
        #expect(call.rate.estimate == 433_500, "between the bounds it stays")
    }

    @Test func `below 60 ms the estimate rises slowly, while it is used`() {
        var call = Talk()
        call.bits = 600_000
        for _ in 0..<41 { call.report(delay: 0) }
        #expect(call.rate.estimate > 1_100_000 && call.rate.estimate < 1_300_000)
        call.bits = 100_000
        let before = call.rate.estimate
        for _ in 0..<40 { call.report(delay: 0) }
        #expect(call.rate.estimate == before, "an estimate that nothing tests does not grow")
    }

    @Test func `above 450 ms video stops and comes back with calm`() {
        var call = Talk()
        call.report(delay: 0)
        #expect(call.report(delay: 451) == .videoPaused)
        #expect(call.rate.allowedVideo == 0)
        #expect(call.report(delay: 149) == nil)
        #expect(call.report(delay: 160) == nil, "not calm: the second begins anew")
        #expect(call.report(delay: 100) == nil)
        #expect(call.report(delay: 100) == nil)
        #expect(call.report(delay: 100) == nil)
        #expect(call.report(delay: 100) == nil)
        #expect(call.report(delay: 100) == .videoResumed)
    }

    @Test func `reports that show no progress are delay`() {
        var call = Talk()
        call.report(delay: 0)
        #expect(call.stuckReport() == nil)
        #expect(call.stuckReport() == nil)
        #expect(call.stuckReport() == nil)
        #expect(call.rate.estimate < 600_000 || call.rate.delay > .milliseconds(450))
        #expect(call.rate.isVideoPaused)
    }

    @Test func `while frames are under way silence is not calm, for two seconds`() {
        var rate = RateAdaptation()
        let start = Moment(nanoseconds: 10_000_000_000)
        for timestamp in 1...4 as ClosedRange<UInt32> {
            rate.sent(.video, timestamp: timestamp, at: start)
        }
        func report(_ newest: UInt32, delay: Int64, after: Int64) -> RateAdaptation.Change? {
            let report = ReceiverReport(
                newestAudio: 0,
                newestVideo: newest,
                bitsPerSecond: 0,
                arrival: (start + .milliseconds(delay)).wrappedMilliseconds
            )
            return rate.reported(report, at: start + .milliseconds(after))
        }
        #expect(report(1, delay: 0, after: 0) == nil)
        #expect(report(2, delay: 900, after: 0) == .videoPaused)
        let early = (1...7).map { report(2, delay: 900, after: $0 * 250) }
        #expect(early.allSatisfy { $0 == nil })
        let late = (8...12).map { report(2, delay: 900, after: $0 * 250) }
        #expect(late == [nil, nil, nil, nil, .videoResumed], "the last two were dropped")
    }

    @Test func `a report of frames never sent changes nothing`() {
        var rate = RateAdaptation()
        let lie = ReceiverReport(
            newestAudio: 99,
            newestVideo: 98,
            bitsPerSecond: .max,
            arrival: .max
        )
        #expect(rate.reported(lie, at: Moment(nanoseconds: 5)) == nil)
        #expect(rate.estimate == 600_000)
    }

    @Test func `a report is made every 250 ms of what arrived`() {
        var maker = ReportMaker()
        let start = Moment(nanoseconds: 7_000_000_000)
        #expect(maker.nextDeadline == nil)
        #expect(maker.report(at: start) == nil)
        let audio = MediaHeader(kind: .audio, sequence: 0, handle: 77, timestamp: 960)
        let video = MediaHeader(kind: .video, sequence: 0, handle: 77, timestamp: 9_000)
        maker.arrived(audio, bytes: 112, at: start)
        maker.arrived(video, bytes: 3_013, at: start + .milliseconds(90))
        #expect(maker.nextDeadline == start + .milliseconds(250))
        #expect(maker.report(at: start + .milliseconds(249)) == nil)
        let report = maker.report(at: start + .milliseconds(250))
        #expect(
            report
                == ReceiverReport(
                    newestAudio: 960,
                    newestVideo: 9_000,
                    bitsPerSecond: 100_000,
                    arrival: 7_090
                )
        )
        #expect(maker.report(at: start + .milliseconds(500))?.bitsPerSecond == 0)
    }
}

/// One sender of audio and the reports it gets, a quarter of a second apart.
private struct Talk {
    var rate = RateAdaptation()
    var bits: UInt32 = 0
    private var now = Moment(nanoseconds: 10_000_000_000)
    private var timestamp: UInt32 = 48_000

    @discardableResult
    mutating func report(delay: Int64) -> RateAdaptation.Change? {
        timestamp += 12_000
        rate.sent(.audio, timestamp: timestamp, at: now)
        let arrival = (now + .milliseconds(delay)).wrappedMilliseconds &+ 123_456
        now = now + .milliseconds(250)
        return rate.reported(
            ReceiverReport(
                newestAudio: timestamp,
                newestVideo: 0,
                bitsPerSecond: bits,
                arrival: arrival
            ),
            at: now
        )
    }

    /// Something is sent, and the report says what the last one said.
    mutating func stuckReport() -> RateAdaptation.Change? {
        rate.sent(.audio, timestamp: timestamp + 960, at: now)
        now = now + .milliseconds(250)
        let again = ReceiverReport(
            newestAudio: timestamp,
            newestVideo: 0,
            bitsPerSecond: 0,
            arrival: 1
        )
        let change = rate.reported(again, at: now)
        return change == .videoPaused ? nil : change
    }
}
