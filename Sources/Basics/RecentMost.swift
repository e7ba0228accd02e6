// SPDX-License-Identifier: Apache-2.0

/// The most of something within the last while, and since the start, whoever asks and how often.
///
/// Two who read it do not hide it from each other. Seeing costs a comparison or two, allocates
/// nothing and reads no clock. Confined to whoever sees; copies are snapshots.
package struct RecentMost: Sendable, Equatable {
    /// What was seen is told for so long at least, and for ``step`` longer at most.
    package static let window = Duration.seconds(10)

    /// How finely the window moves on.
    package static let step = Duration.seconds(2)

    private static let count = 6
    private var steps = InlineArray<6, Int64>(repeating: 0)
    private var place = 0

    /// When the step that is filled now ends, in nanoseconds; nil before the first.
    private var ends: Int64?

    /// The most since the start; 0 where there was nothing.
    package private(set) var greatest: Int64 = 0

    /// Nothing was seen yet.
    package init() {}

    /// Two that would tell the same.
    package static func == (left: RecentMost, right: RecentMost) -> Bool {
        left.ends == right.ends && left.place == right.place && left.greatest == right.greatest
            && left.steps.indices.allSatisfy { left.steps[$0] == right.steps[$0] }
    }

    /// Takes a value in; less than nothing counts as nothing, and time does not go back.
    package mutating func see(_ value: Int64, at now: Moment) {
        move(to: now)
        guard value > steps[place] else { return }
        steps[place] = value
        greatest = max(greatest, value)
    }

    /// The most within the ``window`` before `now`; 0 where there was nothing.
    package func most(at now: Moment) -> Int64 {
        var moved = self
        moved.move(to: now)
        return moved.steps.indices.reduce(0) { max($0, moved.steps[$1]) }
    }

    /// Forgets the steps that are too old by now.
    private mutating func move(to now: Moment) {
        let step = Self.step.nanoseconds
        guard let ends else { return self.ends = now.nanoseconds &+ step }
        guard now.nanoseconds >= ends else { return }
        let passed = (now.nanoseconds &- ends) / step + 1
        for _ in 0..<min(passed, Int64(Self.count)) {
            place = (place + 1) % Self.count
            steps[place] = 0
        }
        self.ends = ends &+ passed &* step
    }
}
