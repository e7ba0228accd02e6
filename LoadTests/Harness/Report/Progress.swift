// SPDX-License-Identifier: Apache-2.0

import Glibc
package import VestibuleBasics

/// One second of a run.
struct Sample: Codable {
    /// Seconds since the first phase.
    let second: Int

    /// Whether the measured window was open.
    let isMeasured: Bool
    let calls: Int
    let framesSent: Int
    let framesArrived: Int

    /// Share of a core; nil where the server's process is not known.
    let serverCores: Double?
    let generatorCores: Double

    /// Frames of this second, in the window only.
    let audio: Percentiles
    let video: Percentiles
    let lateness: Percentiles

    /// Rings and unlocks of this second.
    let ring: Percentiles
    let unlock: Percentiles

    /// Resident memory; nil where the process is not known.
    let serverBytes: Int?
    let generatorBytes: Int?
}

/// Tells each second how it goes, and keeps it for the report.
///
/// On stderr: one line that is drawn again and again where that is a terminal, else a line every ten
/// seconds.
package final class Progress: EpollTimer {
    private(set) var samples: [Sample] = []

    /// The furthest that the loop was behind since the window was opened.
    private(set) var worstLag = Duration.zero

    private let measures: Measures
    private let server: pid_t?
    private let isTerminal: Bool
    private let start: Moment
    private var slot: Int32 = -1
    private var next: Moment
    private var isMeasured = false
    private var isLineOpen = false
    private var before: (sent: Int, arrived: Int, server: Double, own: Double)

    init(on loop: EpollLoop, measures: Measures, server: pid_t?) {
        self.measures = measures
        self.server = server
        isTerminal = isatty(STDERR_FILENO) == 1
        start = loop.now
        next = loop.now + .seconds(1)
        before = (0, 0, Self.seconds(server), Self.seconds(getpid()))
        slot = loop.add(self)
        loop.arm(slot, at: next)
    }

    /// A new phase begins.
    func phase(_ words: String) {
        endLine()
        Self.say(words)
    }

    /// A line of its own.
    package static func say(_ words: String) { write("loadtests: \(words)\n") }

    func windowOpened() {
        isMeasured = true
        worstLag = .zero
        _ = measures.takeRecent()
    }

    /// Leaves the line that is drawn again and again.
    func endLine() {
        if isLineOpen { Self.write("\n") }
        isLineOpen = false
    }

    package func due(at now: Moment, on loop: EpollLoop) {
        while next <= now { next = next + .seconds(1) }
        loop.arm(slot, at: next)
        worstLag = max(worstLag, loop.takeWorstLag())
        let sample = sample(at: now)
        samples.append(sample)
        guard sample.calls > 0 else { return }
        if isTerminal {
            Self.write("\r\u{1B}[K" + line(sample))
            isLineOpen = true
        } else if sample.second.isMultiple(of: 10) {
            Self.write(line(sample) + "\n")
        }
    }

    private func sample(at now: Moment) -> Sample {
        let serverSeconds = Self.seconds(server)
        let ownSeconds = Self.seconds(getpid())
        defer { before = (measures.framesSent, measures.framesArrived, serverSeconds, ownSeconds) }
        let recent = measures.takeRecent()
        return Sample(
            second: Int((now - start).milliseconds / 1_000),
            isMeasured: isMeasured,
            calls: measures.talking,
            framesSent: measures.framesSent - before.sent,
            framesArrived: measures.framesArrived - before.arrived,
            serverCores: server.map { _ in serverSeconds - before.server },
            generatorCores: ownSeconds - before.own,
            audio: recent.audio,
            video: recent.video,
            lateness: recent.lateness,
            ring: recent.ring,
            unlock: recent.unlock,
            serverBytes: server.flatMap(ProcessSize.resident),
            generatorBytes: ProcessSize.resident(getpid())
        )
    }

    private func line(_ sample: Sample) -> String {
        var parts = [
            Words.right("\(sample.second) s", 5),
            "\(sample.calls) calls",
            "\(Words.count(sample.framesSent)) frames/s in",
            "\(Words.count(sample.framesArrived)) out",
        ]
        if let cores = sample.serverCores { parts.append("server \(Self.percent(cores))") }
        parts.append("generator \(Self.percent(sample.generatorCores))")
        parts.append("ring p99 \(Words.time(measures.ring.percentiles.p99))")
        if sample.audio.count > 0 { parts.append("audio p99 \(Words.time(sample.audio.p99))") }
        return parts.joined(separator: "  ")
    }

    private static func percent(_ cores: Double) -> String { "\(Int((cores * 100).rounded())) %" }

    private static func seconds(_ process: pid_t?) -> Double {
        process.flatMap { ProcessorTime(of: $0) }?.seconds ?? 0
    }

    private static func write(_ text: String) {
        _ = text.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    }
}
