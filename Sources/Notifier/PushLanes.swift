// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Who waits for a place in which lane, and how many places are taken.
///
/// Lanes take turns. Where few places are left in all, those go to lanes that have hardly any: some
/// targets that hang cannot take all of them.
struct PushLanes: Sendable {
    struct Lane: Sendable {
        var urgent = TicketQueue()
        var later = TicketQueue()
        var underWay = 0

        /// Of those, what could have waited.
        var laterUnderWay = 0

        /// Closed by its provider until then.
        var closedUntil: Moment?

        var waits: Bool { !urgent.isEmpty || !later.isEmpty }
        var isIdle: Bool { !waits && underWay == 0 && closedUntil == nil }
    }

    private(set) var underWay = 0

    /// When the first closed lane opens again.
    private(set) var earliestReopening: Moment?

    private var lanes: [String: Lane] = [:]

    /// The lanes in which something waits, in the order of their turns.
    private var turns: [String] = []

    mutating func append(_ ticket: PushQueue.Ticket, isUrgent: Bool, to name: String) {
        if lanes[name]?.waits != true { turns.append(name) }
        if isUrgent {
            lanes[name, default: Lane()].urgent.append(ticket)
        } else {
            lanes[name, default: Lane()].later.append(ticket)
        }
    }

    mutating func began(isUrgent: Bool, in name: String) {
        underWay += 1
        lanes[name]?.underWay += 1
        if !isUrgent { lanes[name]?.laterUnderWay += 1 }
    }

    mutating func ended(isUrgent: Bool, in name: String) {
        underWay -= 1
        lanes[name]?.underWay -= 1
        if !isUrgent { lanes[name]?.laterUnderWay -= 1 }
        if lanes[name]?.isIdle == true { lanes[name] = nil }
    }

    /// Starts nothing there before `moment`.
    mutating func close(_ name: String, until moment: Moment) {
        let closed = lanes[name]?.closedUntil ?? moment
        lanes[name, default: Lane()].closedUntil = max(moment, closed)
        noteReopening()
    }

    mutating func open(at now: Moment) {
        guard let earliestReopening, earliestReopening <= now else { return }
        for (name, lane) in lanes {
            guard let until = lane.closedUntil, until <= now else { continue }
            lanes[name]?.closedUntil = nil
            if lanes[name]?.isIdle == true { lanes[name] = nil }
        }
        noteReopening()
    }

    private mutating func noteReopening() {
        earliestReopening = lanes.values.compactMap(\.closedUntil).min()
    }

    /// The next that may start, the urgent ones of all lanes first; those that ended meanwhile are
    /// among them.
    mutating func takeNext(_ limits: PushLimits) -> PushQueue.Ticket? {
        take(limits, isUrgent: true) ?? take(limits, isUrgent: false)
    }

    private mutating func take(_ limits: PushLimits, isUrgent: Bool) -> PushQueue.Ticket? {
        guard underWay < limits.inFlight else { return nil }
        for turn in turns.indices {
            let name = turns[turn]
            guard let lane = lanes[name], hasRoom(lane, limits, isUrgent: isUrgent) else {
                continue
            }
            let ticket =
                isUrgent ? lanes[name]?.urgent.popFirst() : lanes[name]?.later.popFirst()
            guard let ticket else { continue }
            turns.remove(at: turn)
            if lanes[name]?.waits == true { turns.append(name) }
            return ticket
        }
        return nil
    }

    private func hasRoom(_ lane: Lane, _ limits: PushLimits, isUrgent: Bool) -> Bool {
        guard lane.closedUntil == nil else { return false }
        let isScarce = underWay >= max(1, limits.inFlight / 2)
        let places = isScarce ? max(1, limits.laneInFlight / 16) : limits.laneInFlight
        guard lane.underWay < places else { return false }
        return isUrgent || lane.laterUnderWay < max(1, places / 2)
    }
}

/// First in, first out; what was taken out stays in the array until half of it is gone.
struct TicketQueue: Sendable {
    private var tickets: [PushQueue.Ticket] = []
    private var head = 0

    var isEmpty: Bool { head == tickets.count }
    var count: Int { tickets.count - head }

    mutating func append(_ ticket: PushQueue.Ticket) { tickets.append(ticket) }

    mutating func popFirst() -> PushQueue.Ticket? {
        guard head < tickets.count else { return nil }
        defer {
            head += 1
            if head > 64, head * 2 > tickets.count {
                tickets.removeFirst(head)
                head = 0
            }
        }
        return tickets[head]
    }
}
