// SPDX-License-Identifier: Apache-2.0

import CVestibuleSQLite
package import VestibuleBasics
package import VestibuleStorage

extension ID: Bindable, Column {
    package func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        vestibule_bind_id(statement, index, high, low)
    }

    package static func read(_ statement: OpaquePointer, _ column: Int32) -> ID? {
        var high: UInt64 = 0
        var low: UInt64 = 0
        guard vestibule_column_id(statement, column, &high, &low) else { return nil }
        return ID(high: high, low: low)
    }
}

extension Int64: Bindable, Column {
    package func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, self)
    }

    package static func read(_ statement: OpaquePointer, _ column: Int32) -> Int64? {
        guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else { return nil }
        return sqlite3_column_int64(statement, column)
    }
}

extension Int: Bindable, Column {
    package func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        Int64(self).bind(to: statement, at: index)
    }

    package static func read(_ statement: OpaquePointer, _ column: Int32) -> Int? {
        Int64.read(statement, column).flatMap { Int(exactly: $0) }
    }
}

extension Bool: Bindable, Column {
    package func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        (self ? 1 : 0).bind(to: statement, at: index)
    }

    package static func read(_ statement: OpaquePointer, _ column: Int32) -> Bool? {
        Int64.read(statement, column).map { $0 != 0 }
    }
}

extension Timestamp: Bindable, Column {
    package func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        milliseconds.bind(to: statement, at: index)
    }

    package static func read(_ statement: OpaquePointer, _ column: Int32) -> Timestamp? {
        Int64.read(statement, column).map { Timestamp(milliseconds: $0) }
    }
}

extension String: Bindable, Column {
    package func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            guard let count = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
            return vestibule_bind_text(statement, index, bytes.baseAddress, count)
        }
    }

    package static func read(_ statement: OpaquePointer, _ column: Int32) -> String? {
        guard sqlite3_column_type(statement, column) == SQLITE_TEXT,
            let bytes = sqlite3_column_text(statement, column)
        else { return nil }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(
            decoding: UnsafeBufferPointer(start: bytes, count: count),
            as: UTF8.self
        )
    }
}

extension [UInt8]: Bindable, Column {
    package func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        withUnsafeBytes { bytes in
            guard let count = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
            return vestibule_bind_blob(statement, index, bytes.baseAddress, count)
        }
    }

    package static func read(_ statement: OpaquePointer, _ column: Int32) -> [UInt8]? {
        guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { return nil }
        let count = Int(sqlite3_column_bytes(statement, column))
        guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }
}

extension Optional: Bindable where Wrapped: Bindable {
    package func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        self?.bind(to: statement, at: index) ?? sqlite3_bind_null(statement, index)
    }
}

extension Optional: Column where Wrapped: Column {
    package static func read(_ statement: OpaquePointer, _ column: Int32) -> Wrapped?? {
        if sqlite3_column_type(statement, column) == SQLITE_NULL { return .some(nil) }
        return Wrapped.read(statement, column).map { .some($0) }
    }
}

/// A row of one column.
package struct Single<Value: Column>: RowReadable {
    package let value: Value

    package init(row: inout Row) throws(StoreError) {
        value = try row.next()
    }
}

extension Row {
    /// A word of an enumeration; throws `unreadable` for one that this version does not know.
    mutating func word<Word: RawRepresentable<String>>(
        _ type: Word.Type = Word.self
    ) throws(StoreError) -> Word {
        let text = try next(String.self)
        guard let word = Word(rawValue: text) else {
            throw .unreadable(detail: "an unknown word where \(Word.self) stands")
        }
        return word
    }
}
