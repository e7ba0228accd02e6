// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Prometheus text as it is put together (exposition format 0.0.4).
///
/// A family is announced once, and all its samples stand below that, in whatever order they came.
package struct MetricsPage {
    /// What a family's samples are.
    package enum Kind: String {
        /// Only grows, but for restarts.
        case counter

        /// Goes up and down.
        case gauge

        /// Buckets, a sum and a count.
        case histogram
    }

    private struct Family {
        let head: String
        var samples: [String] = []
    }

    private var families: [Family] = []
    private var places: [String: Int] = [:]

    /// An empty page.
    package init() {}

    /// The page as it is served.
    package var text: String {
        families.map { $0.head + $0.samples.joined() }.joined()
    }

    /// Adds a sample to its family; `help` counts with the first one.
    package mutating func add(
        _ kind: Kind,
        _ name: String,
        _ help: String,
        _ value: some CustomStringConvertible,
        labels: [(name: String, value: String)] = []
    ) {
        let braces = Self.braces(labels)
        families[place(kind, name, help)].samples.append("\(name)\(braces) \(value)\n")
    }

    /// Adds how long something took, in seconds.
    package mutating func add(
        _ name: String,
        _ help: String,
        _ times: LatencyHistogram,
        labels: [(name: String, value: String)] = []
    ) {
        let place = place(.histogram, name, help)
        let braces = Self.braces(labels)
        var bounds = times.cumulative.map { bound, count in
            (words: "\(Double(bound.nanoseconds) / 1e9)", count: count)
        }
        bounds.append((words: "+Inf", count: times.count))
        for (words, count) in bounds {
            let bucket = Self.braces(labels + [(name: "le", value: words)])
            families[place].samples.append("\(name)_bucket\(bucket) \(count)\n")
        }
        families[place].samples += [
            "\(name)_sum\(braces) \(Double(times.sum.nanoseconds) / 1e9)\n",
            "\(name)_count\(braces) \(times.count)\n",
        ]
    }

    private static func braces(_ labels: [(name: String, value: String)]) -> String {
        let list = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        return list.isEmpty ? "" : "{\(list.joined(separator: ","))}"
    }

    private mutating func place(_ kind: Kind, _ name: String, _ help: String) -> Int {
        if let place = places[name] { return place }
        let help = Self.escaped(help, quotes: false)
        families.append(
            Family(head: "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n")
        )
        places[name] = families.count - 1
        return families.count - 1
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.append(character)
            }
        }
        return result
    }
}

/// A number that somebody counts, and how it is told.
package struct Metric<Source>: Sendable {
    package let kind: MetricsPage.Kind
    package let name: String
    package let help: String

    /// Where it is counted; writable for those who prove that nothing is left out.
    package let path: any WritableKeyPath<Source, Int> & Sendable

    /// A counter.
    init(_ name: String, _ help: String, _ path: any WritableKeyPath<Source, Int> & Sendable) {
        self.init(.counter, name, help, path)
    }

    init(
        _ kind: MetricsPage.Kind,
        _ name: String,
        _ help: String,
        _ path: any WritableKeyPath<Source, Int> & Sendable
    ) {
        self.kind = kind
        self.name = name
        self.help = help
        self.path = path
    }
}

/// Numbers by a word, and how they are told.
package struct MetricGroup<Source>: Sendable {
    package let name: String
    package let help: String

    /// What the word is called as a label.
    package let label: String

    /// All that are known: told as 0 before the first of them, so that an increase is seen.
    package let words: [String]
    package let path: any WritableKeyPath<Source, [String: Int]> & Sendable
}

extension MetricsPage {
    /// Adds every number of a table.
    package mutating func add<Source>(
        _ table: [Metric<Source>],
        of source: Source,
        labels: [(name: String, value: String)] = []
    ) {
        for metric in table {
            let number = source[keyPath: metric.path]
            add(metric.kind, metric.name, metric.help, number, labels: labels)
        }
    }

    /// Adds every number of every group, by its word.
    package mutating func add<Source>(_ table: [MetricGroup<Source>], of source: Source) {
        for group in table {
            let known = Dictionary(uniqueKeysWithValues: group.words.map { ($0, 0) })
            let numbers = known.merging(source[keyPath: group.path]) { $1 }
            for (word, number) in numbers.sorted(by: { $0.key < $1.key }) {
                add(.counter, group.name, group.help, number, labels: [(group.label, word)])
            }
        }
    }
}
