// SPDX-License-Identifier: Apache-2.0

/// What a plot's numbers count in.
package enum ChartUnit: String, Codable, Sendable {
    /// Microseconds.
    case time

    /// A share of a core or of a whole, 0 … 1.
    case share

    /// Bytes; 1 MB is 1,000,000.
    case bytes

    /// A plain number.
    case number

    /// A plain number, each second.
    case rate

    /// Exactly, for a tooltip.
    package func words(_ value: Double) -> String {
        switch self {
        case .time: value < 1_000 ? "\(Words.digits(value)) µs" : Words.time(Int(value))
        case .share: Words.percent(value, 1)
        case .bytes: Self.bytes(value, Words.digits)
        case .number: Self.number(value)
        case .rate: Self.number(value) + " /s"
        }
    }

    /// Shortly, for an axis.
    package func tick(_ value: Double) -> String {
        switch self {
        case .time:
            if value >= 1_000_000 { return Self.short(value / 1_000_000) + " s" }
            return value >= 1_000
                ? Self.short(value / 1_000) + " ms" : Self.short(value) + (value == 0 ? "" : " µs")
        case .share: return Self.short(value * 100) + " %"
        case .bytes: return value == 0 ? "0" : Self.bytes(value, Self.short)
        case .number, .rate: return Self.number(value)
        }
    }

    /// As few decimals as the number needs, and at most three.
    static func short(_ value: Double) -> String {
        for decimals in 0...2 {
            let text = Words.fixed(value, decimals)
            if let number = Double(text), abs(number - value) < 1e-9 * max(1, abs(value)) {
                return text
            }
        }
        return Words.fixed(value, 3)
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() || abs(value) >= 1_000
            ? Words.count(Int(value.rounded())) : short(value)
    }

    private static func bytes(_ value: Double, _ digits: (Double) -> String) -> String {
        for (factor, unit) in [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")] where value >= factor {
            return "\(digits(value / factor)) \(unit)"
        }
        return "\(Words.count(Int(value))) B"
    }
}
