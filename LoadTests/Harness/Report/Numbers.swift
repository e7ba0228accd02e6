// SPDX-License-Identifier: Apache-2.0

/// The last lines of a report: what a relayed frame costs, and how long a ring takes.
///
/// A run whose figures say nothing shows neither number.
package struct Numbers {
    /// What a window says of the server's processor time; shares are those of a core.
    package struct Cost {
        let microseconds: Double
        let user: Double
        let system: Double

        package init(microseconds: Double, user: Double, system: Double) {
            self.microseconds = microseconds
            self.user = user
            self.system = system
        }
    }

    private let cost: Cost?
    private let hasMedia: Bool
    private let ring: Percentiles
    private let isRefused: Bool

    /// `cost` is nil where the server's process is not known, or nothing was relayed.
    package init(cost: Cost?, hasMedia: Bool, ring: Percentiles, isRefused: Bool) {
        self.cost = cost
        self.hasMedia = hasMedia
        self.ring = ring
        self.isRefused = isRefused
    }

    /// A number a line.
    package var lines: [String] {
        if isRefused { return ["server CPU and ring p99: withheld, the run was refused"] }
        return costs + ["ring p99: " + (ring.count == 0 ? "–" : Words.time(ring.p99))]
    }

    private var costs: [String] {
        guard hasMedia else { return [] }
        guard let cost else { return ["server CPU: not known, name its process with --pid"] }
        return [
            """
            server: \(Words.percent(cost.user + cost.system, 1)) of a core \
            (user \(Words.fixed(cost.user * 100, 1)), system \(Words.fixed(cost.system * 100, 1)))
            """,
            "server CPU: \(Words.fixed(cost.microseconds, 1)) µs per relayed frame",
        ]
    }
}
