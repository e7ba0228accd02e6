// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import VestibuleBasics
import VestibuleSimulators

/// One run, whatever the scenario: the server, the loop, the accounts, and the report.
struct Runner {
    private let command: LoadTests
    private let folder: String
    private let shares: (server: [Int], generator: [Int])?

    init(_ command: LoadTests) {
        self.command = command
        folder = NSTemporaryDirectory() + "vestibule-load-\(getpid())"
        shares = Cores.share(loops: command.loops)
    }

    func run() throws(LoadFailure) -> RunReport {
        guard mkdir(folder, 0o700) == 0 else { throw .system("make \(folder)", errno) }
        defer {
            if command.keep {
                Progress.say("the server's folder and log are in \(folder)")
            } else {
                try? FileManager.default.removeItem(atPath: folder)
            }
        }
        var scenario = CallsBothWays(
            calls: command.calls,
            time: .seconds(command.seconds),
            presses: command.presses
        )
        return try play(&scenario)
    }

    private func play(_ scenario: inout some Scenario) throws(LoadFailure) -> RunReport {
        var machine = Machine()
        Progress.say("encoding the loop of picture and sound")
        let frames = try encode()
        let server = try server(for: scenario.needs)
        defer { server.stop() }
        if let shares { Cores.restrict(to: shares.generator) }
        let loop = try loop()
        let measures = Measures()
        let kit = MediaKit(loop: loop, frames: frames, measures: measures, start: loop.now)
        let progress = Progress(on: loop, measures: measures, server: server.process)
        let stage = Stage(kit: kit, server: server, progress: progress)
        let before = try server.metrics()
        defer { progress.endLine() }
        try scenario.run(on: stage)
        let after = try server.metrics()
        let history = try server.history(limit: scenario.needs.panels + 1)
        if let history, server.isOurs { scenario.check(history, measures) }
        machine.loadAfter = Machine.load
        return RunReport(
            order: order(type(of: scenario).name, frames),
            machine: machine,
            window: stage.window,
            latencies: RunReport.Latencies(measures),
            accounts: Account.all(scenario.traffic, from: before, to: after),
            framesNotSent: measures.framesNotSent,
            keyFrameRequests: measures.keyFrameRequests,
            rateHints: measures.rateHints,
            longestServerTurn: Self.longestTurn(after),
            callsInHistory: history?.count,
            faults: measures.faults,
            seconds: progress.samples
        )
    }

    private func encode() throws(LoadFailure) -> LoopFrames {
        do { return LoopFrames(try EncodedLoop()) } catch {
            throw .program("the loop could not be encoded: \(error)", log: "")
        }
    }

    private func loop() throws(LoadFailure) -> EpollLoop {
        do throws(EpollFailure) {
            return try EpollLoop(granularity: .microseconds(command.grid))
        } catch { throw .system(error.call, error.code) }
    }

    private func server(for needs: BuildingNeeds) throws(LoadFailure) -> ServerUnderTest {
        let existing = command.existing
        if let url = existing.url, let building = existing.building {
            return try ServerUnderTest(
                url: url,
                building: building,
                process: existing.pid,
                binary: binary,
                data: existing.data
            )
        }
        Progress.say("seeding and serving a building of \(needs.units) units")
        if shares == nil { Progress.say("too few cores: generator and server share them") }
        return try ServerUnderTest(
            binary: binary,
            in: folder,
            needs: needs,
            loops: command.loops,
            settings: command.settings,
            cores: shares?.server
        )
    }

    /// `vestibule`, built beside this program.
    private var binary: String {
        if let binary = command.binary { return binary }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: own ?? CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("vestibule").path
    }

    private func order(_ scenario: String, _ frames: LoopFrames) -> RunReport.Order {
        RunReport.Order(
            scenario: scenario,
            version: vestibuleVersion,
            calls: command.calls,
            seconds: command.seconds,
            loops: command.loops,
            pressesPerSecond: command.presses,
            gridMicroseconds: command.grid,
            settings: command.settings,
            media: frames.summary,
            serverCores: shares?.server,
            generatorCores: shares?.generator
        )
    }

    /// Of all loops, since the scrape before the run.
    private static func longestTurn(_ metrics: ServerMetrics) -> Int {
        Int(metrics.most("vestibule_loop_stall_seconds") * 1e6)
    }
}
