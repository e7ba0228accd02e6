// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// Many healthy calls, and among them a few whose device reads too slowly: what those get, what the
/// server keeps for them, and whether the others notice.
///
/// The healthy ones are measured alone first, then beside the slow ones. Slow devices have a small
/// receive buffer, and join and settle before the second window. What the server keeps for those
/// that read is looked at before the one that stalls does so: what its kernel took of a frame when
/// it stopped cannot be taken back, and the rest waits as long as it stalls.
struct SlowReader: Scenario {
    let name = ScenarioName.slowReader.rawValue
    private var healthy: CallsBothWays
    private var slow: [SlowCall] = []
    private let time: Duration
    private var extraFound: Extra?

    /// From the first slow byte to the window: the senders have found the rate.
    private static let settling = Duration.seconds(8)

    /// A page of `/metrics` tells the most of 10 to 12 s before it.
    private static let reach = Duration.seconds(12)

    /// For what the kernels hold when all fall silent.
    private static let drain = Duration.seconds(3)

    init(calls: Int, time: Duration, presses: Int) {
        healthy = CallsBothWays(calls: calls, time: .zero, presses: presses)
        self.time = time
    }

    var needs: BuildingNeeds {
        let count = healthy.calls + Slowness.all.count
        return BuildingNeeds(units: count, panels: count)
    }

    var allowsDrops: Bool { true }
    var isAboutFrames: Bool { true }
    var sockets: Int { 2 * callsAtOnce }
    var callsAtOnce: Int { healthy.calls + Slowness.all.count }
    var callsMade: Int { callsAtOnce }
    var extra: Extra? { extraFound }

    var excused: Int { slow.reduce(0) { $0 + $1.lost } * SlowCall.framesOfAConnection }

    var healthyTraffic: Traffic? { healthy.traffic }

    var traffic: Traffic {
        var traffic = healthy.traffic
        for call in slow {
            traffic.add(call.guest)
            traffic.add(call.host)
        }
        return traffic
    }

    mutating func run(on stage: Stage) throws(LoadFailure) {
        slow = try makeSlow(on: stage)
        try healthy.begin(on: stage)
        let before = stage.server.process.flatMap { ProcessSize.resident($0) }
        let alone = try stage.measure("alone", for: time / 2)
        let page = try join(on: stage)
        let sampler = Sampler(stage.server, every: .seconds(1), since: stage.kit.start)
        for call in slow { call.open() }
        let beside = try stage.measure("beside the slow", for: time / 2)
        for call in slow { call.close() }
        sampler.finish()
        stage.keep(sampler)
        _ = try stage.scrape()
        try leave(on: stage)
        let samples = sampler.samples
        var findings = SlowFindings(calls: slow, samples: samples)
        findings.judge(alone, beside, whileAllRead: page)
        findings.memory(before)
        findings.draw(sampler)
        extraFound = findings.extra
    }

    private func makeSlow(on stage: Stage) throws(LoadFailure) -> [SlowCall] {
        stage.progress.phase("encoding a picture at several rates")
        let ladder: Ladder
        do { ladder = try Ladder() } catch {
            throw .program("the picture could not be encoded: \(error)", log: "")
        }
        let building = stage.server.building
        let pairs = Array(zip(building.panels, building.units).dropFirst(healthy.calls))
        guard pairs.count >= Slowness.all.count else {
            throw .usage("\(callsAtOnce) calls need as many panels and units in the building")
        }
        var calls: [SlowCall] = []
        for (slowness, (panel, unit)) in zip(Slowness.all, pairs) {
            guard let device = unit.residents.first?.devices.first else {
                throw .usage("unit \(unit.label) of the building has no device")
            }
            calls.append(
                SlowCall(
                    healthy.calls + calls.count,
                    slowness,
                    panel: panel,
                    unit: unit,
                    device: device,
                    at: stage.server.address,
                    ladder: ladder,
                    kit: stage.kit
                )
            )
        }
        return calls
    }

    /// All join; the page of metrics once those that always read have read slowly for a while.
    private func join(on stage: Stage) throws(LoadFailure) -> ServerMetrics {
        stage.progress.phase("\(slow.count) slow devices join")
        for call in slow { call.connect() }
        try stage.run("connecting", patience: .seconds(20)) { slow.allSatisfy(\.isConnected) }
        for call in slow { call.press() }
        try stage.run("ringing", patience: .seconds(20)) { slow.allSatisfy(\.isTalking) }
        let stalling = slow.filter { $0.slowness.stall != nil }
        for call in slow where call.slowness.stall == nil { call.becomeSlow() }
        try stage.run(until: stage.loop.now + Self.settling + Self.reach)
        let page = try stage.scrape()
        for call in stalling { call.becomeSlow() }
        return page
    }

    private func leave(on stage: Stage) throws(LoadFailure) {
        for call in slow { call.fallSilent() }
        try stage.run(until: stage.loop.now + Self.drain)
        for call in slow { call.hangUp() }
        try stage.run("hanging up", patience: .seconds(20)) {
            slow.allSatisfy { $0.outcome != nil }
        }
        for call in slow {
            if case .some(.some(let outcome)) = call.outcome, outcome != .completed {
                stage.measures.fault(
                    .wrongOutcome,
                    "\(call.slowness.name): \(outcome.rawValue)"
                )
            }
            call.disconnect()
        }
        try healthy.end(on: stage)
    }

    func check(_ history: [PastCall], _ measures: Measures) {
        if history.count != callsAtOnce {
            measures.fault(.wrongHistory, "\(history.count) calls, \(callsAtOnce) were made")
        }
        for call in history where call.outcome != Outcome.completed.rawValue {
            measures.fault(.wrongHistory, "\(call.id) is \(call.outcome ?? "live")")
        }
    }
}
