// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import VestibuleBasics
import VestibuleSimulators

/// One run, whatever the scenario: the server, the loop, the accounts, and the report.
package struct Runner {
    private let order: RunOrder
    private let folder: String
    private let began = Date()
    private let shares: (server: [Int], generator: [Int])?

    package init(_ order: RunOrder) {
        self.order = order
        folder = NSTemporaryDirectory() + "vestibule-load-\(getpid())"
        shares = order.sharesCores ? nil : Cores.share(loops: order.loops)
    }

    /// Plays the scenario from the first socket to the last.
    package func run() throws(LoadFailure) -> RunReport {
        let play = { (part: RunOrder) throws(LoadFailure) in try Runner(part).runOnce() }
        switch order.scenario {
        case .twoLoops: return try TwoLoops(order: order).run(play)
        case .growth: return try Growth(order: order).run(play)
        default: return try runOnce()
        }
    }

    private func runOnce() throws(LoadFailure) -> RunReport {
        guard mkdir(folder, 0o700) == 0 else { throw .system("make \(folder)", errno) }
        defer {
            if order.keepsFolder {
                Progress.say("the server's folder and log are in \(folder)")
            } else {
                try? FileManager.default.removeItem(atPath: folder)
            }
        }
        if order.peer != nil || order.isDirect {
            var pairs = PairsBothWays(
                pairs: order.calls ?? 200,
                time: .seconds(order.seconds),
                begins: order.presses
            )
            return try play(&pairs)
        }
        let time = Duration.seconds(order.seconds)
        switch order.scenario {
        case .calls:
            var scenario = CallsBothWays(
                calls: order.calls ?? 200,
                time: time,
                presses: order.presses,
                unlocks: order.unlocks
            )
            return try play(&scenario)
        case .slowReader:
            var scenario = SlowReader(
                calls: order.calls ?? 200,
                time: time,
                presses: order.presses
            )
            return try play(&scenario)
        case .twoLoops, .growth:
            var scenario = LoopCalls(
                calls: order.calls ?? 50,
                time: time,
                presses: order.presses
            )
            return try play(&scenario)
        case .soak:
            var scenario = Soak(time: time, presses: order.presses)
            return try play(&scenario)
        case .idle:
            var scenario = Idle(
                calls: order.calls ?? 100,
                sockets: order.sockets,
                time: time,
                presses: order.presses,
                isSecure: order.isSecure
            )
            return try play(&scenario)
        case .overload:
            var scenario = Overload(
                calls: order.calls ?? 100,
                time: time,
                presses: order.presses
            )
            return try play(&scenario)
        case .storm:
            var scenario = Storm(
                calls: order.calls ?? 100,
                sockets: order.sockets,
                presses: order.presses
            )
            return try play(&scenario)
        default:
            var scenario = CallFlows(
                order.scenario,
                time: time,
                presses: order.presses
            )
            return try play(&scenario)
        }
    }

    private func play(_ scenario: inout some Scenario) throws(LoadFailure) -> RunReport {
        let limit = Descriptors.raise()
        if let obstacle = order.obstacle(
            descriptors: limit,
            sockets: scenario.sockets,
            calls: scenario.callsAtOnce
        ) {
            throw .usage(obstacle)
        }
        var machine = Machine()
        Progress.say("encoding the loop of picture and sound")
        let frames = try encode()
        let server = try server(for: scenario)
        defer { server.stop() }
        if let shares { Cores.restrict(to: shares.generator) }
        let loop = try loop()
        let measures = Measures()
        let kit = MediaKit(
            loop: loop,
            frames: frames,
            measures: measures,
            start: loop.now,
            flood: order.flood.map(Flood.init),
            thinning: order.thinning
        )
        let progress = Progress(on: loop, measures: measures, server: server.process)
        let watch =
            order.watchesMetrics
            ? MetricsWatch(on: loop, from: server.address, start: loop.now) : nil
        let stage = Stage(kit: kit, server: server, progress: progress, watch: watch)
        let before = try server.metrics()
        // Of a server that runs already, the calls since now are the run's.
        var newest: String?
        if !server.isOurs { newest = try server.history(newest: 1)?.first?.id }
        defer { progress.endLine() }
        try scenario.run(on: stage)
        let after = try server.metrics()
        // One more than were made, so that one too many is seen.
        let history = try server.history(newest: scenario.callsMade + 1)
            .map { PastCalls.since(newest, in: $0) }
        if let history { scenario.check(history, measures) }
        machine.loadAfter = Machine.load
        let pages = watch?.pages ?? []
        var report = RunReport(
            order: summary(of: scenario, frames),
            machine: machine,
            window: stage.window,
            latencies: RunReport.Latencies(measures),
            accounts: Account.all(scenario.traffic, from: before, to: after),
            framesNotSent: measures.framesNotSent,
            keyFrameRequests: measures.keyFrameRequests,
            rateHints: measures.rateHints,
            longestServerTurn: Self.longestTurn(stage.pages + [after]),
            callsInHistory: history?.count,
            faults: measures.faults,
            seconds: progress.samples,
            allowsDrops: scenario.allowsDrops,
            isAboutFrames: scenario.isAboutFrames,
            callsMade: scenario.callsMade,
            extra: scenario.extra,
            stretches: stage.stretches,
            excused: scenario.excused,
            sharesCores: scenario.sharesCores,
            healthy: scenario.healthyTraffic.map(Account.whole) ?? [],
            mayStandStill: scenario.mayStandStill,
            assertions: order.assertions
        )
        report.series = ServerSeries.all(pages)
        report.metricsCost = watch?.meanMicroseconds
        return report
    }

    private func encode() throws(LoadFailure) -> LoopFrames {
        do { return LoopFrames(try EncodedLoop()) } catch {
            throw .program("the loop could not be encoded: \(error)", log: "")
        }
    }

    private func loop() throws(LoadFailure) -> EpollLoop {
        do throws(EpollFailure) {
            return try EpollLoop(granularity: .microseconds(order.grid))
        } catch { throw .system(error.call, error.code) }
    }

    private func server(for scenario: some Scenario) throws(LoadFailure) -> ServerUnderTest {
        if let existing = order.existing {
            return try ServerUnderTest(
                url: existing.url,
                building: existing.building,
                process: existing.process,
                binary: binary,
                data: existing.data,
                authority: existing.authority
            )
        }
        if order.isDirect { return ServerUnderTest(try .direct()) }
        let tls = try certificates()
        if let peer = order.peer {
            return ServerUnderTest(try peer.start(in: folder, cores: shares?.server, tls: tls))
        }
        let needs = scenario.needs
        Progress.say("seeding and serving a building of \(needs.units) units")
        if shares == nil { Progress.say("too few cores: generator and server share them") }
        return try ServerUnderTest(
            binary: binary,
            in: folder,
            needs: needs,
            loops: order.loops,
            settings: scenario.settings + order.settings,
            cores: shares?.server,
            tls: tls
        )
    }

    private func certificates() throws(LoadFailure) -> Certificates? {
        guard order.tls else { return nil }
        return try Certificates(by: binary, in: folder + "/certs", log: folder + "/server.log")
    }

    /// `vestibule`, built beside this program.
    private var binary: String {
        if let binary = order.binary { return binary }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: own ?? CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("vestibule").path
    }

    private func summary(of scenario: some Scenario, _ frames: LoopFrames) -> RunReport.Order {
        RunReport.Order(
            scenario: scenario.name,
            version: vestibuleVersion,
            command: Words.command(["LoadTests/run"] + CommandLine.arguments.dropFirst()),
            began: Timestamp(milliseconds: Int64(began.timeIntervalSince1970 * 1_000)).rfc3339,
            calls: scenario.callsAtOnce,
            seconds: order.seconds,
            loops: order.loops,
            pressesPerSecond: order.presses,
            gridMicroseconds: order.grid,
            settings: scenario.settings + order.settings,
            media: frames.summary,
            tls: order.isSecure,
            floodWindow: order.flood,
            serverCores: shares?.server,
            generatorCores: shares?.generator
        )
    }

    /// Of all loops, over all that read it.
    private static func longestTurn(_ pages: [ServerMetrics]) -> Int? {
        ServerMetrics.most("vestibule_loop_stall_seconds", in: pages).map { Int($0 * 1e6) }
    }
}
