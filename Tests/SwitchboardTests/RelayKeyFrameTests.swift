// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// Key frames asked for, sizes asked for, rates told.
@Suite struct RelayKeyFrameTests {
    @Test func `after preview, answer and resume the server asks by itself`() {
        let call = RelayCall()
        _ = call.preview(5)
        #expect(call.world.keyFramesAsked(of: "panel").count == 1)
        call.world.pass(2000)
        call.world.forgetWhatWasSaid()
        call.answer()
        #expect(call.world.keyFramesAsked(of: "panel").count == 1)
        #expect(call.world.keyFramesAsked(of: "resident").count == 1)
    }

    @Test func `no inter frame passes before the key frame`() {
        var call = RelayCall()
        call.answer()
        for _ in 0..<3 {
            #expect(call.world.send(call.camera.inter(), from: call.panel) == .passed)
        }
        #expect(call.resident.headers(.video).isEmpty)
        call.world.send(call.camera.key(), from: call.panel)
        call.world.send(call.camera.inter(), from: call.panel)
        #expect(call.resident.headers(.video).map(\.sequence) == [3, 4])
        #expect(call.outlet?.counts.dropped(.video, .awaitingKey) == 3)
    }

    @Test func `requests are merged, at most one in 500 ms to a sender`() {
        var call = RelayCall.answered()
        call.world.pass(1000)
        call.world.forgetWhatWasSaid()
        call.world.pass(2000) { millisecond in
            if millisecond % 10 == 0 { call.outlet?.askKeyFrame(at: call.world.now) }
            if millisecond % 100 == 50 { call.world.send(call.camera.key(1000), from: call.panel) }
        }
        let times = call.world.keyFramesAsked(of: "panel").map(\.at)
        #expect(times.count == 4)
        for (earlier, later) in zip(times, times.dropFirst()) {
            #expect(later - earlier >= .milliseconds(500))
        }
    }

    @Test func `of the sizes wanted the smallest is asked for`() throws {
        var call = RelayCall()
        let slow = try #require(call.preview(5))
        _ = call.preview(6)
        slow.bytesPerSecond = 1_000
        call.world.send(call.camera.key(1000), from: call.panel)
        call.world.pass(1500) { millisecond in
            guard millisecond % 66 == 0 else { return }
            call.world.send(call.camera.inter(1500), from: call.panel)
        }
        call.world.send(call.camera.key(1000), from: call.panel)
        call.world.pass(1000)
        call.world.forgetWhatWasSaid()
        func wants(_ party: UInt32) {
            call.panel.relay.outlet(at: RelayPort(handle: RelayCall.handle, party: party))?
                .askKeyFrame(at: call.world.now)
        }
        wants(6)
        call.world.send(call.camera.key(1000), from: call.panel)
        wants(5)
        wants(6)
        call.world.pass(600)
        #expect(call.world.keyFramesAsked(of: "panel").map(\.maxBytes) == [37_500, 4_096])
    }

    @Test func `a request without a key frame is repeated once after 1 s`() {
        let call = RelayCall()
        call.answer()
        let start = call.world.now
        call.world.pass(5000)
        let times = call.world.keyFramesAsked(of: "panel").map { ($0.at - start).milliseconds }
        #expect(times == [0, 1000])
    }

    @Test func `a receiver that still sees inter frames only asks on, seldom`() {
        var call = RelayCall()
        call.answer()
        call.world.pass(6000) { millisecond in
            if millisecond % 66 == 0 { call.world.send(call.camera.inter(), from: call.panel) }
        }
        #expect((4...6).contains(call.world.keyFramesAsked(of: "panel").count))
    }

    @Test func `a key frame answers everybody who wanted one`() {
        var call = RelayCall()
        for number in 1...4 { _ = call.preview(UInt32(number)) }
        call.world.send(call.camera.key(1000), from: call.panel)
        call.world.pass(3000)
        #expect(call.world.keyFramesAsked(of: "panel").count == 1)
    }

    @Test func `maxBytes is what the receiver takes in 125 ms, at least 4 kB`() {
        for (speed, range) in [(12_000, 4_096...4_096), (50_000, 4_100...7_000)] {
            var call = RelayCall.answered()
            call.resident.bytesPerSecond = speed
            call.resident.buffer = 1000
            call.world.pass(8_000) { millisecond in
                guard millisecond % 66 == 0 else { return }
                call.world.send(call.camera.inter(), from: call.panel)
                if call.outlet?.needsKeyFrame == true, millisecond % 660 == 0 {
                    call.world.send(call.camera.key(4_000), from: call.panel)
                }
            }
            let asked = call.world.keyFramesAsked(of: "panel").suffix(4).map(\.maxBytes)
            #expect(asked.count == 4)
            #expect(asked.allSatisfy(range.contains), "\(speed) B/s: \(asked)")
        }
    }

    @Test func `a key frame larger than that passes at most once in 2 s`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 20_000
        call.resident.buffer = 60_000
        call.world.pass(3000) { millisecond in
            guard millisecond % 50 == 0 else { return }
            call.world.send(call.camera.inter(), from: call.panel)
        }
        let before = call.resident.written.count
        call.world.pass(10_000) { millisecond in
            guard millisecond % 200 == 0 else { return }
            call.world.send(call.camera.key(12_000), from: call.panel)
        }
        let passed = call.resident.written[before...].filter { $0.size > 12_000 }
        #expect((4...6).contains(passed.count))
        for (earlier, later) in zip(passed, passed.dropFirst()) {
            #expect(later.at - earlier.at >= .milliseconds(1700))
        }
        #expect((call.outlet?.counts.dropped(.video, .largeKey) ?? 0) > 30)
    }

    @Test func `media rate falls fast and rises slowly`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 30_000
        call.world.pass(10_000) { millisecond in
            guard millisecond % 50 == 0 else { return }
            let isKey = millisecond % 500 == 0
            call.world.send(
                isKey ? call.camera.key(4000) : call.camera.inter(4000),
                from: call.panel
            )
        }
        let falling = call.world.rates(of: "panel")
        let least = falling.min() ?? 0
        #expect((100...260).contains(least), "\(falling)")
        let firstLow = call.world.said.first {
            if case .rate(_, let kilobits) = $0.what { kilobits < 400 } else { false }
        }
        #expect((firstLow?.at).map { $0 < Moment(nanoseconds: 4_000_000_000) } == true)
        call.world.forgetWhatWasSaid()
        call.resident.bytesPerSecond = nil
        let start = call.world.now
        call.world.pass(40_000) { millisecond in
            guard millisecond % 50 == 0 else { return }
            let isKey = millisecond % 500 == 0
            call.world.send(
                isKey ? call.camera.key(4000) : call.camera.inter(4000),
                from: call.panel
            )
        }
        let rising = call.world.rates(of: "panel")
        #expect(rising == rising.sorted())
        #expect(rising.last == 4000)
        let doubled = call.world.said.first {
            if case .rate(_, let kilobits) = $0.what { kilobits > 2 * least } else { false }
        }
        #expect((doubled?.at).map { $0 - start > .seconds(3) } == true)
    }

    @Test func `a slow preview does not lower the sender's rate`() throws {
        var call = RelayCall()
        let looker = try #require(call.preview(5))
        looker.bytesPerSecond = 1_000
        call.world.pass(8000) { millisecond in
            guard millisecond % 66 == 0 else { return }
            call.world.send(
                millisecond % 1980 == 0 ? call.camera.key(2000) : call.camera.inter(2000),
                from: call.panel
            )
        }
        #expect(call.world.rates(of: "panel").isEmpty)
        let asked = call.world.keyFramesAsked(of: "panel").map(\.at)
        for (earlier, later) in zip(asked, asked.dropFirst()) {
            #expect(later - earlier >= .milliseconds(1000))
        }
    }
}
