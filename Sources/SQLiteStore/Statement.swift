// SPDX-License-Identifier: Apache-2.0

import CVestibuleSQLite
package import VestibuleStorage

/// A compiled statement; it owns its handle, and each run leaves it ready for the next.
package struct Statement: ~Copyable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs it with these values, past whatever rows it returns.
    package borrowing func run<each Value: Bindable>(
        _ values: repeat each Value
    ) throws(StoreError) {
        defer { rewind() }
        try bind(repeat each values)
        while try step() {}
    }

    /// Runs it and reads every row.
    package borrowing func all<Result: RowReadable, each Value: Bindable>(
        _ type: Result.Type,
        _ values: repeat each Value
    ) throws(StoreError) -> [Result] {
        defer { rewind() }
        try bind(repeat each values)
        var results: [Result] = []
        while try step() {
            var row = Row(handle)
            results.append(try Result(row: &row))
        }
        return results
    }

    /// Runs it and reads the first row; nil where there is none.
    package borrowing func first<Result: RowReadable, each Value: Bindable>(
        _ type: Result.Type,
        _ values: repeat each Value
    ) throws(StoreError) -> Result? {
        defer { rewind() }
        try bind(repeat each values)
        guard try step() else { return nil }
        var row = Row(handle)
        return try Result(row: &row)
    }

    private borrowing func bind<each Value: Bindable>(
        _ values: repeat each Value
    ) throws(StoreError) {
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try check(value.bind(to: handle, at: index))
        }
    }

    private borrowing func step() throws(StoreError) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        throw .sqlite(sqlite3_db_handle(handle), code)
    }

    private borrowing func check(_ code: Int32) throws(StoreError) {
        guard code == SQLITE_OK else { throw .sqlite(sqlite3_db_handle(handle), code) }
    }

    private borrowing func rewind() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }
}

/// What reads itself from a row, column by column.
package protocol RowReadable {
    init(row: inout Row) throws(StoreError)
}

/// A row that is being read, from the left; valid only inside ``RowReadable/init(row:)``.
package struct Row {
    private let statement: OpaquePointer
    private var column: Int32 = 0

    init(_ statement: OpaquePointer) {
        self.statement = statement
    }

    /// The next column and its value, for people, without going on to the one after it.
    ///
    /// An id is hexadecimal, as SQLite's own shell takes and shows it.
    func name() -> String {
        let name = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
        if let bytes = [UInt8].read(statement, column) {
            let digits = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            return "\(name) x'\(digits.joined())'"
        }
        return Int64.read(statement, column).map { "\(name) \($0)" } ?? name
    }

    /// The value of the next column; throws `unreadable` where it is of another kind.
    package mutating func next<Value: Column>(
        _ type: Value.Type = Value.self
    ) throws(StoreError) -> Value {
        defer { column += 1 }
        if let value = Value.read(statement, column) { return value }
        let name = sqlite3_column_name(statement, column).map { String(cString: $0) }
        throw .unreadable(detail: "a value of \(name ?? "a column") cannot be read")
    }
}

/// A value that a column gives back.
package protocol Column {
    /// Nil where the column holds something else.
    static func read(_ statement: OpaquePointer, _ column: Int32) -> Self?
}

/// A value that a statement takes.
package protocol Bindable {
    /// The result code of SQLite.
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
}
