// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Numbers with units, as the language has them.
enum Quantity {
    private typealias Unit = (name: String, scale: Int64)

    private static let times: [Unit] = [
        ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
    ]
    private static let sizes: [Unit] = [
        ("B", 1), ("KB", 1_000), ("KiB", 1_024), ("MB", 1_000_000), ("MiB", 1_048_576),
    ]
    /// In bits a second.
    private static let rates: [Unit] = [
        ("B/s", 8), ("KB/s", 8_000), ("KiB/s", 8_192), ("MB/s", 8_000_000),
        ("MiB/s", 8_388_608), ("bit/s", 1), ("kbit/s", 1_000), ("Mbit/s", 1_000_000),
    ]

    /// `250ms`, `2.5s`, `1m`.
    static func time(_ word: String) throws(OrderError) -> Duration {
        let time = try read(word, times, what: "a time", example: "250ms or 2.5s")
        // Whole microseconds: what is read can be written back.
        return .nanoseconds(time / 1_000 * 1_000)
    }

    /// `4096`, `64KiB`.
    static func size(_ word: String) throws(OrderError) -> Int {
        let isBare = word.utf8.allSatisfy { (48...57).contains($0) }
        return Int(
            try read(isBare ? word + "B" : word, sizes, what: "a size", example: "4096 or 64KB")
        )
    }

    /// `1KB/s`, `300kbit/s`.
    static func rate(_ word: String) throws(OrderError) -> Int {
        let bits = try read(word, rates, what: "a rate", example: "1KB/s or 300kbit/s")
        let bytes = Int(bits / 8)
        guard Bandwidth.range.contains(bytes) else {
            throw OrderError("`\(word)`: a bandwidth lies between 1B/s and 10000MB/s")
        }
        return bytes
    }

    static func text(_ time: Duration) -> String {
        time == .zero ? "0s" : text(time.nanoseconds, times.dropLast(), "us")
    }

    static func text(size: Int) -> String { "\(size)" }

    static func text(rate: Int) -> String { "\(rate)B/s" }

    /// The number in the largest unit that leaves it whole.
    private static func text(_ value: Int64, _ units: ArraySlice<Unit>, _ least: String) -> String {
        let unit = units.last { value % $0.scale == 0 && value >= $0.scale }
        guard let unit else { return "\(value / 1_000)\(least)" }
        return "\(value / unit.scale)\(unit.name)"
    }

    /// A number of digits, with at most nine behind a point, and its unit.
    private static func read(
        _ word: String,
        _ units: [Unit],
        what: String,
        example: String
    ) throws(OrderError) -> Int64 {
        let number = word.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let name = word.dropFirst(number.count)
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard let unit = units.first(where: { $0.name == name }),
            let whole = parts.first.flatMap({ digits($0) }), parts.count <= 2
        else { throw OrderError("`\(word)` is not \(what), such as \(example)") }
        let (scaled, isMuch) = whole.multipliedReportingOverflow(by: unit.scale)
        guard !isMuch, scaled < 1 << 60 else { throw OrderError("`\(word)` is too much") }
        guard parts.count == 2 else { return scaled }
        guard let fraction = digits(parts[1]), parts[1].count <= 9 else {
            throw OrderError("`\(word)` is not \(what), such as \(example)")
        }
        // The unit is at most 6·10¹⁰ and the fraction below 10⁹: their product would not fit.
        var power: Int64 = 1
        for _ in 0..<parts[1].count { power *= 10 }
        let part = fraction.multipliedFullWidth(by: unit.scale)
        return scaled + power.dividingFullWidth(part).quotient
    }

    private static func digits(_ text: Substring) -> Int64? {
        text.isEmpty || text.count > 15 ? nil : Int64(text)
    }
}
