// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// What the ledger did and what it is at, for metrics and `doctor`.
package struct LedgerMetrics: Sendable, Equatable {
    /// Transactions that became durable.
    package var commits = 0

    /// Groups and entries that became durable.
    package var groups = 0
    package var entries = 0

    package var waitingGroups = 0
    package var waitingEntries = 0

    /// Since when the oldest of what waits has waited.
    package var oldestWaiting: Moment?

    /// Groups whose `notAfter` came first.
    package var expired = 0

    /// Groups the store refused for good.
    package var refused = 0

    /// Transactions that failed and were tried again.
    package var failures = 0

    /// Entries that the ledger did not take: no room, refused, or left at the end.
    ///
    /// Named, so that it is known what was told without a record. Those of calls are offered again,
    /// and counted again if they are turned away again.
    package var turnedAway: [LedgerEntry.Kind: Int] = [:]

    /// Why the last transaction that failed did.
    package var lastError: StoreError?

    /// What the last start could not read (``Restored/unreadable``).
    package var unreadable = 0

    /// From the append of a group to its answer.
    package var answerTimes = LatencyHistogram()

    /// From the begin of a transaction to its durable end, of those that wrote anything.
    package var commitTimes = LatencyHistogram()

    package init() {}
}

extension LedgerEntry {
    /// The name of a kind of entry, in metrics.
    package enum Kind: String, Sendable, CaseIterable {
        case call
        case key
        case doorAttempt
        case doorResult
        case push
        case outbox
        case sent
    }

    package var kind: Kind {
        switch self {
        case .call: .call
        case .key: .key
        case .doorAttempt: .doorAttempt
        case .doorResult: .doorResult
        case .push: .push
        case .outbox: .outbox
        case .sent: .sent
        }
    }
}
