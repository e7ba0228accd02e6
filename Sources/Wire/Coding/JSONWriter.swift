// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Writes one JSON object (RFC 8259), its fields in the order in which they are put.
///
/// It cannot fail, which a message that must be answered may not; slashes are not escaped.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(256)
        bytes.append(UInt8(ascii: "{"))
    }

    private init(bytes: consuming [UInt8]) {
        self.bytes = bytes
        self.bytes.append(UInt8(ascii: "{"))
    }

    /// Ends the object and gives its bytes.
    consuming func finished() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    mutating func put(_ field: StaticString, _ value: String?) {
        guard let value else { return }
        name(field)
        text(value)
    }

    mutating func put(_ field: StaticString, _ value: Int?) {
        guard let value else { return }
        name(field)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func put(_ field: StaticString, _ value: UInt32?) {
        put(field, value.map { Int($0) })
    }

    /// Seconds: a whole number without a fraction, as other languages write it.
    mutating func put(_ field: StaticString, seconds value: Double?) {
        guard let value else { return }
        precondition(value.isFinite, "a duration on the wire is finite")
        name(field)
        let number = Int(exactly: value).map { String($0) } ?? String(value)
        bytes.append(contentsOf: number.utf8)
    }

    mutating func put(_ field: StaticString, _ value: Bool?) {
        guard let value else { return }
        name(field)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    mutating func put<Kind>(_ field: StaticString, _ value: ID<Kind>?) {
        put(field, value?.text)
    }

    mutating func put(_ field: StaticString, _ value: Timestamp?) {
        put(field, value?.rfc3339)
    }

    mutating func put(_ field: StaticString, word: (some RawRepresentable<String>)?) {
        put(field, word?.rawValue)
    }

    mutating func put(_ field: StaticString, _ value: (some WireObject)?) {
        guard let value else { return }
        name(field)
        object(value)
    }

    mutating func put(_ field: StaticString, _ values: [some WireObject]?) {
        guard let values else { return }
        name(field)
        list(values) { $0.object($1) }
    }

    mutating func put(_ field: StaticString, texts values: [String]) {
        name(field)
        list(values) { $0.text($1) }
    }

    private mutating func list<Value>(
        _ values: [Value],
        _ write: (inout JSONWriter, Value) -> Void
    ) {
        bytes.append(UInt8(ascii: "["))
        for (position, value) in values.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            write(&self, value)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func object(_ value: some WireObject) {
        // The buffer moves into the inner writer and back, so that nothing is copied.
        var inner = JSONWriter(bytes: take())
        value.write(&inner)
        bytes = inner.finished()
    }

    private mutating func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }

    private mutating func name(_ field: StaticString) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        field.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: "\":".utf8)
    }

    private mutating func text(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        for character in value.utf8 {
            switch character {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(character)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hex(character >> 4))
                bytes.append(Self.hex(character & 15))
            default:
                bytes.append(character)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func hex(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
