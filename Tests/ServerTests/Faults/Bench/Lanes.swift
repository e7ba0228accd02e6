// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSQLiteStore
import VestibuleStorage

/// Households side by side, each with its share of the rounds that a test has drawn.
enum Lanes {
    /// Households at once.
    private static let count = 4

    /// Lives all rounds, a whole call each, and says what each household's came to.
    ///
    /// A round's error names the round. In the end history has one call for each round: none was
    /// started twice, and none is missing.
    static func live<Round: Sendable, Result: Sendable>(
        _ rounds: [Round],
        loops: Int,
        _ live: @escaping @Sendable (Household, Round) async throws -> Result
    ) async throws -> [Result] {
        let shape = BuildingShape(
            units: count,
            residentsPerUnit: 2,
            devicesPerResident: 1,
            panels: count
        )
        var results: [Result] = []
        try await withFaults(loops: loops, shape, limits: quickDoors) { bench in
            results = try await withThrowingTaskGroup { group in
                for lane in 0..<count {
                    let mine = rounds.indices.filter { $0 % count == lane }.map { rounds[$0] }
                    group.addTask {
                        var results: [Result] = []
                        for round in mine {
                            results.append(try await visit(bench, lane, round, live))
                        }
                        return results
                    }
                }
                return try await group.reduce([], +)
            }
            try await bench.hasInHistory(rounds.count)
            try await bench.isEmpty()
        }
        return results
    }

    private static func visit<Round: Sendable, Result: Sendable>(
        _ bench: FaultBench,
        _ lane: Int,
        _ round: Round,
        _ live: @Sendable (Household, Round) async throws -> Result
    ) async throws -> Result {
        let household = try await Household.make(bench, lane)
        do {
            let result = try await live(household, round)
            try await household.disconnect()
            return result
        } catch {
            throw Disappointment("\(round): \(error)")
        }
    }

    private static func quickDoors(_ limits: inout Limits) {
        limits.door.deadline = .milliseconds(1_500)
        limits.door.patience = .milliseconds(500)
    }
}

extension FaultBench {
    /// As many calls are in history as were made.
    fileprivate func hasInHistory(_ count: Int) async throws {
        var query = CallQuery()
        query.limit = count + 1
        let asked = query
        let calls = try await server.store { try await $0.calls(asked) }
        #expect(calls.count == count, "calls in history, of \(count) that were made")
    }
}
