// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// Video held back by what the receiver reports: the queue that the kernel hides.
@Suite struct RelayHoldBackTests {
    /// Sends one inter frame of the next 40 ms, or a key frame.
    private func show(_ call: inout RelayCall, isKey: Bool = false) {
        call.camera.timestamp &+= 3600
        let frame = isKey ? call.camera.key(1000) : call.camera.inter(1000)
        call.world.send(frame, from: call.panel)
        call.world.pass(40)
    }

    private func report(_ call: inout RelayCall, video: UInt32) {
        call.world.send(call.phone.report(video: video), from: call.resident)
    }

    @Test func `video more than 400 ms ahead of the newest reported is held back`() {
        var call = RelayCall.answered()
        let reported = call.camera.timestamp
        show(&call)
        report(&call, video: reported)
        for _ in 0..<20 { show(&call) }
        let newest = call.resident.headers(.video).last?.timestamp ?? 0
        #expect(newest &- reported <= 36_000)
        #expect(newest &- reported > 36_000 - 3600)
        #expect((call.outlet?.counts.dropped(.video, .heldBack) ?? 0) > 5)
    }

    @Test func `audio is not held back`() {
        var call = RelayCall.answered()
        report(&call, video: call.camera.timestamp)
        for _ in 0..<20 { show(&call) }
        #expect(call.world.send(call.camera.audio(), from: call.panel) == .passed)
        #expect(call.resident.headers(.audio).count == 1)
    }

    @Test func `a receiver that caught up gets a key frame, then the rest`() {
        var call = RelayCall.answered()
        show(&call)
        report(&call, video: call.camera.timestamp &- 3600)
        for _ in 0..<20 { show(&call) }
        let seen = call.resident.headers(.video)
        call.world.forgetWhatWasSaid()
        show(&call, isKey: true)
        #expect(call.resident.headers(.video).count == seen.count)
        #expect(call.world.keyFramesAsked(of: "panel").isEmpty)
        report(&call, video: seen.last?.timestamp ?? 0)
        #expect(call.world.keyFramesAsked(of: "panel").count == 1)
        show(&call)
        #expect(call.resident.headers(.video).count == seen.count)
        show(&call, isKey: true)
        show(&call)
        #expect(call.resident.headers(.video).count == seen.count + 2)
        assertWholeChains(call.resident.headers(.video))
    }

    @Test func `no key frame is asked for while it would be held back`() {
        var call = RelayCall.answered()
        let shown = call.camera.timestamp
        show(&call)
        report(&call, video: shown)
        for _ in 0..<20 { show(&call) }
        call.world.forgetWhatWasSaid()
        for _ in 0..<6 {
            report(&call, video: shown)
            show(&call)
            call.resident.bytesPerSecond = 50_000
            call.world.send(call.camera.audio(), from: call.panel)
            call.world.send(call.camera.audio(), from: call.panel)
        }
        #expect(call.world.keyFramesAsked(of: "panel").isEmpty)
    }

    @Test func `a receiver that stops reporting is not held back for ever`() {
        var call = RelayCall.answered()
        show(&call)
        report(&call, video: call.camera.timestamp &- 3600)
        for _ in 0..<15 { show(&call) }
        let seen = call.resident.headers(.video).count
        for _ in 0..<50 { show(&call) }
        call.world.forgetWhatWasSaid()
        show(&call, isKey: true)
        show(&call)
        #expect(call.resident.headers(.video).count == seen + 2)
    }

    @Test func `a receiver that keeps up is never held back`() {
        var call = RelayCall.answered()
        var delayed: [UInt32] = []
        for step in 0..<200 {
            show(&call)
            delayed.append(call.camera.timestamp)
            if step % 6 == 0, delayed.count > 3 {
                report(&call, video: delayed[delayed.count - 3])
            }
        }
        #expect(call.outlet?.counts.dropped(.video) == 0)
    }

    @Test func `a pause of the sender is not taken for a queue`() {
        var call = RelayCall.answered()
        show(&call)
        report(&call, video: call.camera.timestamp)
        call.camera.timestamp &+= 180_000
        call.world.pass(1900)
        for _ in 0..<5 { show(&call) }
        #expect(call.outlet?.counts.dropped(.video) == 0)
    }

    @Test func `a report of no video yet holds nothing back`() {
        var call = RelayCall.answered()
        for _ in 0..<30 {
            show(&call)
            report(&call, video: 0)
        }
        #expect(call.outlet?.counts.dropped(.video) == 0)
    }

    @Test func `timestamps wrap`() {
        var call = RelayCall()
        call.camera.timestamp = .max - 20_000
        call.answer()
        call.world.send(call.camera.key(1000), from: call.panel)
        for _ in 0..<8 {
            show(&call)
            report(&call, video: call.camera.timestamp &- 7200)
        }
        #expect(call.outlet?.counts.dropped(.video) == 0)
        for _ in 0..<20 { show(&call) }
        #expect((call.outlet?.counts.dropped(.video, .heldBack) ?? 0) > 0)
    }

    @Test func `a preview's reports hold its own picture back and nobody else's`() throws {
        var call = RelayCall()
        let slow = try #require(call.preview(5))
        let fast = try #require(call.preview(6))
        call.world.send(call.camera.key(1000), from: call.panel)
        let shown = call.camera.timestamp
        call.camera.timestamp &+= 3600
        call.world.send(call.camera.inter(1000), from: call.panel)
        call.world.send(call.phone.report(video: shown), from: slow)
        for _ in 0..<20 { show(&call) }
        #expect(slow.headers(.video).count < 14)
        #expect(fast.headers(.video).count == 22)
    }
}
