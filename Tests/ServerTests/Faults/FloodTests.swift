// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleFaultProxy
import VestibuleWire

extension FaultTests {
    /// One client that sends what it can, beside a call: it is limited and closed, and every frame of
    /// the others arrives.
    @Suite struct FloodTests {
        @Test(arguments: Flood.allCases)
        func `a flooding client is cut off, and every frame of the others arrives`(
            flood: Flood
        ) async throws {
            try await FaultRun.drawing(for: "flood of \(flood)") { random in
                let loops = Int.random(in: 1...2, using: &random)
                try await withFaults(loops: loops) { bench in
                    let proxy = try await bench.proxy()
                    let others = try await bench.server.talk(panel: 1, unit: 1)
                    let (isOver, frames) = (Locked(false), Locked(0))
                    async let undisturbed: Void = Self.flow(others, frames, until: isOver)
                    let enough = FaultRun.often(60, long: 600)
                    var floods = 0
                    repeat {
                        #expect(try await Self.pour(flood, bench, proxy), "it was not cut off")
                        floods += 1
                    } while floods < 20 && frames.withLock({ $0 }) < enough
                    isOver.withLock { $0 = true }
                    try await undisturbed
                    let came = frames.withLock { $0 }
                    print("faults: beside \(floods) floods of \(flood) \(came) frames arrived")
                    #expect(came > 0)
                    try await others.hangsUp()
                }
            }
        }

        private static func flow(
            _ talk: Talk,
            _ frames: Locked<Int>,
            until isOver: Locked<Bool>
        ) async throws {
            while !isOver.withLock({ $0 }), !Task.isCancelled {
                try await talk.flows(times: 1)
                frames.withLock { $0 += 6 }
                await talk.panel.clients.pass(.milliseconds(10))
            }
        }

        /// Whether the flood was closed for it.
        private static func pour(
            _ flood: Flood,
            _ bench: FaultBench,
            _ proxy: FaultProxy
        ) async throws -> Bool {
            switch flood {
            case .messages:
                let device = try await bench.peer(bench.building.device(), by: proxy)
                try await device.send(
                    texts: (0..<5_000).map { Peer.text(.ping, id: "\($0)") }
                )
                return try await device.closing() == 4429
            case .frames:
                let panel = try await bench.peer(bench.building.panel(), by: proxy)
                let device = try await bench.peer(bench.building.device(), by: proxy)
                let unit = bench.building.unit()
                let talk = try await Talk.begin(panel, calls: unit, device)
                var frames = Frames(handle: talk.handle)
                try await device.send(frames: (0..<3_000).map { _ in frames.audio(bytes: 900) })
                let code = try await device.closing()
                try await panel.asks(.callHangup(talk.call))
                try await panel.drop()
                return code == 4429
            case .nonsense:
                let stranger = try await bench.socket(by: proxy)
                try await stranger.send(texts: (0..<2_000).map { _ in "{]" })
                return try await stranger.closing() != nil
            }
        }
    }
}

/// What is poured.
enum Flood: CaseIterable, Sendable {
    case messages
    case frames
    case nonsense
}
