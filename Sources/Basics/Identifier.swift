// SPDX-License-Identifier: Apache-2.0

/// What an identifier names: gives each kind its own type and its prefix in text.
public protocol IdentifierKind: Sendable {
    /// The letters before the underscore, such as `call` in `call_0r1q…`.
    static var prefix: String { get }
}

/// A 128-bit, time-ordered identifier (UUIDv7, RFC 9562 §5.7) of one kind of thing.
///
/// In text it is the kind's prefix, an underscore and 26 characters of Crockford's base32, lower
/// case. Clients treat the text as opaque. Sixteen bytes in memory, no allocation.
public struct ID<Kind: IdentifierKind>: Hashable, Comparable, Sendable {
    /// The first 64 bits: milliseconds since 1970 (48), version (4), random (12).
    public let high: UInt64

    /// The last 64 bits: variant (2), random (62).
    public let low: UInt64

    /// Makes an identifier from its two halves, as a store gives them back.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Draws a new identifier: `time` orders it, `random` makes it unguessable (74 random bits).
    public init(at time: Timestamp, using random: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(truncatingIfNeeded: max(0, time.milliseconds))
        high = (milliseconds << 16) | 0x7000 | (random.next() & 0x0FFF)
        low = 0x8000_0000_0000_0000 | (random.next() >> 2)
    }

    /// What stands for text that names nothing of this kind: it equals no real identifier, so a
    /// look-up with it answers `unknown_…`, the same as for nonsense.
    public static var nothing: Self { Self(high: 0, low: 0) }

    /// Older identifiers come first, to the millisecond.
    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ID {
    /// The identifier in text, `prefix_` and 26 characters.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The identifier that `text` spells, or nil if it spells none of this kind.
    public init?(_ text: some StringProtocol) {
        let prefix = Kind.prefix.utf8
        let characters = text.utf8
        guard characters.count == prefix.count + 27, characters.starts(with: prefix) else {
            return nil
        }
        var rest = characters.dropFirst(prefix.count)
        guard rest.popFirst() == UInt8(ascii: "_") else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (position, character) in rest.enumerated() {
            guard let digit = Base32.value(of: character) else { return nil }
            if position == 0, digit > 7 { return nil }
            high = (high << 5) | (low >> 59)
            low = (low << 5) | UInt64(digit)
        }
        self.init(high: high, low: low)
    }

    /// The identifier that `text` spells, or ``nothing``.
    public init(lenient text: some StringProtocol) {
        self = ID(text) ?? .nothing
    }

    private var bytes: [UInt8] {
        var characters = [UInt8](Kind.prefix.utf8)
        characters.append(UInt8(ascii: "_"))
        for position in 0..<26 {
            let shift = 125 - position * 5
            let digit: UInt64
            if shift >= 64 {
                digit = high >> UInt64(shift - 64)
            } else if shift > 59 {
                digit = (high << UInt64(64 - shift)) | (low >> UInt64(shift))
            } else {
                digit = low >> UInt64(shift)
            }
            characters.append(Base32.character(for: UInt8(truncatingIfNeeded: digit & 31)))
        }
        return characters
    }
}

extension ID: CustomStringConvertible {
    /// The short form for logs: the prefix and the last six characters.
    public var description: String { Kind.prefix + "…" + text.suffix(6) }
}

extension ID: Codable {
    /// Reads text leniently: what spells no identifier of this kind becomes ``nothing``.
    public init(from decoder: any Decoder) throws {
        self.init(lenient: try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Crockford's base32 alphabet, lower case: no i, l, o, u.
enum Base32 {
    private static let alphabet = [UInt8]("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func character(for digit: UInt8) -> UInt8 { alphabet[Int(digit)] }

    static func value(of character: UInt8) -> UInt8? {
        alphabet.firstIndex(of: character).map { UInt8($0) }
    }
}
