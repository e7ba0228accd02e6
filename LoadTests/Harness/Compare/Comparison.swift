// SPDX-License-Identifier: Apache-2.0

/// The turns of a comparison, and what they say of one against the other.
package struct Comparison: Sendable {
    package let trials: [Trial]

    package init(_ trials: [Trial]) { self.trials = trials }

    /// A figure of a contestant over the turns that count.
    package func spread(
        of contestant: Contestant,
        _ figure: KeyPath<Trial, Double>
    ) -> Spread? {
        Spread(good(contestant).map { $0[keyPath: figure] })
    }

    /// How many times the other's figure ours is, round by round: the machine drifts, so only turns
    /// of one round are held against each other.
    package func ratio(
        of contestant: Contestant,
        to other: Contestant,
        _ figure: KeyPath<Trial, Double>
    ) -> Spread? {
        ratio(values(of: contestant, figure), to: values(of: other, figure))
    }

    /// A time of a contestant less that of the same frames without a relay, round by round.
    package func added(
        by contestant: Contestant,
        _ figure: KeyPath<Trial, Double>
    ) -> Spread? {
        Spread(values(addedBy: contestant, figure).map(\.value))
    }

    /// The same of two, as ``ratio(of:to:_:)``: what both have in common would bring them together.
    package func addedRatio(
        of contestant: Contestant,
        to other: Contestant,
        _ figure: KeyPath<Trial, Double>
    ) -> Spread? {
        ratio(values(addedBy: contestant, figure), to: values(addedBy: other, figure))
    }

    /// What a turn of this round came to.
    private typealias Value = (round: Int, value: Double)

    private func ratio(_ mine: [Value], to theirs: [Value]) -> Spread? {
        let ratios = mine.compactMap { mine -> Double? in
            guard let their = theirs.first(where: { $0.round == mine.round }), their.value > 0
            else { return nil }
            return mine.value / their.value
        }
        return Spread(ratios)
    }

    private func values(of contestant: Contestant, _ figure: KeyPath<Trial, Double>) -> [Value] {
        good(contestant).map { ($0.round, $0[keyPath: figure]) }
    }

    private func values(
        addedBy contestant: Contestant,
        _ figure: KeyPath<Trial, Double>
    ) -> [Value] {
        let without = values(of: .direct, figure)
        return values(of: contestant, figure).compactMap { value -> Value? in
            without.first { $0.round == value.round }.map { (value.round, value.value - $0.value) }
        }
    }

    private func good(_ contestant: Contestant) -> [Trial] {
        trials.filter { $0.contestant == contestant && $0.isGood }
    }

    /// Those of ``trials``, in the order of their turns.
    package var contestants: [Contestant] {
        var seen: [Contestant] = []
        for trial in trials where !seen.contains(trial.contestant) { seen.append(trial.contestant) }
        return seen
    }

    /// 0: all turns count; 1: something was lost or wrong; 2: figures are missing because the
    /// machine or the generator was too busy.
    package var status: Int32 {
        if trials.contains(where: { !$0.failures.isEmpty }) { return 1 }
        return trials.contains { !$0.isGood } ? 2 : 0
    }
}

/// A figure that we want to reach.
package struct Goal: Sendable {
    /// What is held against the bound.
    package enum Subject: Sendable {
        case ratio(Contestant, to: Contestant)

        /// Of times that are added to those without a relay.
        case addedRatio(Contestant, to: Contestant)

        /// Microseconds.
        case time(Contestant)
    }

    package enum Outcome: Equatable, Sendable {
        /// The middle of the rounds is within the bound.
        case reached(Spread)
        case missed(Spread)

        /// Somebody did not take part.
        case notMeasured
    }

    package enum Figure: String, Sendable {
        case cpu, p50, p99

        var path: KeyPath<Trial, Double> {
            switch self {
            case .cpu: \.cpu
            case .p50: \.p50
            case .p99: \.p99
            }
        }
    }

    package let words: String
    package let subject: Subject
    package let figure: Figure
    package let bound: Double

    package func outcome(in comparison: Comparison) -> Outcome {
        let spread: Spread?
        switch subject {
        case .ratio(let one, let other):
            spread = comparison.ratio(of: one, to: other, figure.path)
        case .addedRatio(let one, let other):
            spread = comparison.addedRatio(of: one, to: other, figure.path)
        case .time(let one): spread = comparison.spread(of: one, figure.path)
        }
        guard let spread else { return .notMeasured }
        return spread.middle <= bound ? .reached(spread) : .missed(spread)
    }

    private static let ws = Contestant(.vestibule)
    private static let wss = Contestant(.vestibule, isSecure: true)
    private static let paced = Contestant(.paced)
    private static let floor = Contestant(.epoll)

    /// Of the media of calls.
    package static let ofCalls = [
        Goal("CPU a frame, ws, to Beast's", .ratio(ws, to: Contestant(.beast)), .cpu, 0.95),
        Goal(
            "CPU a frame, wss, to Beast's",
            .ratio(wss, to: Contestant(.beast, isSecure: true)),
            .cpu,
            1.05
        ),
        Goal("CPU a frame, paced, to unpaced", .ratio(paced, to: ws), .cpu, 0.8),
        Goal("p99, paced", .time(paced), .p99, 3_000),
        Goal("added p50, unpaced, to raw epoll's", .addedRatio(ws, to: floor), .p50, 1.3),
        Goal("added p99, unpaced, to raw epoll's", .addedRatio(ws, to: floor), .p99, 1.3),
    ]

    /// Of a flood.
    package static let ofFloods = [
        Goal("CPU a frame, flood, ws, to Beast's", .ratio(ws, to: Contestant(.beast)), .cpu, 0.75)
    ]

    package init(_ words: String, _ subject: Subject, _ figure: Figure, _ bound: Double) {
        self.words = words
        self.subject = subject
        self.figure = figure
        self.bound = bound
    }
}
