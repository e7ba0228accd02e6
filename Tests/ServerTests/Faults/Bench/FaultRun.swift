// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics

/// How the tests with faults run: short or long, and from which seed.
enum FaultRun {
    /// `FAULTS=long`: more is drawn, and faults last as long as the field notes say.
    static let isLong = ProcessInfo.processInfo.environment["FAULTS"] == "long"

    /// `SEED=N`, or one that is drawn; printed once.
    static let seed: UInt64 = {
        let given = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...999_999_999)
        print("faults: SEED=\(seed)\(isLong ? " FAULTS=long" : "")")
        return seed
    }()

    /// What differs between the two forms.
    static func often<Value>(_ short: Value, long: Value) -> Value { isLong ? long : short }

    /// A failure of any kind, with how to have it again, once: each suite signs what its own sign.
    static func signed(_ issue: Issue) -> Issue {
        let words: Comment = "SEED=\(seed)\(isLong ? " FAULTS=long" : "")"
        var issue = issue
        if !issue.comments.contains(words) { issue.comments.append(words) }
        return issue
    }

    /// Lends a generator that follows from the seed and the test's name alone, so that a test draws
    /// the same whatever runs beside it.
    static func drawing(
        for test: String = #function,
        _ body: (inout SeededGenerator) async throws -> Void
    ) async throws {
        // FNV-1a: `Hasher` differs from run to run.
        let name = test.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        var random = SeededGenerator(seed: seed ^ name)
        try await body(&random)
    }
}
