// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// How much a socket that is slow on purpose may read now.
///
/// A tenth of a second may be saved up, so that a late turn does not make a slow reader slower.
package struct ReadingPace {
    /// Bytes a second; 0 reads nothing, nil as much as comes.
    package var bytesPerSecond: Int? {
        didSet { credit = 0 }
    }

    private var credit = 0.0
    private var counted: Moment

    package init(at now: Moment) { counted = now }

    /// Bytes that may be read, at most `most`.
    package mutating func allowance(_ most: Int, at now: Moment) -> Int {
        let passed = Double(max(0, (now - counted).nanoseconds)) / 1e9
        counted = now
        guard let bytesPerSecond else { return most }
        let rate = Double(bytesPerSecond)
        credit = min(credit + rate * passed, max(1, rate / 10))
        return min(most, Int(credit))
    }

    /// So many were read.
    package mutating func read(_ count: Int) { credit -= Double(count) }
}
