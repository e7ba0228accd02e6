// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleBasics

/// What a comparison found: for people, and as JSON.
package struct ComparisonReport {
    private let order: ComparisonOrder
    private let machine: Machine
    package let comparison: Comparison

    init(_ order: ComparisonOrder, machine: Machine, _ comparison: Comparison) {
        self.order = order
        self.machine = machine
        self.comparison = comparison
    }

    /// Of turns on this machine.
    package init(_ order: ComparisonOrder, _ comparison: Comparison) {
        self.init(order, machine: Machine(), comparison)
    }

    private var goals: [Goal] { order.flood == nil ? Goal.ofCalls : Goal.ofFloods }

    /// Ours with each peer that was spoken to in the same way, and paced with unpaced.
    private var opponents: [(Contestant, Contestant)] {
        let all = comparison.contestants
        return all.filter(\.program.isOurs).flatMap { mine in
            all.filter { other in
                other.isSecure == mine.isSecure
                    && (other.program.peer != nil
                        || (mine.program == .paced && other.program == .vestibule))
            }.map { (mine, $0) }
        }
    }

    // MARK: For people

    package var text: String {
        let lines =
            [headline, ""] + figures + [""] + times + [""] + ratios + [""] + outcomes + troubles
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        let load =
            order.flood.map { "a flood of 100 B, \($0) frames under way from each sender" }
            ?? "50 Opus (100 B) and 15 VP8 (4 KB, key 30 KB every 2 s) frames/s a direction"
        let limits =
            order.flood == nil
            ? "" : "\nVestibule with " + ComparisonOrder.floodLimits.joined(separator: ", ")
        return """
            \(order.pairs) pairs, both ways: \(load); \(order.rounds) × \(order.seconds) s in turn
            \(machine.processor), \(machine.cores) cores, Linux \(machine.kernel), load \
            \(machine.loadBefore) before and \(machine.loadAfter) after\(limits)
            """
    }

    private var figures: [String] {
        let head = ["server CPU µs a frame", "frames/s", "generator"]
        return [line("", head)]
            + comparison.contestants.map { contestant in
                func cell(
                    _ figure: KeyPath<Trial, Double>,
                    _ words: (Spread) -> String
                ) -> String {
                    comparison.spread(of: contestant, figure).map(words) ?? "–"
                }
                let isAlone = contestant.program == .direct
                return line(
                    contestant.name,
                    [
                        isAlone ? "–" : cell(\.cpu) { Self.words($0, $0.middle < 10 ? 2 : 1) },
                        cell(\.framesPerSecond) { Words.count(Int($0.middle)) },
                        cell(\.generator) { Words.fixed($0.middle, 2) },
                    ]
                )
            }
    }

    /// Times, and what they are more than those without a relay.
    private var times: [String] {
        [line("time of sound", ["p50", "p99", "added p50", "added p99"])]
            + comparison.contestants.map { contestant in
                let whole = [\Trial.p50, \Trial.p99].map {
                    comparison.spread(of: contestant, $0).map { Self.time($0.middle) } ?? "–"
                }
                let added = [\Trial.p50, \Trial.p99].map {
                    comparison.added(by: contestant, $0).map { Self.time($0.middle) } ?? "–"
                }
                let isAlone = contestant.program == .direct
                return line(contestant.name, whole + (isAlone ? [] : added))
            }
    }

    private static func time(_ microseconds: Double) -> String {
        let words = Words.time(Int(abs(microseconds)))
        return microseconds < 0 ? "-" + words : words
    }

    private var ratios: [String] {
        [line("ratio", ["CPU a frame", "p50", "p99", "added p50", "added p99"])]
            + opponents.map { mine, other in
                let whole = [\Trial.cpu, \Trial.p50, \Trial.p99].map {
                    comparison.ratio(of: mine, to: other, $0)
                }
                let added = [\Trial.p50, \Trial.p99].map {
                    comparison.addedRatio(of: mine, to: other, $0)
                }
                return line(
                    "\(mine.name) : \(other.program.rawValue)",
                    (whole + added).map { $0.map { Self.words($0, 2) } ?? "–" }
                )
            }
    }

    private var outcomes: [String] {
        goals.map { goal in
            let (word, spread) = Self.parts(goal.outcome(in: comparison))
            let isTime = if case .time = goal.subject { true } else { false }
            func number(_ value: Double) -> String {
                isTime ? Words.time(Int(value)) : Words.fixed(value, 2)
            }
            let found = spread.map { ": " + Self.words($0, number) }
            return Words.left(word, 13) + goal.words + (found ?? "") + ", at most "
                + number(goal.bound)
        }
    }

    private static func parts(_ outcome: Goal.Outcome) -> (String, Spread?) {
        switch outcome {
        case .reached(let spread): ("reached", spread)
        case .missed(let spread): ("not reached", spread)
        case .notMeasured: ("not measured", nil)
        }
    }

    private var troubles: [String] {
        let lines = comparison.trials.flatMap { trial in
            let place = "\(trial.contestant.name), round \(trial.round)"
            return trial.failures.map { "FAILED (\(place)): \($0)" }
                + trial.refusals.map { "REFUSED (\(place)), its figures do not count: \($0)" }
        }
        return lines.isEmpty ? [] : [""] + lines
    }

    private static func words(_ spread: Spread, _ decimals: Int) -> String {
        words(spread) { Words.fixed($0, decimals) }
    }

    /// The middle, and how far the rounds are apart; of one there is no telling.
    private static func words(_ spread: Spread, _ number: (Double) -> String) -> String {
        let middle = number(spread.middle)
        guard spread.count > 1 else { return "\(middle) (one turn)" }
        return "\(middle) (\(number(spread.least)) … \(number(spread.most)))"
    }

    private func line(_ name: String, _ cells: [String]) -> String {
        Words.left(name, 26) + cells.map { Words.right($0, 22) }.joined()
    }
}

// MARK: - As JSON

extension ComparisonReport {
    private struct Page: Encodable {
        struct Ratio: Encodable {
            let of: String
            let to: String
            let cpu: Spread?
            let p50: Spread?
            let p99: Spread?
            let addedP50: Spread?
            let addedP99: Spread?
        }

        struct Goal: Encodable {
            let goal: String
            let bound: Double
            let outcome: String
            let found: Spread?
        }

        let version: String
        let machine: Machine
        let pairs: Int
        let rounds: Int
        let seconds: Int
        let gridMicroseconds: Int
        let floodWindow: Int?
        let settings: [String]
        let trials: [Trial]
        let ratios: [Ratio]
        let goals: [Goal]
    }

    /// Writes all of it there.
    package func write(to path: String) throws {
        let page = Page(
            version: vestibuleVersion,
            machine: machine,
            pairs: order.pairs,
            rounds: order.rounds,
            seconds: order.seconds,
            gridMicroseconds: order.grid,
            floodWindow: order.flood,
            settings: order.settings
                + (order.flood == nil ? [] : ComparisonOrder.floodLimits),
            trials: comparison.trials,
            ratios: opponents.map { mine, other in
                Page.Ratio(
                    of: mine.name,
                    to: other.name,
                    cpu: comparison.ratio(of: mine, to: other, \.cpu),
                    p50: comparison.ratio(of: mine, to: other, \.p50),
                    p99: comparison.ratio(of: mine, to: other, \.p99),
                    addedP50: comparison.addedRatio(of: mine, to: other, \.p50),
                    addedP99: comparison.addedRatio(of: mine, to: other, \.p99)
                )
            },
            goals: goals.map { goal in
                let (word, spread) = Self.parts(goal.outcome(in: comparison))
                return Page.Goal(
                    goal: goal.words,
                    bound: goal.bound,
                    outcome: word,
                    found: spread
                )
            }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(page).write(to: URL(fileURLWithPath: path))
    }
}
