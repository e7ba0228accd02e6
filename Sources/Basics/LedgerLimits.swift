// SPDX-License-Identifier: Apache-2.0

/// Bounds of the way into the store.
public struct LedgerLimits: Sendable, Equatable {
    /// After this, calls go on without the store's answer; unlocks are refused `not_recorded`.
    public var patience: Duration = .milliseconds(100)

    /// Entries that wait for the store.
    ///
    /// 100 calls/s write about 600/s: two minutes of a store
    /// that does nothing. Beyond it the oldest entries stay; of new ones a call's are offered again
    /// (``rewrite``), while its board remembers it.
    public var backlog = 65_536

    /// Before entries of a call that found the backlog full are offered again.
    ///
    /// Until then its log has a gap in the store, behind which nothing is taken. Shorter costs a
    /// full store work, longer leaves the history open.
    public var rewrite: Duration = .seconds(2)

    /// Entries of one transaction (group commit).
    public var batch = 512

    /// How often commits of other processes (seed, token) are looked for.
    public var watch: Duration = .milliseconds(500)

    /// Between two tries of a store that failed.
    public var retry: Duration = .milliseconds(250)

    /// Pages of the write-ahead log (4 kB each) that are left before they are moved into the
    /// database.
    ///
    /// More makes fewer and longer pauses between two commits, and a longer start after a crash.
    public var checkpoint = 1_000

    /// How often what is too old is looked for and removed.
    public var sweep: Duration = .seconds(3_600)

    /// Rows of each kind removed in one transaction.
    ///
    /// More delays the records that wait behind it, fewer costs more commits.
    public var pruneBatch = 500

    /// How long what was delivered stays in the outbox.
    public var sent: Duration = .seconds(86_400)

    /// The defaults.
    public init() {}
}
