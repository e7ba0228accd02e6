// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleFaultProxy
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleWire

extension FaultTests {
    /// What an older socket still delivers, after its session went on on a newer one: nothing of it
    /// has an effect.
    @Suite struct OldSocketTests {
        @Test(arguments: LateWord.allCases)
        func `what an old socket delivers late has no effect`(word: LateWord) async throws {
            try await FaultRun.drawing(for: "late \(word)") { random in
                for _ in 0..<FaultRun.often(3, long: 40) {
                    let (loops, delay) = (
                        Int.random(in: 1...2, using: &random),
                        Duration.milliseconds(Int.random(in: 0...1_500, using: &random))
                    )
                    try await withFaults(loops: loops) { bench in
                        try await live(bench, word, delay)
                    }
                }
            }
        }

        private func live(
            _ bench: FaultBench,
            _ word: LateWord,
            _ delay: Duration
        ) async throws {
            let building = bench.building
            let (straight, proxy) = (try await bench.proxy(), try await bench.proxy())
            let panel = try await bench.peer(building.panel(), by: straight)
            let old = try await bench.peer(building.device(), by: proxy)
            let started = try await panel.asks(.callStart(unit: building.unit(), key: "press"))
            let call = try await old.incoming().call
            if word.isInTalk { try await old.asks(.callAnswer(call)) }
            let resume = try await old.resume()

            // It says its word into a line that stands still, then its network changes.
            try await proxy.order("conn 1 stall")
            var frames = Frames(handle: started.handle ?? 0)
            switch word {
            case .answer: try await old.says(.callAnswer(call))
            case .decline: try await old.says(.callDecline(call))
            case .unlock: try await old.says(.callUnlock(CallUnlock(call: call, key: "late")))
            case .hangUp: try await old.says(.callHangup(call))
            case .frames: try await old.send(frames: (0..<20).map { _ in frames.audio() })
            }
            let new = try await bench.peer(building.device(), by: proxy, resume: resume)
            await bench.clients.pass(delay)
            try await proxy.order("conn 1 resume")
            await proxy.wait { status in !status.connections.contains { $0.number == 1 } }

            try await new.asks(.ping)
            try await panel.asks(.ping)
            let heard = try await panel.takeUnheard()
            for case .message(.event(_, let event)) in heard {
                #expect(!event.isDoorOpen, "a door was to open")
                if case .panelCallState(let state) = event { #expect(state.state != .ended) }
            }
            for case .frame in heard { Issue.record("a frame of the old socket came through") }
            let attempts = try await bench.server.store { try await $0.doorAttempts(DoorQuery()) }
            #expect(attempts.isEmpty)

            // The new socket's word counts.
            if !word.isInTalk { try await new.asks(.callAnswer(call)) }
            try await new.says(.callUnlock(CallUnlock(call: call, key: "now")))
            try await panel.opensDoor()
            try await new.asks(.callHangup(call))
            let record = try await bench.server.onlyCall()
            #expect(record.outcome == .completed && record.unlocks.count == 1)
        }

        @Test func `a command that an old line still brings is void on the new one`() async throws {
            try await FaultRun.drawing { random in
                for _ in 0..<FaultRun.often(3, long: 40) {
                    let loops = Int.random(in: 1...2, using: &random)
                    try await withFaults(loops: loops) { bench in
                        let (straight, proxy) = (try await bench.proxy(), try await bench.proxy())
                        let old = try await bench.peer(bench.building.panel(), by: proxy)
                        let device = try await bench.peer(bench.building.device(), by: straight)
                        let unit = bench.building.unit()
                        let talk = try await Talk.begin(old, calls: unit, device)
                        try await proxy.order("conn 1 down stall")
                        let resume = try await old.resume()
                        let unlock = CallUnlock(call: talk.call, key: "open")
                        let request = try await device.says(.callUnlock(unlock))
                        // Its audit is written: the command has left for the old line.
                        try await bench.clients.eventually("the command is out") {
                            try await bench.server.store { store in
                                try await store.doorAttempts(DoorQuery()).count == 1
                            }
                        }
                        let new = try await bench.peer(
                            bench.building.panel(),
                            by: proxy,
                            resume: resume
                        )
                        let void = try await new.event("door.void") { event in
                            if case .doorVoid(let command) = event { command } else { nil }
                        }
                        try await proxy.order("conn 1 resume")
                        // The old socket brings it: a panel ignores what an older socket says.
                        #expect(try await old.doorOpen().command == void)
                        #expect(try await old.closing() == 4409)
                        try await new.asks(.doorResult(DoorResult(command: void, outcome: .failed)))
                        #expect(try await device.result(of: request).get().outcome == .failed)
                        #expect(try await new.unheardEvents().allSatisfy { !$0.isDoorOpen })
                    }
                }
            }
        }
    }
}

/// What is said into the old line.
enum LateWord: CaseIterable, Sendable {
    case answer
    case decline
    case unlock
    case hangUp
    case frames

    /// Said by who talks; otherwise while it rings.
    var isInTalk: Bool { self == .unlock || self == .hangUp || self == .frames }
}
