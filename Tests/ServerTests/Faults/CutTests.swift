// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleFaultProxy
import VestibuleWire

extension FaultTests {
    /// A connection that ends at a drawn byte of a call: nothing opens twice, one winner, one end,
    /// the parties resume, and the record agrees with what was told.
    @Suite struct CutTests {
        @Test(arguments: CutStage.allCases)
        func `a connection is cut at a drawn byte, and nothing of the call is lost or done twice`(
            stage: CutStage
        ) async throws {
            try await FaultRun.drawing(for: "cut in \(stage)") { random in
                let count = FaultRun.often(8, long: 120)
                let cuts = (0..<count).map { number in
                    Cut.draw(stage, isEarly: number.isMultiple(of: 2), using: &random)
                }
                let loops = Int.random(in: 1...2, using: &random)
                let taken = try await Lanes.live(cuts, loops: loops) { household, cut in
                    var visit = CutVisit(household, cut)
                    return try await visit.live()
                }.count { $0 }
                print("faults: \(taken) of \(cuts.count) cuts in \(stage) fell into the step")
                #expect(taken * 2 >= cuts.count, "the early half is sure to")
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

    /// Up to a little more than the step sends, so that its end is met too; an early one falls into
    /// its first half, for sure.
    static func draw(
        _ stage: CutStage,
        isEarly: Bool,
        using random: inout SeededGenerator
    ) -> Cut {
        let way = Direction.allCases.randomElement(using: &random) ?? .up
        // While a call is answered its panel has nothing to say.
        let first = stage == .answer && way == .up ? 1 : 0
        // What a phone says to its ringing may still be on its way when the step is over.
        let isSure = stage != .ringing || way == .down
        let last = stage == .talk || stage == .unlock ? 1 : isEarly && !isSure ? 0 : 2
        let party = Int.random(in: first...last, using: &random)
        let most =
            switch (stage, way, party) {
            case (.hello, .up, _): 620
            case (.hello, .down, 0): 900
            case (.hello, .down, _): 600
            case (.ringing, .up, 0): 180
            case (.ringing, .down, 0): 250
            case (.ringing, .up, _): 110
            case (.ringing, .down, _): 620
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
            bytes: Int.random(in: 1...(isEarly ? most / 2 : most), using: &random),
            end: Bool.random(using: &random) ? .reset : .fin
        )
    }
}
