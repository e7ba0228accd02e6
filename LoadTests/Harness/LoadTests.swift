// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Glibc
import VestibuleBasics

@main
struct LoadTests: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "LoadTests/run",
        abstract:
            "Load a server with calls from outside, and say what they cost and how long it took.",
        discussion: """
            Seeds a building, serves it on a core of its own, and drives it from another over the \
            public protocol: every call sends really encoded Opus (100 B, 50/s) and VP8 (4 KB, 15/s, \
            a key frame of 30 KB every 2 s) both ways, by schedules fixed beforehand, so that what \
            is late counts as late. Progress goes to stderr, the result to stdout; its last lines \
            are the two numbers, server CPU per relayed frame and ring p99.

            Status: 0 every frame was delivered or named among the dropped; 1 something was lost \
            or wrong; 2 the generator was the bottleneck, and the figures say nothing; \
            64 wrong usage; 70 the run could not be made.

            LoadTests/README.md tells what the figures can and cannot show.
            """
    )

    @Option(help: "Calls at once.")
    var calls = 200

    @Option(help: "Length of the measured window.")
    var seconds = 60

    @Option(help: "Loop threads of the server.")
    var loops = 1

    @Option(help: "Presses a second while the calls are set up.")
    var presses = 50

    @Option(help: ArgumentHelp("Write all figures there, as JSON.", valueName: "file"))
    var json: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting of the server, such as pace=0.001.", valueName: "key=value")
    )
    var settings: [String] = []

    @Option(
        help: ArgumentHelp(
            "Frames leave at multiples of this: a larger one costs the generator less, and lets the server see more frames at once.",
            valueName: "microseconds"
        )
    )
    var grid = 100

    @Flag(help: "Leave the server's folder and log where they are.")
    var keep = false

    @OptionGroup(title: "A server that runs already")
    var existing: ExistingServer

    @Option(help: .hidden)
    var binary: String?

    func validate() throws {
        for (name, number, range) in [
            ("calls", calls, 1...10_000), ("seconds", seconds, 1...86_400),
            ("loops", loops, 1...64), ("presses", presses, 1...1_000), ("grid", grid, 1...5_000),
        ] where !range.contains(number) {
            throw ValidationError(
                "--\(name) is a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        try existing.check()
    }

    func run() throws {
        Interruption.hold()
        let report: RunReport
        do { report = try Runner(self).run() } catch {
            Progress.say("\(error)")
            if case .interrupted = error { throw ExitCode(130) }
            throw ExitCode(70)
        }
        FileHandle.standardOutput.write(Data(ReportText(report: report).text.utf8))
        if let json { try write(report, to: json) }
        switch report.verdict {
        case .passed: return
        case .failed: throw ExitCode(1)
        case .refused: throw ExitCode(2)
        }
    }

    private func write(_ report: RunReport, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(report).write(to: URL(fileURLWithPath: path))
    }
}

/// What must be told of a server that we do not start.
struct ExistingServer: ParsableArguments {
    @Option(help: "ws://ADDRESS:PORT; the address in numbers.")
    var url: String?

    @Option(
        help: ArgumentHelp(
            "What `vestibule seed --json` printed for it: as many panels and units as calls.",
            valueName: "file"
        )
    )
    var building: String?

    @Option(help: "Its process, so that its processor time can be read.")
    var pid: Int32?

    @Option(help: "Its folder, so that its history can be read.")
    var data: String?

    func check() throws {
        guard (url == nil) == (building == nil) else {
            throw ValidationError("--url and --building go together")
        }
        if url == nil, pid != nil || data != nil {
            throw ValidationError("--pid and --data describe the server of --url")
        }
    }
}
