// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Names a timer of one ``EventLoop``, so that it can be cancelled.
///
/// A token whose timer has fired or was cancelled names nothing; cancelling it does nothing.
package struct TimerToken: Hashable, Sendable {
    let slot: Int
    let generation: UInt64
}

/// Timers ordered by deadline, then by arming: a binary heap over reusable slots.
struct TimerHeap {
    private struct Slot {
        var generation: UInt64 = 0
        var deadline = Moment(nanoseconds: 0)
        var order: UInt64 = 0
        var position = -1
        var action: (() -> Void)?
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    private var heap: [Int] = []
    private var armed: UInt64 = 0

    /// The earliest deadline.
    var next: Moment? { heap.first.map { slots[$0].deadline } }

    mutating func insert(at deadline: Moment, _ action: @escaping () -> Void) -> TimerToken {
        let slot = free.popLast() ?? slots.count
        if slot == slots.count { slots.append(Slot()) }
        armed &+= 1
        slots[slot].deadline = deadline
        slots[slot].order = armed
        slots[slot].action = action
        slots[slot].position = heap.count
        heap.append(slot)
        rise(heap.count - 1)
        return TimerToken(slot: slot, generation: slots[slot].generation)
    }

    mutating func remove(_ token: TimerToken) {
        guard token.slot < slots.count, slots[token.slot].generation == token.generation,
            slots[token.slot].position >= 0
        else { return }
        _ = take(token.slot)
    }

    /// Takes the action of the earliest timer out if it is due at `moment` and was armed before
    /// `limit`: what a timer arms for "at once" waits for the next turn.
    mutating func popDue(at moment: Moment, armedBefore limit: UInt64) -> (() -> Void)? {
        guard let first = heap.first, slots[first].deadline <= moment,
            slots[first].order <= limit
        else { return nil }
        return take(first)
    }

    /// How many timers were ever armed.
    var mark: UInt64 { armed }

    private mutating func take(_ slot: Int) -> (() -> Void)? {
        let position = slots[slot].position
        let last = heap.count - 1
        if position != last { exchange(position, last) }
        heap.removeLast()
        if position < heap.count {
            sink(position)
            rise(position)
        }
        let action = slots[slot].action
        slots[slot].action = nil
        slots[slot].position = -1
        slots[slot].generation &+= 1
        free.append(slot)
        return action
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let (one, other) = (heap[left], heap[right])
        if slots[one].deadline == slots[other].deadline {
            return slots[one].order < slots[other].order
        }
        return slots[one].deadline < slots[other].deadline
    }

    private mutating func exchange(_ left: Int, _ right: Int) {
        heap.swapAt(left, right)
        slots[heap[left]].position = left
        slots[heap[right]].position = right
    }

    private mutating func rise(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard precedes(child, parent) else { return }
            exchange(child, parent)
            child = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            let left = 2 * parent + 1
            if left < heap.count, precedes(left, least) { least = left }
            if left + 1 < heap.count, precedes(left + 1, least) { least = left + 1 }
            guard least != parent else { return }
            exchange(parent, least)
            parent = least
        }
    }
}
