// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How much longer things may take than in the build that ships.
enum TestTimes {
    /// `TEST_TIMES=N`, which `Tests/run` sets to what a sanitizer costs; else 1.
    static let factor: Int = {
        let given = ProcessInfo.processInfo.environment["TEST_TIMES"].flatMap { Int($0) }
        return max(1, given ?? 1)
    }()

    /// The same, for times and shares.
    static var scale: Double { Double(factor) }
}
