// SPDX-License-Identifier: Apache-2.0

/// What one turn of one contestant came to.
///
/// Times are microseconds.
package struct Trial: Codable, Sendable {
    package let contestant: Contestant

    /// Counted from 1.
    package let round: Int

    /// User and system time of the server's process for each relayed frame.
    package let cpu: Double

    /// Shares of a core.
    package let user: Double
    package let system: Double
    package let framesPerSecond: Double

    /// Sound, from when a frame was due to its arrival.
    package let p50: Double
    package let p99: Double

    /// Share of a core that the generator used, and its own lateness.
    package let generator: Double
    package let lateness: Double

    /// What was lost or wrong.
    package var failures: [String] = []

    /// Why the figures say nothing.
    package var refusals: [String] = []

    /// Whether its figures count.
    package var isGood: Bool { failures.isEmpty && refusals.isEmpty }

    package init(
        _ contestant: Contestant,
        round: Int,
        cpu: Double,
        user: Double = 0,
        system: Double = 0,
        framesPerSecond: Double = 0,
        p50: Double,
        p99: Double,
        generator: Double = 0,
        lateness: Double = 0
    ) {
        self.contestant = contestant
        self.round = round
        self.cpu = cpu
        self.user = user
        self.system = system
        self.framesPerSecond = framesPerSecond
        self.p50 = p50
        self.p99 = p99
        self.generator = generator
        self.lateness = lateness
    }

    /// A run of the harness as a turn; nil where it measured nothing.
    init?(_ contestant: Contestant, round: Int, _ report: RunReport) {
        guard let window = report.window else { return nil }
        let cost = window.cost
        guard cost != nil || contestant.program == .direct else { return nil }
        self.init(
            contestant,
            round: round,
            cpu: cost?.microseconds ?? 0,
            user: cost?.user ?? 0,
            system: cost?.system ?? 0,
            framesPerSecond: Double(window.framesArrived) / window.seconds,
            p50: Double(report.latencies.audio.p50),
            p99: Double(report.latencies.audio.p99),
            generator: window.generatorCores,
            lateness: Double(report.latencies.generatorLateness.p99)
        )
        let verdict = report.verdict
        failures = verdict.failures
        refusals = verdict.refusals
    }
}

/// Several values of one figure.
package struct Spread: Codable, Equatable, Sendable {
    package let least: Double

    /// The middle one, or between the two in the middle.
    package let middle: Double
    package let most: Double

    /// Of so many values.
    package let count: Int

    /// Nil for none.
    package init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let half = sorted.count / 2
        count = sorted.count
        least = first
        most = last
        middle =
            sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
    }
}
