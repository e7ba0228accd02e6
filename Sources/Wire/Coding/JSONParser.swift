// SPDX-License-Identifier: Apache-2.0

/// Reads one JSON object of the strict kind: RFC 8259 in the profile of RFC 7493 (I-JSON).
///
/// UTF-8 without a mark, names unique in their object, no lone surrogates; nothing after the
/// object. Foundation's decoder takes trailing commas and leaves unread fields unchecked, which a
/// protocol that calls such a message bad cannot. Total: it returns nil, whatever the bytes are;
/// depth is bounded, so the stack is too.
struct JSONParser {
    /// Objects and lists inside each other; the protocol's own messages nest four deep.
    static let depth = 32

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The fields of the one object that `bytes` are, or nil.
    static func object(_ bytes: UnsafeRawBufferPointer) -> [String: JSONValue]? {
        var parser = JSONParser(bytes)
        parser.skipSpace()
        guard parser.take("{"), let fields = parser.fields(depth: 1) else { return nil }
        parser.skipSpace()
        return parser.position == bytes.count ? fields : nil
    }

    private mutating func value(depth: Int) -> JSONValue? {
        guard let first = peek(), depth <= Self.depth else { return nil }
        switch first {
        case UInt8(ascii: "\""): return text().map { .text($0) }
        case UInt8(ascii: "{"):
            position += 1
            return fields(depth: depth).map { .object($0) }
        case UInt8(ascii: "["):
            position += 1
            return elements(depth: depth).map { .list($0) }
        case UInt8(ascii: "t"): return word("true") ? .truth(true) : nil
        case UInt8(ascii: "f"): return word("false") ? .truth(false) : nil
        case UInt8(ascii: "n"): return word("null") ? .null : nil
        default: return number().map { .number($0) }
        }
    }

    /// What follows `{`, up to and with `}`.
    private mutating func fields(depth: Int) -> [String: JSONValue]? {
        var fields: [String: JSONValue] = [:]
        skipSpace()
        if take("}") { return fields }
        repeat {
            skipSpace()
            guard let name = text() else { return nil }
            skipSpace()
            guard take(":") else { return nil }
            skipSpace()
            guard let value = value(depth: depth + 1),
                fields.updateValue(value, forKey: name) == nil
            else { return nil }
            skipSpace()
        } while take(",")
        return take("}") ? fields : nil
    }

    /// What follows `[`, up to and with `]`.
    private mutating func elements(depth: Int) -> [JSONValue]? {
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return elements }
        repeat {
            skipSpace()
            guard let value = value(depth: depth + 1) else { return nil }
            elements.append(value)
            skipSpace()
        } while take(",")
        return take("]") ? elements : nil
    }

    /// The text of a number, RFC 8259 §6.
    private mutating func number() -> String? {
        let start = position
        _ = take("-")
        if !take("0"), skipDigits() == 0 { return nil }
        if take("."), skipDigits() == 0 { return nil }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            if skipDigits() == 0 { return nil }
        }
        return String(validating: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let digit = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            position += 1
        }
        return position - start
    }

    /// A string, quotes included, RFC 8259 §7.
    private mutating func text() -> String? {
        guard take("\"") else { return nil }
        let start = position
        while let character = peek(), character >= 0x20 {
            position += 1
            if character == UInt8(ascii: "\"") {
                return String(validating: bytes[start..<position - 1], as: UTF8.self)
            }
            if character == UInt8(ascii: "\\") {
                position -= 1
                return escapedText(from: start)
            }
        }
        return nil
    }

    /// The same from its first backslash on.
    private mutating func escapedText(from start: Int) -> String? {
        var decoded = [UInt8](bytes[start..<position])
        while let character = peek(), character >= 0x20 {
            position += 1
            switch character {
            case UInt8(ascii: "\""): return String(validating: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            default: decoded.append(character)
            }
        }
        return nil
    }

    /// What follows a backslash.
    private mutating func escape() -> Unicode.Scalar? {
        guard let character = peek() else { return nil }
        position += 1
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Unicode.Scalar(character)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return unicodeEscape()
        default: return nil
        }
    }

    /// Four hexadecimal digits, or twice four as a surrogate pair; a lone one is refused.
    private mutating func unicodeEscape() -> Unicode.Scalar? {
        guard let first = fourDigits() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard take("\\"), take("u"), let second = fourDigits(),
            (0xDC00..<0xE000).contains(second)
        else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func fourDigits() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let character = peek(),
                let digit = Character(Unicode.Scalar(character)).hexDigitValue
            else { return nil }
            position += 1
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private mutating func skipSpace() {
        while let character = peek(), [0x20, 0x0A, 0x0D, 0x09].contains(character) {
            position += 1
        }
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count,
            word.withUTF8Buffer({ bytes[position..<end].elementsEqual($0) })
        else { return false }
        position = end
        return true
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }
}
