// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleEventLoop
import VestibuleFaultProxy
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleWire

extension FaultTests {
    /// The database is locked by another process, 30 s in the long form: calls in talk go on and
    /// end, new ones ring, no door opens unrecorded, and afterwards the record has it all.
    @Suite struct LockedStoreTests {
        @Test func `while the database is locked calls go on, and it is all written after`()
            async throws
        {
            try await FaultRun.drawing { random in
                let loops = Int.random(in: 1...2, using: &random)
                let length = FaultRun.often(Duration.seconds(3), long: .seconds(30))
                try await withFaults(loops: loops, limits: Self.short) { bench in
                    let (proxy, server) = (try await bench.proxy(), bench.server)
                    try await proxy.order("delay 20ms jitter 10ms")
                    let running = try await bench.server.talk(panel: 1, unit: 1)
                    let panel = try await bench.peer(bench.building.panel(), by: proxy)
                    let device = try await bench.peer(bench.building.device(), by: proxy)
                    let told = try await server.whileLocked {
                        let unit = bench.building.unit()
                        let told = try await calls(panel, unit, device, running, for: length)
                        try await running.hangsUp()
                        return told
                    }
                    try await written(told, server)
                    #expect(try await panel.unheardEvents().allSatisfy { !$0.isDoorOpen })
                    let metrics = try await server.metrics()
                    #expect(metrics["vestibule_records_lost_total"] == 0)
                    print("faults: \(told.count) calls while the database was locked")
                }
            }
        }

        /// Calls of one household, one after the other, beside one that goes on; all of them.
        private func calls(
            _ panel: Peer,
            _ unit: UnitID,
            _ device: Peer,
            _ running: Talk,
            for length: Duration
        ) async throws -> [CallID] {
            let end = EventLoop.readMoment() + length
            var told: [CallID] = [running.call]
            repeat {
                let talk = try await Talk.begin(panel, calls: unit, device)
                try await talk.flows(times: 2)
                try await running.flows(times: 2)
                let unlock = CallUnlock(call: talk.call, key: device.newID())
                let refusal = try await device.isRefused(.callUnlock(unlock))
                #expect(refusal.code == .notRecorded)
                try await talk.hangsUp()
                _ = try await panel.panelState(talk.call, .ended)
                told.append(talk.call)
            } while EventLoop.readMoment() < end
            return told
        }

        private static func short(_ limits: inout Limits) {
            limits.ledger.patience = .milliseconds(100)
            limits.ledger.retry = .milliseconds(50)
            limits.session.messageBurst = 1_000
        }

        /// Every call that was told is in history, with its end and who answered.
        private func written(_ told: [CallID], _ server: TestServer) async throws {
            try await server.clients.eventually("all of it is written") {
                var query = CallQuery()
                query.limit = told.count + 1
                let asked = query
                let records = try await server.store { try await $0.calls(asked) }
                return Set(records.map(\.id)) == Set(told)
                    && records.allSatisfy { $0.outcome == .completed && $0.answeredBy != nil }
            }
        }
    }
}
