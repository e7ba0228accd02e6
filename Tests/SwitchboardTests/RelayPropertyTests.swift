// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// Random frames over random links: what must hold whatever happens.
@Suite struct RelayPropertyTests {
    @Test(arguments: 1...60)
    func `every frame is delivered, dropped for a reason or waiting`(seed: UInt64) {
        var run = Run(seed: seed)
        run.live(6_000)
        run.check("seed \(seed)")
        run.drain()
        run.check("seed \(seed), drained")
    }

    /// One call with random arrivals, capacities, reports, requests and losses.
    private struct Run {
        var random: SeededGenerator
        var call: RelayCall
        var lanes: Int
        var worstWait = 0

        /// What the panel's frames were, as far as they went on to the receiver.
        var sent: [Flow: Int] = [:]

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            var limits = Limits()
            limits.media.lane = [8_000, 60_000, 512 * 1024][Int.random(in: 0..<3, using: &random)]
            lanes = limits.media.lane
            limits.session.framesPerSecond = 100_000
            limits.session.bitsPerSecond = 100_000_000
            let board = Int.random(in: 0...1, using: &random)
            call = RelayCall(RelayWorld(limits: limits), residentOn: board)
            call.answer()
        }

        mutating func live(_ milliseconds: Int) {
            for _ in 0..<milliseconds {
                call.world.pass(1)
                call.camera.timestamp &+= 90
                step()
                if call.resident.waitingBytes > worstWait { worstWait = call.resident.waitingBytes }
            }
        }

        private mutating func step() {
            switch Int.random(in: 0..<1000, using: &random) {
            case 0..<50: send(.audio, call.camera.audio(size(20, 300)))
            case 50..<90: send(.video, call.camera.inter(size(30, 6000)))
            case 90..<95: send(.video, call.camera.key(size(30, 12_000)))
            case 95..<103: send(.report, call.camera.report(video: 1))
            case 103..<106:
                call.resident.bytesPerSecond =
                    [nil, 0, 1_000, 20_000, 37_500, 200_000]
                    .randomElement(using: &random) ?? nil
            case 106..<110:
                let newest = call.resident.headers(.video).last?.timestamp ?? 0
                call.world.send(call.phone.report(video: newest), from: call.resident)
            case 110: call.world.mailIsFull.toggle()
            case 111: call.outlet?.askKeyFrame(at: call.world.now)
            case 112..<130:
                call.resident.send(
                    control: Array(repeating: 66, count: size(1, 400)),
                    at: call.world.now
                )
            default: break
            }
        }

        private mutating func send(_ flow: Flow, _ frame: [UInt8]) {
            if call.world.send(frame, from: call.panel) == .passed { sent[flow, default: 0] += 1 }
        }

        private mutating func size(_ least: Int, _ most: Int) -> Int {
            Int.random(in: least...most, using: &random)
        }

        mutating func drain() {
            call.resident.bytesPerSecond = nil
            call.world.pass(5)
        }

        func check(_ label: String) {
            guard let counts = call.outlet?.counts else {
                Issue.record("\(label): the outlet is gone")
                return
            }
            var waiting = 0
            for (flow, kind) in [
                (Flow.audio, MediaKind.audio), (.video, .video), (.report, .report),
            ] {
                let sent = sent[flow, default: 0]
                let headers = call.resident.headers(kind)
                #expect(counts.received(flow) == sent, "\(label)")
                #expect(counts.passed(flow) == headers.count, "\(label)")
                waiting += sent - counts.passed(flow) - counts.dropped(flow)
                checkOrderAndFlags(headers, label)
            }
            #expect(waiting == call.resident.waitingFrames, "\(label)")
            #expect(worstWait <= lanes, "\(label)")
            assertWholeChains(call.resident.headers(.video))
            checkAges(label)
        }

        /// Nothing waited longer than 200 ms for its first byte.
        private func checkAges(_ label: String) {
            for entry in call.resident.written {
                guard let header = entry.header else { continue }
                let milliseconds = Int((header.timestamp - 90_000) / 90)
                let sent = Moment(nanoseconds: 1_000_000_000) + .milliseconds(milliseconds)
                #expect(entry.at - sent <= .milliseconds(201), "\(label)")
            }
        }

        /// Flag 2 exactly where something before was dropped: sequences count what was sent.
        private func checkOrderAndFlags(_ headers: [MediaHeader], _ label: String) {
            var expected: UInt16 = 0
            for header in headers {
                #expect(header.sequence >= expected, "\(label)")
                #expect(
                    header.flags.contains(.dropped) == (header.sequence != expected),
                    "\(label)"
                )
                expected = header.sequence &+ 1
            }
        }
    }
}
