// SPDX-License-Identifier: Apache-2.0

/// Numbers for people.
enum Words {
    /// Microseconds with three digits: `93 µs`, `4.12 ms`, `1.25 s`.
    static func time(_ microseconds: Int) -> String {
        switch microseconds {
        case ..<1_000: "\(microseconds) µs"
        case ..<1_000_000: "\(digits(Double(microseconds) / 1_000)) ms"
        default: "\(digits(Double(microseconds) / 1_000_000)) s"
        }
    }

    /// Three digits that count.
    static func digits(_ value: Double) -> String {
        // What rounds up to the next digit has one decimal less.
        if value < 9.995 { return fixed(value, 2) }
        return fixed(value, value < 99.95 ? 1 : 0)
    }

    /// So many decimals.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        var power = 1
        for _ in 0..<decimals { power *= 10 }
        let scaled = Int((abs(value) * Double(power)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + "\(scaled)" }
        let fraction = String(scaled % power)
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(sign)\(scaled / power).\(zeros)\(fraction)"
    }

    /// A share (0 … 1) in per cent with so many decimals.
    static func percent(_ share: Double, _ decimals: Int) -> String {
        fixed(share * 100, decimals) + " %"
    }

    /// `26,000`.
    static func count(_ value: Int) -> String {
        let digits = Array(String(abs(value)))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A command as it could be typed.
    static func command(_ arguments: [String]) -> String {
        arguments.map { word in
            let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0) }
            if plain, !word.isEmpty { return word }
            return "'"
                + word.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "'\\''") + "'"
        }.joined(separator: " ")
    }

    /// Bytes with three digits: `512 B`, `4.10 kB`, `1.25 MB`.
    static func size(_ bytes: Double) -> String {
        switch abs(bytes) {
        case ..<999.5: fixed(bytes, 0) + " B"
        case ..<999_500: digits(bytes / 1_000) + " kB"
        default: digits(bytes / 1_000_000) + " MB"
        }
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
