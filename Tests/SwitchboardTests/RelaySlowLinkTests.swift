// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// Whole calls over bad links, with an encoder that does as it is asked.
@Suite struct RelaySlowLinkTests {
    /// A panel's camera and microphone: 50 audio and 15 video frames a second, a key frame when
    /// asked for, of no more than the size asked for.
    private struct Encoder {
        var heard = 0

        mutating func run(_ call: inout RelayCall, _ millisecond: Int) {
            call.camera.timestamp &+= 90
            if millisecond % 20 == 0 { call.world.send(call.camera.audio(), from: call.panel) }
            guard millisecond % 66 == 0 else { return }
            let asked = call.world.keyFramesAsked(of: "panel")
            if asked.count > heard {
                heard = asked.count
                let size = min(20_000, (asked.last?.maxBytes ?? 0) - MediaHeader.size)
                call.world.send(call.camera.key(size), from: call.panel)
            } else {
                call.world.send(call.camera.inter(2500), from: call.panel)
            }
        }
    }

    private func run(
        _ call: inout RelayCall,
        _ milliseconds: Int,
        _ script: (Int, ScriptedLine) -> Void
    ) {
        var encoder = Encoder()
        var counts = call.outlet?.counts
        var local = call
        local.world.pass(milliseconds) { millisecond in
            script(millisecond, local.resident)
            encoder.run(&local, millisecond)
        }
        call = local
        counts = call.outlet?.counts
        let all = [Flow.audio, .video].map { flow in
            (counts?.passed(flow) ?? 0) + (counts?.dropped(flow) ?? 0)
                - (counts?.received(flow) ?? 0)
        }
        #expect(-all.reduce(0, +) == call.resident.waitingFrames)
    }

    /// Order, chains, and the age of everything written, against when it was sent.
    private func check(_ call: RelayCall, sourceLocation: SourceLocation = #_sourceLocation) {
        assertWholeChains(call.resident.headers(.video), sourceLocation: sourceLocation)
        for kind in [MediaKind.audio, .video] {
            let sequences = call.resident.headers(kind).map(\.sequence)
            #expect(sequences == sequences.sorted(), sourceLocation: sourceLocation)
        }
        let start = Moment(nanoseconds: 1_000_000_000)
        for entry in call.resident.written.dropFirst() {
            guard let header = entry.header else { continue }
            let sent = start + .milliseconds(Int((header.timestamp &- 90_000) / 90))
            #expect(entry.at - sent <= .milliseconds(201), sourceLocation: sourceLocation)
        }
    }

    @Test func `a reader at 1 KB a second`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 1_000
        call.resident.buffer = 4_000
        run(&call, 30_000) { _, _ in }
        check(call)
        #expect(call.world.rates(of: "panel").last ?? 99 < 30)
        #expect(call.resident.headers(.video).count < 10)
        #expect((call.outlet?.counts.dropped(.video, .slowLink) ?? 0) > 300)
    }

    @Test func `a reader at 300 kbit a second`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 37_500
        call.resident.buffer = 4_000
        run(&call, 30_000) { _, _ in }
        check(call)
        let audio = call.resident.headers(.audio).count
        #expect(audio > 1440, "audio goes before video: \(audio) of 1500")
        #expect(call.resident.headers(.video).count > 250)
    }

    @Test func `a stall of 3 s`() {
        var call = RelayCall.answered()
        run(&call, 10_000) { millisecond, line in
            if millisecond == 2_000 { line.bytesPerSecond = 0 }
            if millisecond == 5_000 { line.bytesPerSecond = nil }
        }
        check(call)
        let end = Moment(nanoseconds: 1_000_000_000) + .milliseconds(5_000)
        let after = call.resident.written.filter { $0.at >= end }
        let video = after.compactMap(\.header).filter { $0.kind == .video }
        #expect(video.first?.flags == [.key, .dropped])
        let first = after.first { $0.header?.kind == .video }?.at ?? call.world.now
        // Half a second until it is known to have been a stall.
        #expect(first - end < .milliseconds(800))
        #expect(after.compactMap(\.header).count { $0.kind == .audio } >= 250)
        let asked = call.world.keyFramesAsked(of: "panel")
        let during = asked.filter { $0.at > end - .milliseconds(3_000) && $0.at < end }
        #expect(during.count <= 2, "a stuck receiver costs its sender little")
    }

    /// What waited leaves at once, or piece by piece through a small buffer.
    @Test(arguments: [(1, nil), (3, nil), (1, 200_000), (3, 200_000)])
    func `a stall is no slow link: half of what was thought before it counts again`(
        stalls: Int,
        bytesPerSecond: Int?
    ) {
        var call = RelayCall.answered()
        if bytesPerSecond != nil { call.resident.buffer = 1_000 }
        run(&call, 15_000 * stalls - 9_000) { millisecond, line in
            if millisecond % 15_000 == 2_000 { line.bytesPerSecond = 0 }
            if millisecond % 15_000 == 5_000 { line.bytesPerSecond = bytesPerSecond }
        }
        // A second after the last stall.
        #expect(call.world.rates(of: "panel").last ?? 0 >= 1_000)
    }

    @Test func `a link that stands still again and again is slow`() {
        var call = RelayCall.answered()
        call.resident.buffer = 8_000
        run(&call, 30_000) { millisecond, line in
            if millisecond == 2_000 { line.bytesPerSecond = 4_000 }
        }
        #expect(call.world.rates(of: "panel").last ?? 9_999 < 300)
    }

    @Test func `a small window that opens in steps is slow`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 0
        run(&call, 40_000) { millisecond, line in
            line.bytesPerSecond = millisecond % 2_500 < 100 ? 25_000 : 0
        }
        let late = call.world.now - .seconds(25)
        let video = call.resident.written.filter { $0.at > late && $0.header?.kind == .video }
        #expect(video.isEmpty)
        #expect(call.world.rates(of: "panel").last ?? 9_999 < 66)
    }

    @Test func `one slow receiver changes nothing for anyone else`() throws {
        func transcript(withSlow: Bool) throws -> [ScriptedLine.Written] {
            var call = RelayCall()
            let fast = try #require(call.preview(5))
            let slow = withSlow ? call.preview(6) : nil
            #expect((slow != nil) == withSlow)
            slow?.bytesPerSecond = 1_000
            call.world.send(call.camera.key(2000), from: call.panel)
            call.world.pass(20_000) { millisecond in
                guard millisecond % 66 == 0 else { return }
                call.world.send(
                    millisecond % 1980 == 0 ? call.camera.key(2000) : call.camera.inter(1500),
                    from: call.panel
                )
            }
            return fast.written
        }
        let alone = try transcript(withSlow: false)
        #expect(alone.count > 300)
        #expect(try transcript(withSlow: true) == alone)
    }
}
