// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleCallCore
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTestKit

@Suite(.timeLimit(.minutes(2)))
struct CrashTests {
    private let start = Timestamp(milliseconds: 1_800_000_000_000)

    /// Database and log as a process that is killed now would leave them.
    ///
    /// What a machine that stops would leave is up to what was synced: `SyncTests`.
    private func copy(_ scratch: Scratch, to other: Scratch) throws {
        try other.makeFolder()
        for suffix in ["", "-wal"] {
            let target = other.database + suffix
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: scratch.database + suffix, toPath: target)
        }
    }

    @Test func `what was answered is there, whenever the process is killed`() async throws {
        let scratch = Scratch()
        let answered = Locked(0)
        var fixtures = StoreFixtures(seed: 8, at: start)
        let plan = fixtures.plan()
        let rings = (0..<3_000).map { _ in CallEvent.rang(fixtures.anna) }
        let log = ([.started(plan)] + rings).map { LoggedCallEvent(at: start, event: $0) }
        let groups = fixtures.groups(plan, log)
        try await scratch.with { store in
            // Without checkpoints the copy of the two files is of one moment.
            try await store.withWriter { (connection) throws(StoreError) in
                try connection.execute("PRAGMA wal_autocheckpoint = 0")
            }
            for group in groups {
                store.append(group) { answer in
                    if answer == .written { answered.withLock { $0 += 1 } }
                }
            }
            for _ in 0..<6 {
                let promised = answered.withLock { $0 }
                let other = Scratch()
                try copy(scratch, to: other)
                let found = try await other.with { try await $0.log(of: plan.call) }
                #expect(found.count >= promised, "an answered entry is gone")
                #expect(found == Array(log.prefix(found.count)), "not a prefix of the log")
            }
            _ = await store.answer(to: LedgerGroup([]))
            #expect(answered.withLock { $0 } == groups.count)
        }
    }

    @Test func `a log that was cut in mid-write ends with a whole commit`() async throws {
        let (scratch, other) = (Scratch(), Scratch())
        var fixtures = StoreFixtures(seed: 9, at: start)
        try await scratch.with { store in
            for _ in 0..<40 {
                let plan = fixtures.plan()
                let log = fixtures.log(plan, .offered(group: 0), .ended(.missed))
                let entries = log.enumerated().map { index, event in
                    LedgerEntry.call(plan.call, property: plan.property, index: index, event)
                }
                try await store.write([LedgerGroup(entries)])
            }
            try copy(scratch, to: other)
        }
        let wal = try FileHandle(forUpdating: URL(filePath: other.database + "-wal"))
        let size = try wal.seekToEnd()
        try wal.truncate(atOffset: size - size / 3 - 100)
        try wal.close()
        try await other.with { store in
            var query = CallQuery()
            query.limit = 100
            let calls = try await store.calls(query)
            #expect(!calls.isEmpty && calls.count < 40)
            #expect(calls.allSatisfy { $0.outcome == .missed }, "half of a group is there")
        }
    }
}
