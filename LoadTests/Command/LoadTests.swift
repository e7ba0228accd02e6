// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import VestibuleHarness

struct LoadTests: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "LoadTests/run",
        abstract:
            "Load a server with calls from outside, and say what they cost and how long it took.",
        discussion: """
            Seeds a building, serves it on a core of its own, and drives it from another over the \
            public protocol, by schedules fixed beforehand, so that what is late counts as late. \
            Progress goes to stderr, the result to stdout.

            calls, the scenario without a name: many calls at once, each with really encoded Opus \
            (100 B, 50/s) and VP8 (4 KB, 15/s, a key frame of 30 KB every 2 s) both ways; its last \
            lines are the two numbers, server CPU per relayed frame and ring p99. The others are \
            short calls, so many presses a second: answer-unlock (with picture and sound), \
            decline, timeout, answer-race (four devices at once), cancel-race (the guest gives up \
            while somebody answers).

            slow-reader: three slow devices (1 KB/s; 300 kbit/s; 3 s stalls) among the calls. idle: \
            --sockets quiet devices, their memory and what calls cost beside them. storm: they all \
            lose their connection at once and come back. overload: more presses than the server was \
            told to take, beside calls that talk. two-loops: calls across two loops against \
            one, in turn. soak: short calls and talks, memory and descriptors flat (--seconds 1800). \
            growth: a table of the cost per frame, 10 to 1,000 calls, 1 to 4 loops.

            What means nothing to a scenario is refused.

            Status:
              0    all went as it should, every frame arrived, every bound and assertion holds
              1    something was lost, dropped or wrong, or a bound or an assertion does not hold
              2    nothing of that, but generator or machine were too busy: the figures say nothing
              64   wrong usage
              70   the run could not be made
              130  interrupted

            LoadTests/README.md tells what the figures can and cannot show; LoadTests/compare \
            holds them against other relays.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "One of \(ScenarioName.allCases.map(\.rawValue).joined(separator: ", "))."
        )
    )
    var scenario = ScenarioName.calls

    @Option(
        help: """
            Calls at once (calls, slow-reader: 200; idle, storm, overload: 100; two-loops: 50; growth: rows up \
            to it).
            """
    )
    var calls: Int?

    @Option(help: "Quiet devices (idle, storm: 10000).")
    var sockets: Int?

    @Option(
        help: """
            Length of what is measured, in all (default: 60). In slow-reader and overload each of two windows \
            has a half of it, in idle each of three a third, in two-loops each of four runs a \
            quarter, in growth each row a twelfth (2 at least). A storm takes its time.
            """
    )
    var seconds: Int?

    @Option(help: "Loop threads of the server (default: 1; not two-loops, growth, overload).")
    var loops: Int?

    @Option(
        help: "Presses a second (default: 50); of calls that last, while they are set up."
    )
    var presses: Int?

    @Option(
        name: .customLong("assert"),
        help: ArgumentHelp(
            "Fail unless this holds, such as ring.p99<50ms, drops<=0.1% or cpu<20us.",
            valueName: "figure<bound"
        )
    )
    var assertions: [Assertion] = []

    @Option(help: ArgumentHelp("Write all figures there, as JSON.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "Write a page with plots there, one file for any browser; reads the server's /metrics every 2 s, which costs it a little.",
            valueName: "file"
        )
    )
    var html: String?

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

    @Flag(help: "Speak TLS, with a certificate made for the run.")
    var tls = false

    @Flag(help: "Leave the server's folder and log where they are.")
    var keep = false

    @OptionGroup(title: "A server that runs already")
    var existing: ExistingServer

    @Option(help: .hidden)
    var binary: String?

    func validate() throws {
        for (name, number, range) in [
            ("calls", calls ?? 1, 1...10_000), ("sockets", sockets ?? 1, 1...100_000),
            ("seconds", seconds ?? 1, 1...86_400), ("loops", loops ?? 1, 1...64),
            ("presses", presses ?? 1, 1...1_000), ("grid", grid, 1...5_000),
        ] where !range.contains(number) {
            throw ValidationError(
                "--\(name) is a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        if let complaint = scenario.complaint(about: given) { throw ValidationError(complaint) }
        if existing.url != nil, loops != nil || !settings.isEmpty {
            throw ValidationError("--loops and --set are for a server of this run, not for --url")
        }
        for (name, path) in [("json", json), ("html", html)] {
            guard let path, let complaint = RunReport.complaint(aboutWritingTo: path) else {
                continue
            }
            throw ValidationError("--\(name) \(path) cannot be written: \(complaint)")
        }
        try existing.check()
        if tls, existing.url != nil {
            throw ValidationError("--tls is for a server of this run; to another, --url wss://…")
        }
    }

    func run() throws {
        Interruption.hold()
        let report: RunReport
        do { report = try Runner(order).run() } catch {
            Progress.say("\(error)")
            if case .interrupted = error { throw ExitCode(130) }
            throw ExitCode(70)
        }
        FileHandle.standardOutput.write(Data(report.text.utf8))
        var status = report.verdict.status
        for (path, write) in [(json, report.write), (html, report.writePage)] {
            guard let path else { continue }
            do { try write(path) } catch {
                Progress.say("\(path) could not be written: \(error)")
                if status == 0 { status = 70 }
            }
        }
        if status != 0 { throw ExitCode(status) }
    }

    /// What was asked for.
    private var given: Set<RunOption> {
        let all: [(RunOption, Int?)] = [
            (.calls, calls), (.sockets, sockets), (.seconds, seconds), (.loops, loops),
            (.presses, presses),
        ]
        return Set(all.filter { $0.1 != nil }.map(\.0))
    }

    private var order: RunOrder {
        var order = RunOrder()
        order.scenario = scenario
        order.calls = calls
        order.sockets = sockets ?? order.sockets
        order.seconds = seconds ?? order.seconds
        order.loops = loops ?? order.loops
        order.presses = presses ?? order.presses
        order.grid = grid
        order.settings = settings
        order.assertions = assertions
        order.watchesMetrics = html != nil
        order.keepsFolder = keep
        order.tls = tls
        order.existing = existing.server
        order.binary = binary
        return order
    }
}

/// What must be told of a server that we do not start.
struct ExistingServer: ParsableArguments {
    @Option(help: "ws://ADDRESS:PORT, or wss:// with --authority; the address in numbers.")
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

    @Option(
        help: ArgumentHelp("Who vouches for its certificate, PEM; for wss.", valueName: "file")
    )
    var authority: String?

    func check() throws {
        guard (url == nil) == (building == nil) else {
            throw ValidationError("--url and --building go together")
        }
        if url == nil, pid != nil || data != nil || authority != nil {
            throw ValidationError("--pid, --data and --authority describe the server of --url")
        }
        if let url, url.hasPrefix("wss:") != (authority != nil) {
            throw ValidationError("wss:// and --authority go together")
        }
    }

    var server: RunningServer? {
        guard let url, let building else { return nil }
        return RunningServer(
            url: url,
            building: building,
            process: pid,
            data: data,
            authority: authority
        )
    }
}

extension ScenarioName: ExpressibleByArgument {}

extension Assertion: ExpressibleByArgument {
    /// A bad one is told as wrong usage, with what would be right.
    public init?(argument: String) {
        do { try self.init(argument) } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            return nil
        }
    }
}
