// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleClient
import VestibuleEventLoop
import VestibuleFaultProxy
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleWire

extension FaultTests {
    /// One direction of one party's line stands still between an unlock and its acknowledgement:
    /// the resident gets a definite outcome in time, the door opens once at most and never after
    /// its deadline, and the record says in the end what the door did.
    @Suite struct PartitionTests {
        @Test(arguments: Partition.allCases)
        func `between an unlock and its ack one direction stands still`(
            partition: Partition
        ) async throws {
            try await FaultRun.drawing(for: "partition \(partition)") { random in
                let count = FaultRun.often(4, long: 40)
                let rounds = (0..<count).map { _ in Round.draw(partition, using: &random) }
                let loops = Int.random(in: 1...2, using: &random)
                _ = try await Lanes.live(rounds, loops: loops) { household, round in
                    try await Self.live(household, round)
                }
            }
        }

        private static func live(_ household: Household, _ round: Round) async throws {
            try await household.connect()
            let call = try await household.ring()
            let (winner, device) = try await household.answer(call)
            try await unlock(call, winner, household, round)
            try await settled(call, household)
            let (panel, phones) = try household.everybody()
            let before = panel.clicks.count
            try await household.isOnline()
            #expect(try await phones[winner].shell.unlock(call) == .opened)
            #expect(panel.clicks.count == before + 1)
            try await household.hangUp(call, winner)
            try await household.agrees(call, answeredBy: device)
        }

        private static func unlock(
            _ call: CallID,
            _ winner: Int,
            _ household: Household,
            _ round: Round
        ) async throws {
            let (panel, phones) = try household.everybody()
            let proxy = household.proxies[round.partition.isPanels ? 0 : 1 + winner]
            let connection = try await proxy.newest()
            try await proxy.order("conn \(connection) \(round.partition.way) stall")
            let pressed = EventLoop.readMoment()
            async let outcome = phones[winner].shell.unlock(call)
            await household.bench.clients.pass(round.length)
            try await proxy.order(
                "conn \(connection) \(round.isReset ? "reset" : "resume")"
            )
            let told = try await outcome
            let took = EventLoop.readMoment() - pressed
            // The deadline, the server's patience, a reconnection, and a busy machine.
            #expect(took <= round.length + .seconds(5) * TestTimes.factor, "\(round) took \(took)")
            switch told {
            case .opened: #expect(panel.clicks.count == 1, "\(round)")
            case .failed: #expect(panel.clicks.isEmpty, "\(round)")
            case .unknown: #expect(panel.clicks.count <= 1, "\(round)")
            }
        }

        /// What the panel did is in the record, however late it could be told.
        private static func settled(_ call: CallID, _ household: Household) async throws {
            let panel = try household.everybody().panel
            try await household.bench.clients.eventually("the record knows what the door did") {
                let doors = try await household.bench.server.store { store in
                    var query = DoorQuery()
                    query.call = call
                    return try await store.doorAttempts(query)
                }
                return doors.allSatisfy { door in
                    let hasClicked = panel.clicks.contains { $0.command == door.attempt.command }
                    return hasClicked == (door.result?.outcome == .opened) && door.result != nil
                }
            }
        }
    }
}

/// Whose line stands still, and in which direction.
enum Partition: CaseIterable, Sendable {
    /// The command does not reach the panel.
    case command

    /// The panel's result does not reach the server.
    case result

    /// The unlock does not reach the server.
    case press

    /// The answer does not reach the phone.
    case answer

    var isPanels: Bool { self == .command || self == .result }
    var way: Direction { self == .command || self == .answer ? .down : .up }
}

private struct Round: Sendable, CustomStringConvertible {
    let partition: Partition
    let length: Duration

    /// The line ends after that time instead of going on.
    let isReset: Bool

    var description: String {
        "\(partition) for \(length.milliseconds) ms, then \(isReset ? "reset" : "on")"
    }

    static func draw(_ partition: Partition, using random: inout SeededGenerator) -> Round {
        Round(
            partition: partition,
            length: .milliseconds(Int.random(in: 0...3_000, using: &random)),
            isReset: Bool.random(using: &random)
        )
    }
}
