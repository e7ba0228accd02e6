// SPDX-License-Identifier: Apache-2.0

/// The two alphabets of RFC 4648 in text: strict, without line breaks.
package enum Base64 {
    /// Which alphabet, and with that whether the end is padded.
    package enum Variant: Sendable {
        /// RFC 4648 §4: `+` and `/`, padded with `=`.
        case standard

        /// RFC 4648 §5 without padding, as in tokens, JOSE and Web Push.
        case url
    }

    /// The text of `bytes`.
    package static func encode(
        _ bytes: some Collection<UInt8>,
        _ variant: Variant = .standard
    ) -> String {
        let alphabet = variant == .standard ? standard : url
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var held: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            held = (held << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(held >> bits & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(held << (6 - bits) & 63)]) }
        while variant == .standard, text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that `text` spells; nil for a foreign character, wrong padding, a length that no
    /// bytes have, or bits set beyond the last byte.
    package static func decode(
        _ text: some StringProtocol,
        _ variant: Variant = .standard
    ) -> [UInt8]? {
        guard let digits = unpadded(text, variant), digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var held: UInt32 = 0
        var bits: UInt32 = 0
        for digit in digits {
            guard let value = value(of: digit, variant) else { return nil }
            held = (held << 6 | value) & 0xFFFF
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: held >> bits))
        }
        return held & ((1 << bits) - 1) == 0 ? bytes : nil
    }

    private static let standard = [UInt8](
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let url = [UInt8](
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    private static func unpadded(
        _ text: some StringProtocol,
        _ variant: Variant
    ) -> ArraySlice<UInt8>? {
        var digits = [UInt8](text.utf8)[...]
        guard variant == .standard else { return digits }
        guard digits.count % 4 == 0 else { return nil }
        for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        return digits
    }

    private static func value(of digit: UInt8, _ variant: Variant) -> UInt32? {
        switch (digit, variant) {
        case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): UInt32(digit) - 65
        case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): UInt32(digit) - 97 + 26
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), _): UInt32(digit) - 48 + 52
        case (UInt8(ascii: "+"), .standard), (UInt8(ascii: "-"), .url): 62
        case (UInt8(ascii: "/"), .standard), (UInt8(ascii: "_"), .url): 63
        default: nil
        }
    }
}
