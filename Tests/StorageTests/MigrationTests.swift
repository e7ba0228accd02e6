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
        try scratch.makeFolder()
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

    @Test func `a copy of what it was is kept, for its owner alone`() async throws {
        try make(version: 1)
        let copy = scratch.database + ".before-1"
        for _ in 0..<2 {
            let migration = try await scratch.with { $0.migration }
            if migration == nil { continue }
            #expect(migration == Migration(from: 1, to: Schema.version, copy: copy))
        }
        let connection = try Connection(path: copy, patience: .zero)
        #expect(try Schema.version(of: connection) == 1)
        let name = try connection.prepare("SELECT name FROM properties")
            .first(Single<String>.self)
        #expect(name?.value == "Old house")
        let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(!FileManager.default.fileExists(atPath: copy + ".part"))
    }

    @Test func `nothing is migrated without room for the copy`() async throws {
        try make(version: 1)
        try FileManager.default.createDirectory(
            atPath: scratch.database + ".before-1.part/full",
            withIntermediateDirectories: true
        )
        await #expect(throws: StoreError.self) { try await scratch.open() }
        #expect(try version() == 1)
    }

    /// A database of this version with a unit that others refer to, and the connection to it.
    private func lived() async throws -> Connection {
        try await scratch.with { try await $0.save(SeededBuilding(seed: 1).rows) }
        let connection = try Connection(path: scratch.database, patience: .zero)
        try connection.execute("PRAGMA foreign_keys = ON")
        return connection
    }

    private func count(_ table: String, _ connection: Connection) throws -> Int {
        try connection.prepare("SELECT count(*) FROM \(table)").first(Single<Int>.self)?.value ?? -1
    }

    private let rebuild = """
        CREATE TABLE new_units (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            property BLOB NOT NULL REFERENCES properties (id),
            label TEXT NOT NULL,
            floor INTEGER,
            UNIQUE (property, id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO new_units SELECT id, property, label, 4 FROM units;
        DROP TABLE units;
        ALTER TABLE new_units RENAME TO units;
        """

    @Test func `a step may rebuild a table that others refer to`() async throws {
        let connection = try await lived()
        let before = try (count("units", connection), count("occupancies", connection))
        try Schema.migrate(connection, by: Schema.steps + [rebuild])
        #expect(try Schema.version(of: connection) == Schema.version + 1)
        #expect(try count("units WHERE floor = 4", connection) == before.0)
        #expect(try count("occupancies", connection) == before.1 && before.1 > 0)
        let isOn = try connection.prepare("PRAGMA foreign_keys").first(Single<Bool>.self)
        #expect(isOn?.value == true)
        #expect(throws: StoreError.self) {
            try connection.execute("DELETE FROM units")
        }
    }

    @Test func `a step that leaves a row without what it refers to changes nothing`()
        async throws
    {
        let connection = try await lived()
        let before = try count("units", connection)
        let steps = Schema.steps + [rebuild + "DELETE FROM units;"]
        #expect(throws: StoreError.self) { try Schema.migrate(connection, by: steps) }
        #expect(try Schema.version(of: connection) == Schema.version)
        #expect(try count("units", connection) == before)
        let isOn = try connection.prepare("PRAGMA foreign_keys").first(Single<Bool>.self)
        #expect(isOn?.value == true)
    }

    @Test func `a database that stopped logging ahead does so again`() async throws {
        let connection = try await lived()
        try connection.execute("PRAGMA journal_mode = DELETE")
        for access in [SQLiteStore.Access.server, .tool] {
            try await scratch.with(access) { store in
                try await store.save(DirectoryRows())
                let isThere = FileManager.default.fileExists(atPath: scratch.database + "-wal")
                #expect(isThere)
            }
        }
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
