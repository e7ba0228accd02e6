// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Connections that are connected on in another order than they came.
package struct Reorder: Hashable, Sendable {
    /// How many make a group.
    package static let range = 2...256

    /// The longest that one may wait for others.
    package static let longest = Duration.seconds(60)

    package var count: Int
    package var within: Duration

    /// Groups of `count`, or of those that came within a time of the first.
    package init(count: Int, within: Duration = .seconds(1)) {
        precondition(Self.range.contains(count), "a group has a size in its range")
        self.count = count
        self.within = within
    }
}

/// Where accepted connections wait until it is their turn to be connected on.
///
/// Each call answers with the numbers whose turn it is, in their order.
package struct Gate: Sendable {
    private var rule: Reorder?
    private var waiting: [Int] = []
    private var random: SeededGenerator

    /// When those who wait go on, even if they are few.
    package private(set) var deadline: Moment?

    /// Draws orders from `seed`.
    package init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// How many wait.
    package var count: Int { waiting.count }

    /// A connection was accepted.
    package mutating func admit(_ number: Int, at now: Moment) -> [Int] {
        guard let rule else { return [number] }
        if waiting.isEmpty { deadline = now + rule.within }
        waiting.append(number)
        return waiting.count >= rule.count ? release() : []
    }

    /// Begins or ends to reorder; those who wait go on.
    package mutating func set(_ rule: Reorder?) -> [Int] {
        self.rule = rule
        return release()
    }

    /// Time has passed.
    package mutating func tick(at now: Moment) -> [Int] {
        guard let deadline, deadline <= now else { return [] }
        return release()
    }

    /// One who waits has gone away.
    package mutating func remove(_ number: Int) {
        waiting.removeAll { $0 == number }
        if waiting.isEmpty { deadline = nil }
    }

    /// Everyone who waits, never in the order they came.
    private mutating func release() -> [Int] {
        defer {
            waiting = []
            deadline = nil
        }
        guard waiting.count > 1 else { return waiting }
        let drawn = waiting.shuffled(using: &random)
        return drawn == waiting ? Array(drawn.dropFirst()) + [drawn[0]] : drawn
    }
}
