// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleCallCore
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTestKit

@Suite(.timeLimit(.minutes(2)))
struct StoreFaultTests {
    private let scratch = Scratch()
    private let clock = HandClock()
    private let answers = Answers()

    /// The writer has had a turn for everything that was appended before.
    private func aTurn(of store: SQLiteStore) async throws {
        try await store.withWriter { (_) throws(StoreError) in }
    }

    private func push(_ size: Int, _ fixtures: inout StoreFixtures) -> LedgerGroup {
        LedgerGroup([
            .push(
                PushRecord(
                    push: fixtures.id(),
                    property: fixtures.property,
                    call: nil,
                    device: fixtures.anna.device,
                    kind: "ring",
                    notifier: "log",
                    verdict: "failed",
                    reason: String(repeating: "x", count: size),
                    at: clock.now.time
                )
            )
        ])
    }

    @Test func `while another connection holds the store all waits in order, but unlocks expire`()
        async throws
    {
        try await scratch.with(clock: clock) { store in
            var fixtures = StoreFixtures(seed: 1, at: clock.now.time)
            let plan = fixtures.plan()
            let log = fixtures.log(plan, .offered(group: 0))
            let groups = fixtures.groups(plan, log)
            let unlock = LedgerGroup(
                [.doorAttempt(fixtures.attempt())],
                notAfter: clock.now.moment + .milliseconds(100)
            )

            let other = try Connection(path: scratch.database, patience: .zero)
            try other.execute("BEGIN IMMEDIATE")
            store.append(groups[0], answer: answers.note)
            store.append(unlock, answer: answers.note)
            store.append(groups[1], answer: answers.note)
            try await aTurn(of: store)
            #expect(answers.all.isEmpty)
            #expect(store.metrics.lastError == .locked && store.metrics.waitingGroups == 3)
            clock.advance(by: .milliseconds(101))
            try other.execute("COMMIT")

            _ = await store.answer(to: LedgerGroup([]))
            #expect(answers.all == [.written, .expired, .written])
            #expect(try await store.log(of: plan.call) == log)
            #expect(try await store.doorAttempts(DoorQuery()).isEmpty)
            #expect(store.metrics.expired == 1 && store.metrics.turnedAway.isEmpty)
        }
    }

    @Test func `an unlock at the front is let go while the store is still held`() async throws {
        try await scratch.with(clock: clock) { store in
            var fixtures = StoreFixtures(seed: 2, at: clock.now.time)
            let other = try Connection(path: scratch.database, patience: .zero)
            try other.execute("BEGIN IMMEDIATE")
            let unlock = LedgerGroup(
                [.doorAttempt(fixtures.attempt())],
                notAfter: clock.now.moment
            )
            clock.advance(by: .milliseconds(1))
            let answer = await store.answer(to: unlock)
            #expect(answer == .expired)
            #expect(store.metrics.waitingGroups == 0)
            try other.execute("ROLLBACK")
        }
    }

    @Test func `on a full disk all waits, and is written when there is space`() async throws {
        try await scratch.with(clock: clock) { store in
            var fixtures = StoreFixtures(seed: 3, at: clock.now.time)
            try await store.withWriter { (connection) throws(StoreError) in
                let pages = try connection.prepare("PRAGMA page_count").first(Single<Int>.self)
                try connection.execute("PRAGMA max_page_count = \(pages?.value ?? 1)")
            }
            for _ in 0..<4 { store.append(push(20_000, &fixtures), answer: answers.note) }
            try await aTurn(of: store)
            #expect(answers.all.isEmpty)
            #expect(store.metrics.lastError == .full && store.metrics.waitingGroups == 4)
            await #expect(throws: StoreError.full) {
                try await store.save(
                    SeededBuilding(seed: 3, shape: BuildingShape(units: 400)).rows
                )
            }
            try await store.withWriter { (connection) throws(StoreError) in
                try connection.execute("PRAGMA max_page_count = 1000000")
            }
            _ = await store.answer(to: LedgerGroup([]))
            #expect(answers.all == Array(repeating: .written, count: 4))
            #expect(store.metrics.turnedAway.isEmpty && store.metrics.failures > 0)
        }
    }

    @Test func `a backlog that is full refuses, and names what is lost`() async throws {
        var limits = Limits.quick
        limits.ledger.backlog = 3
        try await scratch.with(limits: limits, clock: clock) { store in
            var fixtures = StoreFixtures(seed: 4, at: clock.now.time)
            let other = try Connection(path: scratch.database, patience: .zero)
            try other.execute("BEGIN IMMEDIATE")
            for _ in 0..<5 { store.append(push(1, &fixtures), answer: answers.note) }
            #expect(answers.all == [.backlogFull, .backlogFull])
            #expect(store.metrics.turnedAway == [.push: 2])
            try other.execute("COMMIT")
            _ = await store.answer(to: LedgerGroup([]))
            #expect(answers.all.dropFirst(2) == [.written, .written, .written])
        }
    }

    @Test func `closing a store that stays locked refuses what waits, by name`() async throws {
        var limits = Limits.quick
        limits.transport.shutdown = .milliseconds(30)
        let store = try await scratch.open(limits: limits)
        var fixtures = StoreFixtures(seed: 5, at: clock.now.time)
        let other = try Connection(path: scratch.database, patience: .zero)
        try other.execute("BEGIN IMMEDIATE")
        for _ in 0..<2 { store.append(push(1, &fixtures), answer: answers.note) }
        await store.close()
        #expect(
            answers.all == Array(repeating: .refused(reason: "the store was closed"), count: 2)
        )
        #expect(store.metrics.turnedAway == [.push: 2])
        try other.execute("ROLLBACK")
        await #expect(throws: StoreError.failed(detail: "the store is closed")) {
            try await store.directory()
        }
    }

    @Test func `what waits is written before a store closes`() async throws {
        let store = try await scratch.open()
        var fixtures = StoreFixtures(seed: 6, at: clock.now.time)
        for _ in 0..<50 { store.append(push(1, &fixtures), answer: answers.note) }
        await store.close()
        #expect(answers.all == Array(repeating: .written, count: 50))
    }

    @Test func `a file that is no database is damaged`() async throws {
        try scratch.makeFolder()
        try Data(repeating: 7, count: 8_192).write(to: URL(filePath: scratch.database))
        await #expect {
            _ = try await scratch.open()
        } throws: {
            if case .damaged = $0 as? StoreError { true } else { false }
        }
    }

    @Test func `a database with a torn page is damaged, and says so`() async throws {
        try await scratch.with { store in try await store.save(SeededBuilding(seed: 7).rows) }
        let file = try FileHandle(forUpdating: URL(filePath: scratch.database))
        let end = try file.seekToEnd()
        for page in stride(from: 4_096 as UInt64, to: end, by: 4_096) {
            try file.seek(toOffset: page)
            try file.write(contentsOf: Data(repeating: 0xEE, count: 512))
        }
        try file.close()
        await #expect {
            try await scratch.with { store in _ = try await store.directory() }
        } throws: {
            if case .damaged = $0 as? StoreError { true } else { false }
        }
    }

    @Test func `a tool makes nothing where there is no store`() async throws {
        for access in [SQLiteStore.Access.tool, .reader] {
            await #expect(throws: StoreError.missing(folder: scratch.path)) {
                _ = try await scratch.open(access)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path))
    }

    @Test func `a folder that cannot be made is named`() async throws {
        let path = "/proc/vestibule"
        await #expect {
            _ = try await SQLiteStore.open(folder: path, limits: .quick, access: .server)
        } throws: {
            "\($0)".contains(path)
        }
    }
}
