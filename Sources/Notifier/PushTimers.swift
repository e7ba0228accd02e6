// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Moments at which jobs want to be looked at: a binary heap, the earliest on top.
///
/// Nothing is taken out before its time: who asks compares with what the job wants now.
struct PushTimers: Sendable {
    private var heap: [(moment: Moment, ticket: UInt64)] = []

    var count: Int { heap.count }
    var earliest: Moment? { heap.first?.moment }

    mutating func add(_ moment: Moment, _ ticket: UInt64) {
        heap.append((moment, ticket))
        var child = heap.count - 1
        while child > 0, heap[child].moment < heap[(child - 1) / 2].moment {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next one due at `now`.
    mutating func popDue(_ now: Moment) -> (moment: Moment, ticket: UInt64)? {
        guard let top = heap.first, top.moment <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while let child = earlierChild(of: parent), heap[child].moment < heap[parent].moment {
            heap.swapAt(child, parent)
            parent = child
        }
        return top
    }

    private func earlierChild(of parent: Int) -> Int? {
        let left = parent * 2 + 1
        guard left < heap.count else { return nil }
        let right = left + 1
        return right < heap.count && heap[right].moment < heap[left].moment ? right : left
    }
}
