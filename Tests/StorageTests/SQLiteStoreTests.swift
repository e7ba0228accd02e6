// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTestKit

@Suite(.timeLimit(.minutes(2)))
struct SQLiteStoreTests {
    private let scratch = Scratch()

    private func mode(_ name: String) throws -> Int {
        let path = name.isEmpty ? scratch.path : scratch.path + "/" + name
        let found = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(found[.posixPermissions] as? Int)
    }

    @Test func `the folder and all in it are the owner's alone`() async throws {
        try await scratch.with { store in
            try await store.save(SeededBuilding(seed: 1).rows)
            let folders = try ["", "keys", "pictures"].map(mode)
            #expect(folders == [0o700, 0o700, 0o700])
            let files = try ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm", "lock"]
                .map(mode)
            #expect(files == [0o600, 0o600, 0o600, 0o600])
        }
    }

    @Test func `a folder has one server, and is free when it closes`() async throws {
        try await scratch.with { _ in
            await #expect(throws: StoreError.held(folder: scratch.path)) {
                try await scratch.open()
            }
        }
        let isEmpty = try await scratch.with { try await $0.isEmpty() }
        #expect(isEmpty)
    }

    @Test func `what was written is there after the next open, with sync and WAL on`() async throws
    {
        let rows = SeededBuilding(seed: 2).rows
        try await scratch.with { store in
            try await store.save(rows)
            let settings = try await store.withWriter { (connection) throws(StoreError) in
                [
                    try connection.prepare("PRAGMA journal_mode")
                        .first(Single<String>.self)?.value,
                    try connection.prepare("PRAGMA synchronous")
                        .first(Single<Int>.self).map { "\($0.value)" },
                    try connection.prepare("PRAGMA foreign_keys")
                        .first(Single<Int>.self).map { "\($0.value)" },
                ]
            }
            #expect(settings == ["wal", "2", "1"])
        }
        try await scratch.with { store in
            let units = try await store.directory().units.count
            #expect(units == rows.units.count)
            #expect(try await !store.isEmpty())
        }
    }

    @Test func `a running server notices what a tool commits`() async throws {
        let rows = SeededBuilding(seed: 3).rows
        try await scratch.with { server in
            try await server.save(rows)
            try await scratch.with(.tool) { tool in
                #expect(try await server.directoryVersion() == 1)
                let panel = Principal.panel(rows.panels[0].id)
                #expect(try await tool.revoke(panel) == 1)
                #expect(try await server.directoryVersion() == 2)
                let left = try await server.directory().credentials
                #expect(!left.contains { $0.principal == panel })
            }
        }
    }

    @Test func `a server and a tool that write at once both get through`() async throws {
        let rows = SeededBuilding(seed: 4).rows
        try await scratch.with { server in
            try await scratch.with(.tool) { tool in
                try await server.save(rows)
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        for _ in 0..<20 { try await tool.save(rows) }
                    }
                    group.addTask {
                        for seed in 0..<40 {
                            var fixtures = StoreFixtures(
                                seed: UInt64(seed),
                                at: Timestamp(milliseconds: 1)
                            )
                            let plan = fixtures.plan()
                            let log = fixtures.log(plan, .ended(.missed))
                            try await server.write(fixtures.groups(plan, log))
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await server.directoryVersion() == 21)
                #expect(try await tool.calls(CallQuery()).count == 40)
            }
        }
    }

    @Test func `many groups share a commit`() async throws {
        try await scratch.with { store in
            var fixtures = StoreFixtures(seed: 5, at: Timestamp(milliseconds: 1))
            let groups = (0..<600).map { _ in LedgerGroup([.doorAttempt(fixtures.attempt())]) }
            try await store.write(groups)
            let metrics = store.metrics
            #expect(metrics.groups == 600 && metrics.entries == 600 && metrics.commits < 300)
            #expect(metrics.waitingEntries == 0 && metrics.oldestWaiting == nil)
        }
    }

    @Test func `no page of history reads more than it shows`() async throws {
        try await scratch.with { store in
            for shape in 0..<8 {
                var calls = CallQuery()
                var doors = DoorQuery()
                if shape & 1 != 0 {
                    calls.property = .nothing
                    doors.property = .nothing
                }
                if shape & 2 != 0 {
                    calls.unit = .nothing
                    doors.call = .nothing
                }
                if shape & 4 != 0 { calls.call = .nothing }
                for sql in [calls.sql] + (shape & 3 == 0 ? [] : [doors.sql]) {
                    let plan = try await store.withWriter { (connection) throws(StoreError) in
                        try connection.prepare("EXPLAIN QUERY PLAN " + sql)
                            .all(PlanRow.self).map(\.detail)
                    }
                    #expect(plan.count == 1 && plan[0].hasPrefix("SEARCH"), "\(plan) for \(sql)")
                }
            }
        }
    }
}

/// A line of a query plan.
private struct PlanRow: RowReadable {
    let detail: String

    init(row: inout Row) throws(StoreError) {
        for _ in 0..<3 { _ = try row.next(Int.self) }
        detail = try row.next()
    }
}
