// SPDX-License-Identifier: Apache-2.0

/// What a verdict is found on.
///
/// Times are microseconds.
package struct Evidence {
    /// Must-nots that happened.
    package var faults: [FaultCount] = []

    /// Must-nots of the parts of a run, in words.
    package var mustNots: [String] = []

    /// What became of the frames.
    package var accounts: [Account] = []

    /// Whether the scenario is about a server that has to drop frames.
    package var allowsDrops = false

    /// Of ``accounts`` those who must get everything although others do not; empty where all must.
    package var healthy: [Account] = []

    /// Frames of a kind that may have gone down with connections which were closed by intent.
    package var excused = 0

    /// Assertions that the figures do not meet, in words.
    package var unmet: [String] = []

    /// Audio frames of a window, and the p99.9 of their times.
    package struct Sound {
        let window: String?
        let count: Int
        let p999: Int

        package init(_ window: String?, _ count: Int, p999: Int) {
            self.window = window
            self.count = count
            self.p999 = p999
        }
    }

    /// The sound of each window, where nothing else judges whether something stood still.
    package var sound: [Sound] = []

    /// Frames that the kernel did not take from the generator.
    package var framesNotSent = 0

    /// The generator's own lateness, p99.
    package var lateness = 0

    /// The figure that the generator's lateness would falsify first, and its p99.
    package var stated = (name: "audio p99", p99: 0)

    /// Share of a core that the generator used in the window.
    package var generatorCores = 0.0

    /// Share of the window in which the server's threads wanted a core that others had; nil where
    /// its process is not known.
    package var serverWaited: Double?

    package init() {}
}

/// How a run went.
///
/// What must not happen fails it, however busy the machine was. A machine or a generator that was
/// too busy does not excuse that: it only takes the figures their meaning, and with it the drops
/// and the assertions, which are judged by figures that mean something.
package struct Verdict: Equatable {
    /// What was lost or wrong, each in a sentence.
    package let failures: [String]

    /// Of ``failures`` those that no busy machine excuses.
    package let mustNots: [String]

    /// Why the figures say nothing about the server.
    package let refusals: [String]

    /// Frames that the server dropped, with its reasons.
    package let dropped: Int

    /// The exit status of a run: 0 passed, 1 failed, 2 refused and nothing else.
    package var status: Int32 { !failures.isEmpty ? 1 : refusals.isEmpty ? 0 : 2 }

    /// Whether the figures mean anything.
    package var isRefused: Bool { !refusals.isEmpty }

    package init(_ evidence: Evidence) {
        let refusals = Self.refusals(evidence)
        let dropped = evidence.accounts.reduce(0) { $0 + $1.droppedInAll }
        var failures = evidence.faults.map { "\($0.fault.rawValue) × \($0.count): \($0.first)" }
        failures += evidence.mustNots
        let missing = 0...max(0, evidence.excused)
        for account in evidence.accounts where !missing.contains(account.unaccounted) {
            failures.append("\(account.unaccounted) \(account.flow) frames are not accounted for")
        }
        mustNots = failures
        if refusals.isEmpty {
            if dropped > 0, !evidence.allowsDrops {
                failures.append(
                    "the server dropped \(Words.count(dropped)) frames of a healthy generator"
                )
            }
            for account in evidence.healthy where account.unaccounted != 0 {
                failures.append(
                    "\(account.unaccounted) \(account.flow) frames of healthy calls are missing"
                )
            }
            failures += evidence.unmet
            failures += evidence.sound.compactMap(Self.standstill)
        }
        self.failures = failures
        self.refusals = refusals
        self.dropped = dropped
    }
}

// MARK: - When the figures say nothing

extension Verdict {
    /// The generator may be late by a fifth (p99) of what is stated beside it: the figure is then
    /// the server's for the most part.
    private static let lateShare = 5

    /// Below this a generator is never called late: a timer of the kernel and one turn of its loop
    /// take so long.
    private static let lateLeast = 500

    /// Above this share of a core the generator measures itself.
    private static let mostCores = 0.95

    /// Above this share of the window the server's latency and caches are those of the others.
    private static let mostWaited = 0.05

    /// A server that stands still for a fifth of a second once in a minute shows in the worst of
    /// a thousand frames; a healthy one is far below.
    private static let mostAudio = 100_000

    /// Fewer frames have no p99.9.
    private static let leastFrames = 10_000

    private static func standstill(_ sound: Evidence.Sound) -> String? {
        guard sound.count >= leastFrames, sound.p999 > mostAudio else { return nil }
        let place = sound.window.map { ", \($0)," } ?? ""
        return """
            audio p99.9\(place) is \(Words.time(sound.p999)), more than \(Words.time(mostAudio)): \
            something stood still
            """
    }

    private static func refusals(_ evidence: Evidence) -> [String] {
        var reasons: [String] = []
        let bound = max(lateLeast, evidence.stated.p99 / lateShare)
        if evidence.lateness > bound {
            reasons.append(
                """
                the generator was \(Words.time(evidence.lateness)) late (p99), more than \
                \(Words.time(bound)) (a fifth of \(evidence.stated.name), at least \
                \(Words.time(lateLeast)))
                """
            )
        }
        if evidence.generatorCores > mostCores {
            reasons.append(
                "the generator used \(Words.fixed(evidence.generatorCores, 2)) of a core"
            )
        }
        if let waited = evidence.serverWaited, waited > mostWaited {
            reasons.append(
                """
                others had the server's core for \(Words.percent(waited, 1)) of the time while it \
                wanted it, more than \(Words.percent(mostWaited, 0))
                """
            )
        }
        if evidence.framesNotSent > 0 {
            reasons.append(
                "\(Words.count(evidence.framesNotSent)) frames found no room in the sockets"
            )
        }
        return reasons
    }
}
