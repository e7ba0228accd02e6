// SPDX-License-Identifier: Apache-2.0

/// The figures of a run by name, for assertions: `ring.p99`, `cpu`, `drops`.
package struct Figures {
    /// What a figure counts in.
    package enum Measure: String, Codable, Equatable, Sendable {
        /// Microseconds.
        case time

        /// A plain number.
        case number

        /// 0 … 1.
        case share

        /// Bytes.
        case size

        /// One figure over another.
        case ratio

        /// A value for people.
        package func words(_ value: Double) -> String {
            switch self {
            case .time: value < 1_000 ? "\(Words.digits(value)) µs" : Words.time(Int(value))
            case .share: Words.percent(value, 3)
            case .number: Words.count(Int(value))
            case .size: Words.size(value)
            case .ratio: Words.fixed(value, 2)
            }
        }
    }

    /// The distributions, in the order of the report.
    package static let distributions = [
        "ring", "answer", "door", "unlock", "cancel", "end", "audio", "video", "lateness",
    ]
    private static let parts = ["p50", "p90", "p99", "p999", "max"]

    /// What `name` counts in; nil for what is no figure.
    package static func measure(of name: String) -> Measure? {
        switch name {
        case "cpu": return .time
        case "drops": return .share
        case "calls": return .number
        default:
            if let measure = ExtraNames.measure(of: name) { return measure }
            let words = name.split(separator: ".").map(String.init)
            guard words.count == 2, distributions.contains(words[0]) else { return nil }
            if words[1] == "count" { return .number }
            return parts.contains(words[1]) ? .time : nil
        }
    }

    private var values: [String: Double] = [:]

    package init() {}

    /// Of a distribution in which nothing was measured, only the count is a figure.
    package mutating func add(_ name: String, _ times: Percentiles) {
        values[name + ".count"] = Double(times.count)
        guard times.count > 0 else { return }
        let all = [times.p50, times.p90, times.p99, times.p999, times.max]
        for (part, time) in zip(Self.parts, all) { values["\(name).\(part)"] = Double(time) }
    }

    package subscript(name: String) -> Double? {
        get { values[name] }
        set { values[name] = newValue }
    }
}
