// SPDX-License-Identifier: Apache-2.0

/// All that one run found, as `--json` writes it.
///
/// Times are microseconds.
struct RunReport: Codable {
    /// What was asked for.
    struct Order: Codable {
        let scenario: String
        let version: String
        let calls: Int
        let seconds: Int
        let loops: Int
        let pressesPerSecond: Int

        /// Deadlines of the generator are multiples of so many microseconds.
        let gridMicroseconds: Int

        /// Settings of the server that are not its defaults.
        let settings: [String]
        let media: LoopSummary

        /// Nil where the system shared the cores out.
        let serverCores: [Int]?
        let generatorCores: [Int]?
    }

    struct Latencies: Codable {
        let pressToRing: Percentiles
        let answerToFirstPicture: Percentiles
        let unlockToDoor: Percentiles
        let unlockToResult: Percentiles
        let audio: Percentiles
        let video: Percentiles

        /// The generator's own part, from when a frame was due to the turn in which it left.
        let generatorLateness: Percentiles

        init(_ measures: Measures) {
            pressToRing = measures.ring.percentiles
            answerToFirstPicture = measures.answer.percentiles
            unlockToDoor = measures.door.percentiles
            unlockToResult = measures.unlock.percentiles
            audio = measures.audio.percentiles
            video = measures.video.percentiles
            generatorLateness = measures.lateness.percentiles
        }
    }

    let order: Order
    let machine: Machine
    let window: Window?
    let latencies: Latencies
    let accounts: [Account]

    /// Frames that the kernel did not take from the generator.
    let framesNotSent: Int
    let keyFrameRequests: Int
    let rateHints: Int

    /// The longest turn of a loop of the server, as it says itself.
    let longestServerTurn: Int

    /// Calls in the server's history; nil where its folder is not known.
    let callsInHistory: Int?
    let faults: [FaultCount]
    let seconds: [Sample]
    var verdict: Verdict { Verdict(self) }

    private enum CodingKeys: CodingKey {
        case order, machine, window, latencies, accounts, framesNotSent, keyFrameRequests
        case rateHints, longestServerTurn, callsInHistory, faults, seconds
    }
}

/// How a run went, in the order of what counts most.
enum Verdict: Equatable {
    /// The figures say nothing about the server.
    case refused(String)

    /// Something must-not happened, or frames are not accounted for.
    case failed([String])

    /// All is accounted for; `dropped` frames by the server, with its reasons.
    case passed(dropped: Int)

    /// Above these the generator measures itself.
    private static let mostLag = 20_000
    private static let mostCores = 0.95

    init(_ report: RunReport) {
        if let reason = Self.refusal(report) {
            self = .refused(reason)
            return
        }
        var failures = report.faults.map { "\($0.fault.rawValue) × \($0.count): \($0.first)" }
        for account in report.accounts where account.unaccounted != 0 {
            failures.append("\(account.unaccounted) \(account.flow) frames are not accounted for")
        }
        let dropped = report.accounts.reduce(0) { $0 + $1.droppedInAll }
        self = failures.isEmpty ? .passed(dropped: dropped) : .failed(failures)
    }

    private static func refusal(_ report: RunReport) -> String? {
        guard let window = report.window else { return nil }
        let lag = report.latencies.generatorLateness.p99
        if lag > mostLag { return "it was \(Words.time(lag)) late (p99)" }
        if window.generatorCores > mostCores {
            return "it used \(Words.fixed(window.generatorCores, 2)) of a core"
        }
        if report.framesNotSent > 0 {
            return "\(report.framesNotSent) frames found no room in its sockets"
        }
        return nil
    }
}
