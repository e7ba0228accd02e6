// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleEventLoop
import VestibuleFaultProxy
import VestibuleWire

extension FaultTests {
    /// A line that is slow, late, or stands still for a while: signalling comes through whole, in
    /// order and within its bound, sound goes before picture, no picture follows a gap without a
    /// key frame, and nobody else notices.
    @Suite struct SlowLineTests {
        @Test(arguments: SlowLine.all)
        func `on a slow line signalling comes in order and in time, and others notice nothing`(
            line: SlowLine
        ) async throws {
            try await FaultRun.drawing(for: "slow line \(line)") { random in
                let (loops, seed) = (Int.random(in: 1...2, using: &random), random.next())
                try await withFaults(loops: loops, limits: Self.bounds) { bench in
                    let call = try await SlowCall.begin(bench, seed: seed)
                    let others = try await bench.server.talk(panel: 1, unit: 1)
                    let isOver = Locked(false)
                    async let undisturbed: Void = Self.flow(others, bench, until: isOver)
                    let result: Result<Void, any Error>
                    do { result = .success(try await live(call, line)) } catch {
                        result = .failure(error)
                    }
                    isOver.withLock { $0 = true }
                    try await undisturbed
                    try result.get()
                }
            }
        }

        private static func bounds(_ limits: inout Limits) {
            // The product's own: what waits longer is dropped.
            limits.media.age = .milliseconds(200)
            // At 1 KB/s a kernel makes room only every ten seconds or so.
            limits.media.controlStall = .seconds(30)
        }

        /// Every frame of the others comes through unchanged, all the while.
        private static func flow(
            _ talk: Talk,
            _ bench: FaultBench,
            until isOver: Locked<Bool>
        ) async throws {
            while !isOver.withLock({ $0 }), !Task.isCancelled {
                try await talk.flows(times: 1)
                await bench.clients.pass(.milliseconds(20))
            }
        }

        private func live(_ call: SlowCall, _ line: SlowLine) async throws {
            try await call.proxy.order("conn 1 \(line.order)")
            try await call.send(for: line.length)
            try await call.proxy.order("clear")
            let late = try await call.everySignalCame()
            print("faults: \(line): signalling came after \(late.milliseconds) ms at most")
            #expect(late <= line.bound)
            let came = try await call.frames()
            #expect(came.audio.isStrictlyRising, "sound in another order")
            #expect(came.picturesFollow, "a picture that cannot be decoded")
            let (audio, video) = (call.share(came.audio.count, of: .audio), came.video.count)
            print("faults: \(line): \(Int(audio * 100)) % of the sound, \(video) pictures")
            #expect(audio >= line.audio)
            if line.isNarrow {
                #expect(audio > call.share(video, of: .video), "picture before sound")
            }
        }
    }
}

/// What a line does, for how long, and what is wanted of it.
struct SlowLine: Sendable, CustomStringConvertible {
    let description: String
    let order: String
    let length: Duration

    /// From the sender's message to its arrival.
    let bound: Duration

    /// So much of the sound arrives.
    let audio: Double

    /// It takes less than is sent.
    var isNarrow = false

    static let all = [
        SlowLine(
            description: "a stall of 3 s",
            order: "stall for 3s",
            length: .seconds(5),
            bound: .seconds(4),
            audio: 0.3
        ),
        SlowLine(
            description: "300 ms each way with jitter",
            order: "delay 300ms jitter 100ms",
            length: FaultRun.often(.seconds(4), long: .seconds(30)),
            bound: .milliseconds(1_400),
            audio: 0.95
        ),
        SlowLine(
            description: "300 kbit/s",
            order: "down bandwidth 300kbit/s",
            length: FaultRun.often(.seconds(5), long: .seconds(30)),
            bound: .seconds(2),
            audio: 0.7,
            isNarrow: true
        ),
        // What the two kernels hold, some 20 KB, is ahead of whatever comes.
        SlowLine(
            description: "1 KB/s",
            order: "down bandwidth 1KB/s",
            length: FaultRun.often(.seconds(8), long: .seconds(20)),
            bound: FaultRun.often(.seconds(10), long: .seconds(22)),
            audio: 0,
            isNarrow: true
        ),
    ]
}
