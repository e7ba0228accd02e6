// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleWire

extension ServerTests {
    /// The real binary, ended as a power cut ends it.
    @Suite struct KillTests {
        /// What `vestibule history --json` writes of a call, as far as it matters here.
        private struct Entry: Decodable {
            struct Unlock: Decodable { let outcome: String }

            let id: String
            let outcome: String?
            let unlocks: [Unlock]
        }

        @Test func `a server that is killed twenty times loses nothing that it told`() async throws
        {
            let given = ProcessInfo.processInfo.environment["VESTIBULE_KILL_SEED"]
            let seed = given.flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
            print("kill -9: VESTIBULE_KILL_SEED=\(seed)")
            var random = SeededGenerator(seed: seed)
            try await withBinary { house in
                var done: [KilledCall] = []
                for number in 0..<20 {
                    let stage = KilledCall.Stage.allCases[number % 3]
                    let delay = Self.delay(using: &random)
                    let loops = ["--loops", "\(Int.random(in: 1...2, using: &random))"]
                    let call = KilledCall(number: number, stage: stage)
                    do {
                        try await call.live(in: house, killedAfter: delay, startedAgainWith: loops)
                    } catch {
                        throw Disappointment(
                            "seed \(seed), call \(number), \(stage), \(delay as Any): \(error)"
                        )
                    }
                    done.append(call)
                }
                print(
                    "kill -9: \(done.count { $0.told.wasCut }) of \(done.count) steps were cut in two"
                )
                try await check(done, house)
            }
        }

        /// A third of the kills come right after the last answer; of the others most in the middle of
        /// the last step, which takes a few milliseconds.
        private static func delay(using random: inout SeededGenerator) -> Duration? {
            guard Int.random(in: 0..<3, using: &random) > 0 else { return nil }
            let part = Double.random(in: 0...1, using: &random)
            return .microseconds(Int(part * part * 6_000))
        }

        private func check(_ calls: [KilledCall], _ house: BinaryHouse) async throws {
            let history = try await Binary.run(["history", "--data", house.folder, "--json"])
            #expect(history.status == 0)
            let entries = try JSONDecoder().decode([Entry].self, from: Data(history.output.utf8))
            #expect(entries.count == calls.count, "one record for each call")
            for call in calls {
                let found = entries.filter { $0.id == call.told.call?.text }
                #expect(found.count == 1, "\(call)")
                let unlocks = found.first?.unlocks.map(\.outcome) ?? []
                #expect(found.first?.outcome == "completed", "\(call)")
                #expect(call.book.acted.count <= 1, "a door opened twice: \(call)")
                #expect(unlocks.count <= 1, "\(call): \(unlocks)")
                // The panel has said that it opened, and was answered: that is history.
                if !call.book.acted.isEmpty { #expect(unlocks == ["opened"], "\(call)") }
                if call.told.isOpened { #expect(unlocks == ["opened"], "\(call)") }
            }
        }
    }
}
