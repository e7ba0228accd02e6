// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// What happens when in a simulated world: by time, then by a drawn order.
struct EventQueue {
    /// Where an event happens.
    ///
    /// What happens inside the server dies with its process and waits
    /// while that is stopped.
    enum Site {
        case outside
        case server(life: Int)
    }

    struct Event {
        let at: Moment
        let site: Site
        let run: () -> Void
    }

    private struct Entry {
        let at: Moment
        let order: UInt64
        let slot: Int

        func isBefore(_ other: Entry) -> Bool { (at, order) < (other.at, other.order) }
    }

    private var heap: [Entry] = []
    private var events: [Event?] = []
    private var free: [Int] = []

    var next: Moment? { heap.first?.at }
    var count: Int { heap.count }

    /// Adds an event; `order` decides among those of one moment.
    mutating func add(_ event: Event, order: UInt64) {
        let slot: Int
        if let old = free.popLast() {
            slot = old
            events[slot] = event
        } else {
            slot = events.count
            events.append(event)
        }
        heap.append(Entry(at: event.at, order: order, slot: slot))
        rise(heap.count - 1)
    }

    /// Takes the first event out.
    mutating func pop() -> Event? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        free.append(first.slot)
        defer { events[first.slot] = nil }
        return events[first.slot]
    }

    /// Forgets everything, and with it whatever the events hold.
    mutating func clear() {
        heap = []
        events = []
        free = []
    }

    private mutating func rise(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            var child = parent * 2 + 1
            while child <= parent * 2 + 2, child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
                child += 1
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
