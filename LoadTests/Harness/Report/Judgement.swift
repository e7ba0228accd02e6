// SPDX-License-Identifier: Apache-2.0

/// What the scenarios' own figures are held against, and how.
///
/// Times are microseconds, sizes bytes.
package enum Judgement {
    /// Press → ring on a connected device, p99, at ``ringPresses`` a second or more.
    package static let ring = 20_000.0
    package static let ringPresses = 100

    /// Unlock → the command at the panel, p99: audited first.
    package static let door = 10_000.0

    /// Fewer have no p99.
    package static let leastOfP99 = 100

    /// The p99 of times, and its bound where they are enough to have one.
    package static func p99(
        _ times: Percentiles,
        atMost bound: Double
    ) -> (value: Double?, most: Double?) {
        (
            times.count == 0 ? nil : Double(times.p99),
            times.count < leastOfP99 ? nil : bound
        )
    }

    /// A quiet connection over ws, and over wss.
    package static let idleBytes = 4_096.0
    package static let idleSecureBytes = 24_576.0

    /// A frame beside the quiet, to the same alone.
    package static let idleRatio = 1.3

    /// Until everybody is back.
    package static let stormBack = 10_000_000.0

    /// Survivors' audio p99 meanwhile.
    package static let stormAudio = 50_000.0

    /// Media that waits in the server for one receiver.
    package static let slowQueue = 300_000.0
    package static let slowBytes = 524_288.0

    /// What a slow receiver that reports gets.
    package static let slowAudio = 250_000.0
    package static let slowVideo = 400_000.0
    package static let slowFreeze = 2_000_000.0
    package static let slowFresh = 1_000_000.0

    /// Of the sound that is sent to it while it reads: little is left out, and latency is that of
    /// what came.
    package static let slowSound = 0.9

    /// Of presses of which a fifth has room, so many at least are refused.
    package static let overloadRefused = 0.5

    /// A frame on two loops, to the same on one.
    package static let loopsRatio = 1.25

    /// Of the frames of calls that are said to be across: a few devices may have had no luck.
    package static let loopsAcross = 0.95

    /// Descriptors more than before.
    package static let soakDescriptors = 1.0

    /// A shorter soak says nothing of memory: what is kept for five minutes is still growing.
    package static let soakLeast = Duration.seconds(900)

    /// What memory may grow by from the middle third to the last, as a share: 5 % for an allocator
    /// that never is quite still, and 1 kB for each call between, which leaves its keys for a day.
    package static func soakMemory(middle: Double, calls: Double) -> Double {
        0.05 + (middle > 0 ? calls * 1_000 / middle : 0)
    }

    /// Two windows of one run differ by so much without a reason.
    private static let othersRatio = 1.5
    private static let othersMore = 1_000.0

    /// The others' p99 beside somebody, to alone, and what it is to be at most: half as much again,
    /// or a millisecond more where that is more.
    package static func others(alone: Int, beside: Int) -> (value: Double?, most: Double) {
        guard alone > 0, beside > 0 else { return (nil, othersRatio) }
        let most = max(othersRatio, (Double(alone) + othersMore) / Double(alone))
        return (Double(beside) / Double(alone), most)
    }

    /// The worst of several; nil where one of them was not measured, or nobody was.
    package static func worst(_ values: [Double?]) -> Double? {
        let known = values.compactMap { $0 }
        return known.count == values.count ? known.max() : nil
    }

    /// The least of several; nil where one of them was not measured, or nobody was.
    package static func least(_ values: [Double?]) -> Double? {
        worst(values.map { $0.map { -$0 } }).map { -$0 }
    }

    /// The mean; nil of nothing.
    package static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// One figure to the mean of others; nil where either was not measured.
    package static func ratio(_ value: Double?, to others: [Double]) -> Double? {
        guard let value, let mean = mean(others), mean > 0 else { return nil }
        return value / mean
    }
}
