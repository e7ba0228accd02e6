// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// What is due when: a binary heap, first in first out among equals, so that a run is repeatable.
///
/// Nothing is ever taken out early: who is woken checks whether it is still meant.
struct DeadlineQueue<Alarm> {
    private struct Entry {
        let at: Moment
        let order: UInt64
        let alarm: Alarm

        func isBefore(_ other: Entry) -> Bool { (at, order) < (other.at, other.order) }
    }

    private var heap: [Entry] = []
    private var order: UInt64 = 0

    /// When the first alarm is due.
    var next: Moment? { heap.first?.at }
    var count: Int { heap.count }

    mutating func add(_ alarm: Alarm, at moment: Moment) {
        order += 1
        heap.append(Entry(at: moment, order: order, alarm: alarm))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first alarm out if it is due.
    mutating func popDue(at now: Moment) -> Alarm? {
        guard let first = heap.first, first.at <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.alarm
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [parent * 2 + 1, parent * 2 + 2]
            where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
