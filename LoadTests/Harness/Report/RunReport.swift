// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// All that one run found, as `--json` writes it.
///
/// Times are microseconds.
package struct RunReport: Codable {
    /// What was asked for.
    struct Order: Codable {
        let scenario: String
        let version: String

        /// As it could be typed again.
        let command: String

        /// RFC 3339.
        let began: String
        let calls: Int
        let seconds: Int
        let loops: Int
        let pressesPerSecond: Int

        /// Deadlines of the generator are multiples of so many microseconds.
        let gridMicroseconds: Int

        /// Settings of the server that are not its defaults.
        let settings: [String]
        let media: LoopSummary

        let tls: Bool

        /// Frames under way from each sender of a flood; nil where media has its rhythm.
        let floodWindow: Int?

        /// Whether a length was asked for: a storm takes its time.
        var hasLength: Bool {
            ScenarioName(rawValue: scenario)?.options.contains(.seconds) ?? true
        }

        /// Nil where the system shared the cores out.
        let serverCores: [Int]?
        let generatorCores: [Int]?
    }

    struct Latencies: Codable {
        let pressToRing: Percentiles
        let answerToFirstPicture: Percentiles
        let unlockToDoor: Percentiles
        let unlockToResult: Percentiles
        let cancelToSilence: Percentiles
        let endToOthers: Percentiles
        let audio: Percentiles
        let video: Percentiles

        /// The generator's own part, from when a frame was due until the kernel had it.
        let generatorLateness: Percentiles

        init(_ measures: Measures) {
            pressToRing = measures.ring.percentiles
            answerToFirstPicture = measures.answer.percentiles
            unlockToDoor = measures.door.percentiles
            unlockToResult = measures.unlock.percentiles
            cancelToSilence = measures.cancel.percentiles
            endToOthers = measures.ended.percentiles
            audio = measures.audio.percentiles
            video = measures.video.percentiles
            generatorLateness = measures.lateness.percentiles
        }

        /// By their names in assertions.
        var named: [(name: String, times: Percentiles)] {
            [
                ("ring", pressToRing), ("answer", answerToFirstPicture), ("door", unlockToDoor),
                ("unlock", unlockToResult), ("cancel", cancelToSilence), ("end", endToOthers),
                ("audio", audio), ("video", video), ("lateness", generatorLateness),
            ]
        }
    }

    let order: Order
    let machine: Machine
    let window: Window?
    let latencies: Latencies
    let accounts: [Account]

    /// Frames that the kernel did not take from the generator.
    var framesNotSent: Int
    let keyFrameRequests: Int
    let rateHints: Int

    /// The longest turn of a loop of the server, as it says itself; nil where it does not.
    let longestServerTurn: Int?

    /// Calls in the server's history; nil where its folder is not known.
    let callsInHistory: Int?
    let faults: [FaultCount]
    let seconds: [Sample]

    /// Whether the scenario is about a server that has to drop frames.
    let allowsDrops: Bool

    /// Whether what a relayed frame costs is a figure of it.
    let isAboutFrames: Bool

    /// Calls that the scenario made.
    let callsMade: Int

    /// What the server's `/metrics` told over time; none where they were not read.
    var series: [NamedSeries] = []

    /// What a reading of them took on average, in microseconds; nil where they were not read.
    var metricsCost: Int?

    /// What the scenario found beside the figures of all.
    var extra: Extra?

    /// Windows of a scenario that has several; ``window`` and ``latencies`` are those of the last.
    var stretches: [Stretch] = []

    /// Frames of a kind that may have gone down with closed connections.
    var excused = 0

    /// Whether server and generator shared cores by intent.
    var sharesCores = false

    /// Of ``accounts`` those who must get everything although others do not.
    var healthy: [Account] = []

    /// Why sound that stood still is not held against the server; nil: it is.
    var mayStandStill: String?

    /// What the figures are held against; not written.
    var assertions: [Assertion] = []

    private enum CodingKeys: CodingKey {
        case order, machine, window, latencies, accounts, framesNotSent, keyFrameRequests
        case rateHints, longestServerTurn, callsInHistory, faults, seconds, allowsDrops,
            isAboutFrames
        case callsMade, series, metricsCost, extra, stretches, excused, sharesCores
        case healthy, mayStandStill
    }
}

extension RunReport {
    /// The figures by name.
    var figures: Figures {
        var figures = Figures()
        for (name, times) in latencies.named { figures.add(name, times) }
        if isAboutFrames { figures["cpu"] = window?.microsecondsPerFrame }
        let sent = accounts.reduce(0) { $0 + $1.sent }
        let dropped = accounts.reduce(0) { $0 + $1.droppedInAll }
        figures["drops"] = sent == 0 ? nil : Double(dropped) / Double(sent)
        figures["calls"] = Double(callsMade)
        for figure in extra?.figures ?? [] { figures[figure.name] = figure.value }
        return figures
    }

    /// How it went.
    package var verdict: Verdict {
        var evidence = Evidence()
        evidence.faults = faults
        evidence.accounts = accounts
        evidence.allowsDrops = allowsDrops
        evidence.excused = excused
        evidence.healthy = healthy
        evidence.framesNotSent = framesNotSent
        evidence.mustNots = extra?.mustNots ?? []
        let figures = figures
        evidence.unmet =
            assertions.compactMap { $0.complaint(about: figures) } + (extra?.unmet ?? [])
        guard let window, !sharesCores else { return Verdict(evidence) }
        evidence.lateness = latencies.generatorLateness.p99
        evidence.stated =
            latencies.audio.count > 0
            ? ("audio p99", latencies.audio.p99) : ("ring p99", latencies.pressToRing.p99)
        // Of several windows the one in which the generator was the latest, for what is stated.
        let worst = stretches.max {
            $0.lateness.p99 * max(1, $1.stated) < $1.lateness.p99 * max(1, $0.stated)
        }
        if let worst {
            evidence.lateness = worst.lateness.p99
            let words = worst.bound == nil ? "audio p99" : "the bound of audio p99"
            evidence.stated = ("\(words), \(worst.name)", worst.stated)
        }
        if mayStandStill == nil { evidence.sound = sound }
        let windows = [window] + stretches.map(\.window)
        // In a flood the generator is as fast as it can be.
        evidence.generatorCores =
            order.floodWindow == nil ? windows.map(\.generatorCores).max() ?? 0 : 0
        evidence.serverWaited = windows.compactMap { window in
            window.serverWaited.map { $0 / window.seconds }
        }.max()
        return Verdict(evidence)
    }

    /// The sound of each window.
    private var sound: [Evidence.Sound] {
        guard !stretches.isEmpty else {
            return [Evidence.Sound(nil, latencies.audio.count, p999: latencies.audio.p999)]
        }
        return stretches.map { Evidence.Sound($0.name, $0.audio.count, p999: $0.audio.p999) }
    }

    /// Tables, what it says, and the two numbers, for people.
    package var text: String { ReportText(report: self).text }

    /// Writes all of it there, as JSON.
    package func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(fileURLWithPath: path))
    }

    /// Why nothing could be written to `path`.
    ///
    /// Nil where it can; leaves no file behind.
    package static func complaint(aboutWritingTo path: String) -> String? {
        let isNew = access(path, F_OK) != 0
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        close(descriptor)
        if isNew { unlink(path) }
        return nil
    }
}
