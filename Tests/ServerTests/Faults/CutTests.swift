// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleFaultProxy
import VestibuleStorage
import VestibuleWire

extension FaultTests {
    /// A connection that ends at a drawn byte of a call: nothing opens twice, one winner, one end,
    /// the parties resume, and the record agrees with what was told.
    @Suite struct CutTests {
        /// Calls at once, each in a household of its own.
        private let lanes = 4

        @Test(arguments: CutStage.allCases)
        func `a connection is cut at a drawn byte, and nothing of the call is lost or done twice`(
            stage: CutStage
        ) async throws {
            try await FaultRun.drawing(for: "cut in \(stage)") { random in
                let count = FaultRun.often(8, long: 120)
                let cuts = (0..<count).map { _ in Cut.draw(stage, using: &random) }
                let shape = BuildingShape(
                    units: lanes,
                    residentsPerUnit: 2,
                    devicesPerResident: 1,
                    panels: lanes
                )
                let loops = Int.random(in: 1...2, using: &random)
                try await withFaults(loops: loops, shape, limits: Self.quickDoors) { bench in
                    let taken = try await withThrowingTaskGroup { group in
                        for lane in 0..<lanes {
                            let mine = cuts.indices.filter { $0 % lanes == lane }.map { cuts[$0] }
                            group.addTask {
                                var taken = 0
                                for cut in mine where try await Self.visit(bench, lane, cut) {
                                    taken += 1
                                }
                                return taken
                            }
                        }
                        return try await group.reduce(0, +)
                    }
                    print("faults: \(taken) of \(cuts.count) cuts in \(stage) fell into the step")
                    #expect(taken > 0)
                    try await bench.isEmpty()
                }
            }
        }

        private static func quickDoors(_ limits: inout Limits) {
            limits.door.deadline = .milliseconds(1_500)
            limits.door.patience = .milliseconds(500)
        }

        /// A whole call with one cut; whether the cut fell into its step.
        private static func visit(
            _ bench: FaultBench,
            _ lane: Int,
            _ cut: Cut
        ) async throws -> Bool {
            let household = try await Household.make(bench, lane)
            do {
                var visit = CutVisit(household, cut)
                let taken = try await visit.live()
                try await household.disconnect()
                return taken
            } catch {
                throw Disappointment("\(cut): \(error)")
            }
        }
    }
}

/// The step in which a connection is cut.
enum CutStage: CaseIterable, Sendable {
    case hello
    case ringing
    case answer
    case talk
    case unlock
}

/// Where and how.
struct Cut: Sendable, CustomStringConvertible {
    let stage: CutStage

    /// The panel, the phone that talks (the first), the other one.
    let party: Int
    let way: Direction
    let bytes: Int
    let end: End

    var description: String {
        "\(way) cut after \(bytes) \(end) of \(["panel", "phone", "other"][party]) in \(stage)"
    }

    /// Up to a little more than the step sends, so that its end is met too.
    static func draw(_ stage: CutStage, using random: inout SeededGenerator) -> Cut {
        let way = Direction.allCases.randomElement(using: &random) ?? .up
        let party = Int.random(in: 0..<(stage == .talk || stage == .unlock ? 2 : 3), using: &random)
        let most =
            switch (stage, way, party) {
            case (.hello, .up, _): 620
            case (.hello, .down, 0): 900
            case (.hello, .down, _): 600
            case (.ringing, .up, 0): 180
            case (.ringing, .down, 0): 250
            case (.ringing, .up, _): 110
            case (.ringing, .down, _): 620
            case (.answer, .up, 0): 20
            case (.answer, .down, 0): 260
            case (.answer, .up, _): 90
            case (.answer, .down, _): 400
            case (.talk, _, _): 6_000
            case (.unlock, .up, 0): 130
            case (.unlock, .down, 0): 260
            case (.unlock, .up, _): 160
            case (.unlock, .down, _): 420
            }
        return Cut(
            stage: stage,
            party: party,
            way: way,
            bytes: Int.random(in: 1...most, using: &random),
            end: Bool.random(using: &random) ? .reset : .fin
        )
    }
}
