// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleCallCore
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTestKit

/// What is on the disk itself when an answer is given.
@Suite(.timeLimit(.minutes(1)))
struct SyncTests {
    private let scratch = Scratch()
    private let log = ".db-wal"

    /// Writes a long call, one group after the other, each answer noted among the steps.
    private func call(in store: SQLiteStore, _ watch: FileWatch) async throws {
        var fixtures = StoreFixtures(seed: 1, at: Timestamp(milliseconds: 1))
        let plan = fixtures.plan()
        let rings = (0..<120).map { _ in CallEvent.rang(fixtures.anna) }
        let events = ([.started(plan)] + rings).map {
            LoggedCallEvent(at: Timestamp(milliseconds: 1), event: $0)
        }
        for group in fixtures.groups(plan, events) {
            let answer = await withHandoff { continuation in
                store.append(group) { answer in
                    watch.note(.answered)
                    continuation.resume(returning: answer)
                }
            }
            #expect(answer == .written)
        }
    }

    /// Answers that were given while the log held something unsynced.
    private func early(_ steps: [FileWatch.Step]) -> Int {
        var (isSynced, early) = (true, 0)
        for step in steps {
            switch step {
            case .wrote(log): isSynced = false
            case .synced(log): isSynced = true
            case .answered: early += isSynced ? 0 : 1
            default: break
            }
        }
        return early
    }

    @Test func `every answer comes after its commit was synced`() async throws {
        let watch = FileWatch(scratch.path)
        try await scratch.with { store in try await call(in: store, watch) }
        let steps = watch.steps
        #expect(steps.count { $0 == .answered } == 121)
        #expect(steps.count { $0 == .synced(log) } >= 121)
        #expect(early(steps) == 0)
    }

    @Test func `a store that does not sync is found out`() async throws {
        let watch = FileWatch(scratch.path)
        try await scratch.with { store in
            try await store.withWriter { (connection) throws(StoreError) in
                try connection.execute("PRAGMA synchronous = OFF")
            }
            try await call(in: store, watch)
        }
        #expect(early(watch.steps) > 100)
    }

    @Test func `the log is moved into the database after an answer, never before it`() async throws
    {
        var limits = Limits.quick
        limits.ledger.checkpoint = 20
        let watch = FileWatch(scratch.path)
        try await scratch.with(limits: limits) { store in
            let begun = watch.steps.count
            try await call(in: store, watch)
            var (isAnswered, moved, early) = (true, 0, 0)
            for step in watch.steps.dropFirst(begun) {
                switch step {
                case .wrote(log): isAnswered = false
                case .answered: isAnswered = true
                case .wrote(".db"): if isAnswered { moved += 1 } else { early += 1 }
                default: break
                }
            }
            #expect(moved > 10 && early == 0)
            let path = scratch.database + "-wal"
            let found = try FileManager.default.attributesOfItem(atPath: path)
            let size = try #require(found[.size] as? Int)
            #expect(size < 100 * 4_096, "the log begins anew")
        }
    }

    @Test func `an opened store has met its first commit, and holds nothing of it`() async throws {
        let watch = FileWatch(scratch.path)
        try await scratch.with { store in
            #expect(watch.steps.contains(.synced(log)))
            #expect(try await store.isEmpty())
            #expect(try await store.directoryVersion() == 0)
            let restored = try await store.restore(
                RestoreSpan(
                    tombstonesSince: Timestamp(milliseconds: 0),
                    keysSince: Timestamp(milliseconds: 0)
                )
            )
            #expect(restored == Restored())
            #expect(try await store.pushes(of: .nothing).isEmpty)
            #expect(store.metrics.commits == 0 && store.metrics.refused == 0)
        }
    }
}
