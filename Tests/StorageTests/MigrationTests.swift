// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTestKit

@Suite(.timeLimit(.minutes(1)))
struct MigrationTests {
    private let scratch = Scratch()
    private let property = PropertyID(high: 1, low: 2)

    /// A database as an older version left it.
    private func make(version: Int) throws {
        _ = try DataFolder(making: scratch.path)
        let connection = try Connection(path: scratch.database, patience: .zero)
        for step in Schema.steps.prefix(version) { try connection.execute(step) }
        if version >= 1 {
            try connection.prepare(
                "INSERT INTO properties (id, name, time_zone, decline_ends_call) "
                    + "VALUES (?1, 'Old house', 'Europe/Berlin', 1)"
            ).run(property)
        }
        try connection.execute("PRAGMA user_version = \(version)")
        connection.close()
    }

    private func version() throws -> Int {
        let connection = try Connection(path: scratch.database, patience: .zero)
        return try Schema.version(of: connection)
    }

    @Test(arguments: 0..<Schema.version)
    func `a database of each older version is brought up, keeping what it has`(
        _ version: Int
    ) async throws {
        try make(version: version)
        try await scratch.with { store in
            let names = try await store.directory().properties.map(\.name)
            #expect(names == (version >= 1 ? ["Old house"] : []))
            try await store.save(SeededBuilding(seed: 1).rows)
            var fixtures = StoreFixtures(seed: 2, at: Timestamp(milliseconds: 1))
            let plan = fixtures.plan()
            try await store.write(fixtures.groups(plan, fixtures.log(plan, .ended(.missed))))
            try await store.write(.notice(fixtures.notice(due: .zero)))
            #expect(try await store.calls(CallQuery()).count == 1)
        }
        #expect(try self.version() == Schema.version)
    }

    @Test func `a database of this version is left as it is`() async throws {
        try make(version: Schema.version)
        let rows = try await scratch.with { try await $0.directory() }
        #expect(rows.properties.count == 1)
    }

    @Test(arguments: [SQLiteStore.Access.server, .tool])
    func `a database of a newer version is refused untouched`(
        _ access: SQLiteStore.Access
    ) async throws {
        try make(version: 0)
        let connection = try Connection(path: scratch.database, patience: .zero)
        try connection.execute("PRAGMA user_version = 99")
        connection.close()
        await #expect(throws: StoreError.newer(found: 99, known: Schema.version)) {
            try await scratch.open(access)
        }
        #expect(try version() == 99)
        await #expect(throws: StoreError.newer(found: 99, known: Schema.version)) {
            try await scratch.open(access)
        }
    }

    @Test func `a tool does not migrate below a running server`() async throws {
        try make(version: 1)
        let descriptor = open(scratch.path + "/lock", O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        #expect(fcntl(descriptor, 37, &lock) == 0, "F_OFD_SETLK")
        await #expect(throws: StoreError.held(folder: scratch.path)) {
            try await scratch.open(.tool)
        }
        #expect(try version() == 1)
    }

    @Test(arguments: 0..<Schema.version)
    func `a reader says that a store is older, and leaves it`(_ version: Int) async throws {
        try make(version: version)
        await #expect(throws: StoreError.older(found: version, known: Schema.version)) {
            try await scratch.open(.reader)
        }
        #expect(try self.version() == version)
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/lock"))
    }

    @Test func `a step that fails leaves the version it found`() async throws {
        try make(version: 1)
        let connection = try Connection(path: scratch.database, patience: .zero)
        try connection.execute("CREATE TABLE calls (other INTEGER)")
        connection.close()
        await #expect(throws: StoreError.self) { try await scratch.open() }
        #expect(try version() == 1)
        let tables = try Connection(path: scratch.database, patience: .zero)
            .prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'keys'")
            .first(Single<Int>.self)
        #expect(tables?.value == 0, "half of a step is there")
    }
}
