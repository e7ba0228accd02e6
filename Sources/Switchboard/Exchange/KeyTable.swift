// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics

/// What each key of the last day led to, so that a repeated press opens nothing again and a lost
/// answer can be asked for again: in any session, on any loop, after a restart.
struct KeyTable {
    /// Who waits for the answer of a key: a request of a session.
    struct Waiter: Sendable, Equatable {
        let principal: Principal
        let request: String
    }

    /// What a claim finds.
    enum Claim: Equatable {
        /// Nobody used it: the claimant acts, and settles it.
        case new

        /// Its first use is under way; the waiter is answered with it.
        case waits
        case settled(Reply)

        /// This principal has used more keys in a day than a person can.
        case tooMany
    }

    private enum Entry {
        case pending([Waiter])
        case settled(Reply)
    }

    private struct Name: Hashable {
        let principal: Principal
        let key: String
    }

    /// Requests that wait for one key: the newest, since older ones belong to sessions that were
    /// given up.
    private static let mostWaiters = 16

    private let limits: DoorLimits
    private var entries: [Name: Entry] = [:]
    private var ages: [(name: Name, at: Moment, isCounted: Bool)] = []
    private var oldest = 0
    private var counts: [Principal: Int] = [:]

    init(limits: DoorLimits) {
        self.limits = limits
    }

    var count: Int { entries.count }

    mutating func claim(
        _ key: String,
        of principal: Principal,
        for waiter: Waiter,
        at now: Moment
    ) -> Claim {
        expire(at: now)
        let name = Name(principal: principal, key: key)
        switch entries[name] {
        case .settled(let reply):
            return .settled(reply)
        case .pending(var waiters):
            if !waiters.contains(waiter) { waiters.append(waiter) }
            waiters.removeFirst(max(0, waiters.count - Self.mostWaiters))
            entries[name] = .pending(waiters)
            return .waits
        case nil:
            guard counts[principal, default: 0] < limits.keysPerDevice else { return .tooMany }
            add(name, .pending([waiter]), at: now)
            return .new
        }
    }

    /// The first use has its answer; returns everybody who waits for it.
    mutating func settle(
        _ key: String,
        of principal: Principal,
        with reply: Reply
    ) -> [Waiter] {
        let name = Name(principal: principal, key: key)
        guard case .pending(let waiters) = entries[name] else { return [] }
        entries[name] = .settled(reply)
        return waiters
    }

    /// A late result amends an answer that was `unknown`.
    mutating func amend(_ key: String, of principal: Principal, with reply: Reply) {
        let name = Name(principal: principal, key: key)
        guard case .settled = entries[name] else { return }
        entries[name] = .settled(reply)
    }

    /// A key of the store, after a restart; counted for the day where it is one of the last day.
    mutating func restore(
        _ key: String,
        of principal: Principal,
        reply: Reply,
        at time: Moment,
        isCounted: Bool
    ) {
        let name = Name(principal: principal, key: key)
        guard entries[name] == nil else { return }
        add(name, .settled(reply), at: time, isCounted: isCounted)
    }

    /// Whether it was used in the last day.
    func knows(_ key: String, of principal: Principal) -> Bool {
        entries[Name(principal: principal, key: key)] != nil
    }

    private mutating func add(
        _ name: Name,
        _ entry: Entry,
        at time: Moment,
        isCounted: Bool = true
    ) {
        entries[name] = entry
        ages.append((name, time, isCounted))
        if isCounted { counts[name.principal, default: 0] += 1 }
    }

    private mutating func expire(at now: Moment) {
        while oldest < ages.count, now - ages[oldest].at > limits.key {
            let (name, _, isCounted) = ages[oldest]
            oldest += 1
            entries[name] = nil
            guard isCounted else { continue }
            counts[name.principal, default: 1] -= 1
            if counts[name.principal] == 0 { counts[name.principal] = nil }
        }
        if oldest > 1024, oldest * 2 > ages.count {
            ages.removeFirst(oldest)
            oldest = 0
        }
    }
}
