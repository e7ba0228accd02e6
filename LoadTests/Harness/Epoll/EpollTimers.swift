// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// What is called when its moment has come; on the loop's thread.
package protocol EpollTimer: AnyObject {
    func due(at now: Moment, on loop: EpollLoop)
}

/// Moments and who waits for them: a binary heap over plain integers.
///
/// Each waiter has one slot and at most one moment, so that arming again moves it instead of
/// adding another; an overtaken entry is skipped when it surfaces.
package struct EpollTimers {
    private struct Entry {
        var moment: Int64
        var slot: Int32
        var turn: UInt32
    }

    private struct Slot {
        var timer: (any EpollTimer)?
        var turn: UInt32
        var moment: Int64
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var free: [Int32] = []

    package init() {}

    /// The earliest moment somebody waits for.
    package var earliest: Moment? { heap.first.map { Moment(nanoseconds: $0.moment) } }

    /// A slot for a waiter; kept until ``remove(_:)``.
    package mutating func add(_ timer: any EpollTimer) -> Int32 {
        if let slot = free.popLast() {
            slots[Int(slot)].timer = timer
            return slot
        }
        slots.append(Slot(timer: timer, turn: 0, moment: .max))
        return Int32(truncatingIfNeeded: slots.count - 1)
    }

    package mutating func remove(_ slot: Int32) {
        slots[Int(slot)].timer = nil
        slots[Int(slot)].turn &+= 1
        slots[Int(slot)].moment = .max
        free.append(slot)
    }

    /// Waits for `moment` instead of whatever the slot waited for; nil for nothing.
    package mutating func arm(_ slot: Int32, at moment: Moment?) {
        let nanoseconds = moment?.nanoseconds ?? .max
        guard slots[Int(slot)].moment != nanoseconds else { return }
        slots[Int(slot)].moment = nanoseconds
        slots[Int(slot)].turn &+= 1
        guard moment != nil else { return }
        push(Entry(moment: nanoseconds, slot: slot, turn: slots[Int(slot)].turn))
    }

    /// The next waiter whose moment has come; its slot then waits for nothing.
    package mutating func next(until now: Moment) -> (any EpollTimer)? {
        while let first = heap.first, first.moment <= now.nanoseconds {
            pop()
            let index = Int(first.slot)
            guard slots[index].turn == first.turn, let timer = slots[index].timer else { continue }
            slots[index].moment = .max
            return timer
        }
        return nil
    }

    private mutating func push(_ entry: Entry) {
        var index = heap.count
        heap.append(entry)
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[parent].moment > entry.moment else { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = entry
    }

    private mutating func pop() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        var index = 0
        while true {
            var child = index * 2 + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].moment < heap[child].moment { child += 1 }
            guard heap[child].moment < last.moment else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = last
    }
}
