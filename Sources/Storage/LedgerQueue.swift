// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// What waits for the store, in order, bounded; the part of a ledger that every store shares.
///
/// A group stays here until it is settled, so the bound counts what is being written too. Pure: the
/// caller answers outside its lock.
package struct LedgerQueue {
    package typealias Answer = @Sendable (LedgerAnswer) -> Void

    /// A group, its caller's ear, and since when it waits.
    package struct Waiting: Sendable {
        package let group: LedgerGroup
        package let since: Moment
        package let answer: Answer

        /// Whether it may not be written any more.
        package func isExpired(at now: Moment) -> Bool {
            group.notAfter.map { $0 < now } ?? false
        }
    }

    /// An answer to be given.
    package struct Due: Sendable {
        let answer: Answer
        let result: LedgerAnswer

        package func give() { answer(result) }
    }

    private let limits: LedgerLimits
    private var groups: [Waiting] = []
    private var first = 0
    private var counted = LedgerMetrics()

    /// Why nothing is taken any more.
    private var closed: String?

    package init(limits: LedgerLimits) {
        self.limits = limits
    }

    package var isEmpty: Bool { first == groups.count }
    package var count: Int { groups.count - first }
    package var isClosed: Bool { closed != nil }

    package var metrics: LedgerMetrics {
        var metrics = counted
        metrics.waitingGroups = count
        metrics.oldestWaiting = isEmpty ? nil : groups[first].since
        return metrics
    }

    /// Takes a group, or returns the answer that it is not taken.
    ///
    /// That one answer overtakes those of what waits: a refusal that waited for room would itself
    /// take room.
    package mutating func add(
        _ group: LedgerGroup,
        at now: Moment,
        answer: @escaping Answer
    ) -> Due? {
        if let closed {
            count(turnedAway: group)
            return Due(answer: answer, result: .refused(reason: closed))
        }
        guard counted.waitingEntries + group.entries.count <= limits.backlog else {
            count(turnedAway: group)
            return Due(answer: answer, result: .backlogFull)
        }
        counted.waitingEntries += group.entries.count
        groups.append(Waiting(group: group, since: now, answer: answer))
        return nil
    }

    /// Everything that waits, oldest first.
    package var all: ArraySlice<Waiting> { groups[first...] }

    /// The groups of the next transaction: at most `limits.batch` entries, at least one group.
    package func batch() -> [Waiting] {
        var entries = 0
        var end = first
        while end < groups.count {
            entries += groups[end].group.entries.count
            if end > first, entries > limits.batch { break }
            end += 1
        }
        // Not `Array(…)`, which of a whole array shares its memory: who writes the batch reads it
        // while others add here.
        return groups[first..<end].map { $0 }
    }

    /// The oldest groups got these answers, in order, from a transaction of this length.
    ///
    /// Counts them as one commit where anything was written.
    package mutating func settle(
        _ answers: [LedgerAnswer],
        at now: Moment,
        took length: Duration = .zero
    ) -> [Due] {
        var due: [Due] = []
        due.reserveCapacity(answers.count)
        if answers.contains(.written) {
            counted.commits += 1
            counted.commitTimes.add(length)
        }
        for answer in answers {
            let waiting = removeFirst()
            count(answer, of: waiting.group)
            counted.answerTimes.add(now - waiting.since)
            due.append(Due(answer: waiting.answer, result: answer))
        }
        compact()
        return due
    }

    /// The transaction failed and will be tried again; those at the front that expired meanwhile
    /// are answered.
    package mutating func noteFailure(_ error: StoreError, at now: Moment) -> [Due] {
        counted.failures += 1
        counted.lastError = error
        var expired = 0
        while first + expired < groups.count, groups[first + expired].isExpired(at: now) {
            expired += 1
        }
        return settle(Array(repeating: .expired, count: expired), at: now)
    }

    /// Takes nothing any more.
    package mutating func close(_ reason: String) {
        closed = closed ?? reason
    }

    /// Refuses all that waits.
    package mutating func refuseAll(_ reason: String, at now: Moment) -> [Due] {
        settle(Array(repeating: .refused(reason: reason), count: count), at: now)
    }

    /// Loses all that waits, unanswered, as when the process dies.
    package mutating func forget() {
        groups = []
        first = 0
        counted.waitingEntries = 0
    }

    private mutating func removeFirst() -> Waiting {
        precondition(!isEmpty, "An answer without a group that waits for it")
        let waiting = groups[first]
        first += 1
        counted.waitingEntries -= waiting.group.entries.count
        return waiting
    }

    private mutating func compact() {
        guard isEmpty || first > 1024 && first * 2 > groups.count else { return }
        groups.removeFirst(first)
        first = 0
    }

    private mutating func count(_ answer: LedgerAnswer, of group: LedgerGroup) {
        switch answer {
        case .written:
            counted.groups += 1
            counted.entries += group.entries.count
        case .expired:
            counted.expired += 1
        case .refused:
            counted.refused += 1
            count(turnedAway: group)
        case .backlogFull:
            count(turnedAway: group)
        }
    }

    private mutating func count(turnedAway group: LedgerGroup) {
        for entry in group.entries { counted.turnedAway[entry.kind, default: 0] += 1 }
    }
}
