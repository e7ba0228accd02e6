// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSQLiteStore
import VestibuleStorage

@Suite struct StatementTests {
    private func connection() throws -> Connection {
        let connection = try Connection(path: ":memory:", patience: .zero)
        try connection.execute("CREATE TABLE t (v BLOB)")
        return connection
    }

    @Test(arguments: ["", "☎ ü", "a\0b", String(repeating: "x", count: 70_000)])
    func `text comes back as it was, whatever it holds`(_ text: String) throws {
        let connection = try Connection(path: ":memory:", patience: .zero)
        let echo = try connection.prepare("SELECT ?1")
        #expect(try echo.first(Single<String>.self, text)?.value == text)
        #expect(try echo.first(Single<[UInt8]>.self, Array(text.utf8))?.value == Array(text.utf8))
    }

    @Test func `ids are bytes in the order of their time`() throws {
        let connection = try connection()
        let insert = try connection.prepare("INSERT INTO t VALUES (?1)")
        let ids = [
            CallID(high: 0, low: 1), CallID(high: 0, low: .max), CallID(high: 1, low: 0),
            CallID(high: 0x7FFF_FFFF_FFFF_FFFF, low: 5), CallID(high: .max, low: 5),
        ]
        for id in ids.reversed() { try insert.run(id) }
        let found = try connection.prepare("SELECT v FROM t ORDER BY v")
            .all(Single<CallID>.self).map(\.value)
        #expect(found == ids)
        let lengths = try connection.prepare("SELECT length(v) FROM t")
            .all(Single<Int>.self).map(\.value)
        #expect(lengths == [16, 16, 16, 16, 16])
    }

    @Test func `a column of another kind is unreadable, not a guess`() throws {
        let connection = try Connection(path: ":memory:", patience: .zero)
        for sql in ["SELECT 'text'", "SELECT x'0102'", "SELECT NULL", "SELECT 1.5"] {
            let statement = try connection.prepare(sql)
            #expect(throws: StoreError.self) { try statement.first(Single<CallID>.self) }
            #expect(throws: StoreError.self) { try statement.first(Single<Int>.self) }
        }
        let null = try connection.prepare("SELECT NULL")
        #expect(try null.first(Single<Int?>.self)?.value == .some(nil))
        let wrong = try connection.prepare("SELECT 'x'")
        #expect(throws: StoreError.self) { try wrong.first(Single<Int?>.self) }
    }

    @Test func `a statement is ready again after it failed`() throws {
        let connection = try Connection(path: ":memory:", patience: .zero)
        try connection.execute("CREATE TABLE u (v INTEGER UNIQUE) STRICT")
        let insert = try connection.prepare("INSERT INTO u VALUES (?1)")
        try insert.run(1)
        #expect(throws: StoreError.self) { try insert.run(1) }
        #expect(throws: StoreError.self) { try insert.run("no number") }
        try insert.run(2)
        let count = try connection.prepare("SELECT count(*) FROM u").first(Single<Int>.self)
        #expect(count?.value == 2)
    }

    @Test func `a transaction that fails leaves nothing`() throws {
        let connection = try connection()
        #expect(throws: StoreError.full) {
            try connection.transaction("BEGIN") { () throws(StoreError) in
                try connection.execute("INSERT INTO t VALUES (x'00')")
                throw StoreError.full
            }
        }
        let count = try connection.prepare("SELECT count(*) FROM t").first(Single<Int>.self)
        #expect(count?.value == 0)
    }

    @Test func `what cannot log ahead is no store`() throws {
        let connection = try Connection(path: ":memory:", patience: .zero)
        #expect(throws: StoreError.self) { try connection.logAhead() }
    }

    @Test func `a closed connection says so`() throws {
        let connection = try connection()
        connection.close()
        connection.close()
        #expect(throws: StoreError.failed(detail: "the store is closed")) {
            try connection.execute("SELECT 1")
        }
        #expect(connection.changes == 0)
    }
}
