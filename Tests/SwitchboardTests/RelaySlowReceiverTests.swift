// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// "Keeping up with a slow receiver": lanes, ages, drops, signalling.
@Suite struct RelaySlowReceiverTests {
    @Test func `a frame is written at once where nothing waits`() {
        var call = RelayCall.answered()
        call.world.send(call.camera.inter(), from: call.panel)
        #expect(call.resident.written.last?.at == call.world.now)
        #expect(call.resident.waitingBytes == 0)
    }

    @Test func `signalling goes before audio, audio before video`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 50_000
        for frame in [call.camera.inter(), call.camera.inter(), call.camera.audio()] {
            call.world.send(frame, from: call.panel)
        }
        call.resident.send(control: Array("hello".utf8), at: call.world.now)
        #expect(call.resident.waitingFrames == 2)
        call.world.pass(180)
        let tail = call.resident.written.suffix(4)
        #expect(
            tail.map { $0.text ?? "\($0.header?.kind.rawValue ?? 9)" } == ["1", "hello", "0", "1"]
        )
    }

    @Test func `no frame overtakes one that waits, though there is room already`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 1_000
        for _ in 0..<3 { call.world.send(call.camera.audio(), from: call.panel) }
        call.resident.makeRoomQuietly()
        call.resident.bytesPerSecond = nil
        call.world.send(call.camera.audio(), from: call.panel)
        call.world.pass(2)
        #expect(call.resident.headers(.audio).map(\.sequence) == [0, 1, 2, 3])
    }

    @Test func `a frame waits at most 200 ms for its first byte`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 1_000
        call.world.send(call.camera.inter(220), from: call.panel)
        call.world.send(call.camera.audio(), from: call.panel)
        call.world.send(call.camera.inter(), from: call.panel)
        call.world.pass(300)
        #expect(call.resident.headers(.audio).isEmpty)
        #expect(call.resident.headers(.video).count == 2)
        #expect(call.outlet?.counts.dropped(.audio, .expired) == 1)
        #expect(call.outlet?.counts.dropped(.video, .expired) == 1)
    }

    @Test func `the longest wait and the largest queue are seen, also of what is dropped`() {
        var call = RelayCall.answered()
        let relay = call.world.relays[0]
        call.resident.bytesPerSecond = 1_000
        call.world.send(call.camera.inter(400), from: call.panel)
        call.world.pass(261) { millisecond in
            if millisecond % 20 == 0 { call.world.send(call.camera.audio(), from: call.panel) }
        }
        // Whoever looks, however often.
        for _ in 0..<2 {
            let (age, bytes) = (relay.queueMarks.age, relay.queueMarks.bytes)
            #expect(age.greatest > 200_000_000)
            #expect(age.greatest <= 221_000_000)
            #expect(bytes.greatest > 9 * 100)
            #expect(bytes.greatest <= 12 * 140)
            #expect(age.most(at: call.world.now) == age.greatest)
            #expect(bytes.most(at: call.world.now) == bytes.greatest)
            #expect(bytes.most(at: call.world.now + .seconds(12)) == 0)
        }
    }

    @Test func `the rest of a write that the kernel does not take counts as waiting`() {
        var call = RelayCall.answered()
        let relay = call.world.relays[0]
        call.resident.bytesPerSecond = 1
        call.world.send(call.camera.inter(400), from: call.panel)
        call.resident.holdsSince = call.world.now
        call.world.pass(701) { millisecond in
            if millisecond % 20 == 0 { call.world.send(call.camera.audio(), from: call.panel) }
        }
        #expect(relay.queueMarks.age.greatest > 660_000_000)
        #expect(relay.queueMarks.age.greatest <= 701_000_000)
    }

    @Test func `audio alone beyond 200 ms drops its oldest and says so`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 1_000
        call.world.send(call.camera.inter(400), from: call.panel)
        call.world.pass(401) { millisecond in
            if millisecond % 20 == 0 { call.world.send(call.camera.audio(), from: call.panel) }
        }
        call.resident.bytesPerSecond = nil
        call.world.pass(2)
        let headers = call.resident.headers(.audio)
        #expect(headers.count == 10)
        #expect(headers.last?.sequence == 20)
        #expect(headers.first?.flags == [.dropped])
        #expect(headers.dropFirst().allSatisfy { $0.flags.isEmpty })
        #expect(call.outlet?.counts.dropped(.audio, .expired) == 11)
    }

    @Test func `video beyond 200 ms is dropped up to the next key frame, which is asked for`() {
        var call = RelayCall.answered()
        call.world.pass(1000)
        call.world.forgetWhatWasSaid()
        call.resident.bytesPerSecond = 10_000
        call.world.send(call.camera.inter(2988), from: call.panel)
        for _ in 0..<4 {
            call.world.send(call.camera.inter(), from: call.panel)
            call.world.pass(60)
        }
        #expect(call.world.keyFramesAsked(of: "panel").isEmpty)
        call.world.send(call.camera.inter(), from: call.panel)
        #expect(call.world.keyFramesAsked(of: "panel").count == 1)
        #expect(call.resident.waitingFrames == 0)
        call.world.pass(100)
        call.world.send(call.camera.inter(), from: call.panel)
        call.world.send(call.camera.key(3000), from: call.panel)
        call.world.send(call.camera.inter(), from: call.panel)
        #expect(call.resident.headers(.video).map(\.sequence) == [0, 1, 8])
        #expect(call.resident.headers(.video).last?.flags == [.key, .dropped])
        #expect(call.outlet?.counts.dropped(.video) == 6)
    }

    @Test func `a key frame that waits is where the picture goes on`() {
        var call = RelayCall.answered()
        call.world.pass(1000)
        call.world.forgetWhatWasSaid()
        call.resident.bytesPerSecond = 1_000
        call.world.send(call.camera.inter(238), from: call.panel)
        call.world.send(call.camera.inter(), from: call.panel)
        call.world.pass(100)
        call.world.send(call.camera.inter(), from: call.panel)
        call.world.send(call.camera.key(3000), from: call.panel)
        call.world.send(call.camera.inter(), from: call.panel)
        call.world.pass(120)
        call.world.send(call.camera.audio(), from: call.panel)
        #expect(call.world.keyFramesAsked(of: "panel").isEmpty)
        call.resident.bytesPerSecond = nil
        call.world.pass(2)
        #expect(call.resident.headers(.video).map(\.sequence) == [0, 1, 4, 5])
        #expect(call.resident.headers(.video).map(\.flags) == [[.key], [], [.key, .dropped], []])
    }

    @Test func `media takes a bounded part of memory whatever its age`() {
        var limits = Limits()
        limits.media.lane = 20_000
        var call = RelayCall.answered(RelayWorld(limits: limits))
        call.resident.bytesPerSecond = 1
        call.world.send(call.camera.inter(), from: call.panel)
        for _ in 0..<8 { call.world.send(call.camera.inter(), from: call.panel) }
        #expect(call.resident.waitingBytes <= 20_000)
        #expect(call.outlet?.counts.dropped(.video, .laneFull) == 1)
        for _ in 0..<150 { call.world.send(call.camera.audio(200), from: call.panel) }
        #expect(call.resident.waitingBytes <= 20_000)
        #expect(call.resident.waitingFrames == 20_000 / 212)
        #expect(call.outlet?.counts.dropped(.audio, .laneFull) == 150 - 20_000 / 212)
    }

    // MARK: Signalling

    @Test func `signalling waits behind no more than one frame`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 30_000
        call.world.pass(3000) { millisecond in
            if millisecond % 20 == 0 { call.world.send(call.camera.audio(), from: call.panel) }
            if millisecond % 66 == 0 { call.world.send(call.camera.inter(), from: call.panel) }
            guard millisecond % 100 == 50 else { return }
            let before = call.resident.written.count
            call.resident.send(control: Array("state \(millisecond)".utf8), at: call.world.now)
            let isAtOnce = call.resident.written.count > before
            #expect(isAtOnce || !call.resident.hasRoom)
        }
        call.world.pass(400)
        #expect(call.resident.texts == (0..<30).map { "state \($0 * 100 + 50)" })
        for (index, entry) in call.resident.written.enumerated().dropFirst() {
            guard let text = entry.text, let sent = Int(text.dropFirst(6)) else { continue }
            let between = call.resident.written[..<index].filter {
                $0.header != nil
                    && $0.at > Moment(nanoseconds: 1_000_000_000) + .milliseconds(sent + 1)
            }
            #expect(between.isEmpty, "\(text) waited behind \(between.count) frames")
        }
    }

    @Test func `a receiver that takes no signalling for 10 s is given up`() {
        let call = RelayCall.answered()
        call.resident.bytesPerSecond = 0
        call.resident.send(control: Array("one".utf8), at: call.world.now)
        call.world.pass(9_990)
        #expect(!call.world.said.contains { $0.what == .stalled("resident") })
        call.world.pass(20)
        #expect(call.world.said.count { $0.what == .stalled("resident") } == 1)
    }

    @Test func `a receiver that takes a little signalling is not given up`() {
        let call = RelayCall.answered()
        call.resident.bytesPerSecond = 10
        call.world.pass(25_000) { millisecond in
            guard millisecond % 1000 == 0 else { return }
            call.resident.send(control: Array(repeating: 65, count: 50), at: call.world.now)
        }
        #expect(!call.world.said.contains { $0.what == .stalled("resident") })
        #expect(call.resident.texts.count >= 4)
    }

    @Test func `a receiver that reads again before the time is up gets all signalling, in order`() {
        let call = RelayCall.answered()
        call.resident.bytesPerSecond = 0
        for number in 0..<100 {
            call.resident.send(control: Array("\(number)".utf8), at: call.world.now)
        }
        call.world.pass(9_900)
        call.resident.bytesPerSecond = nil
        call.world.pass(1_000)
        #expect(call.resident.texts == (0..<100).map { "\($0)" })
        #expect(!call.world.said.contains { $0.what == .stalled("resident") })
    }

    @Test func `more signalling than may wait gives the receiver up`() {
        var limits = Limits()
        limits.media.controlLane = 1_000
        let call = RelayCall.answered(RelayWorld(limits: limits))
        call.resident.bytesPerSecond = 0
        for _ in 0..<30 {
            call.resident.send(control: Array(repeating: 65, count: 100), at: call.world.now)
        }
        call.world.settle()
        #expect(call.world.said.count { $0.what == .stalled("resident") } == 1)
    }

    @Test func `what waits for a line that goes away is counted`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 0
        let outlet = call.outlet
        for _ in 0..<5 { call.world.send(call.camera.audio(), from: call.panel) }
        call.resident.relay.lineGone(call.resident)
        #expect(outlet?.counts.dropped(.audio, .ended) == 4)
        #expect(call.resident.relay.delivered.dropped(.audio, .ended) == 4)
        #expect(call.resident.waitingBytes == 0)
    }
}
