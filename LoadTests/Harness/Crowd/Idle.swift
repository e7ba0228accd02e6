// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Thousands of devices that are connected and quiet: what each holds, and what calls cost beside
/// them.
///
/// The same calls talk for a third of the time alone, for a third beside the crowd, and for a third
/// alone again, so that a machine that drifts is not taken for a crowd that costs.
struct Idle: Scenario {
    let name = ScenarioName.idle.rawValue
    private var crowded: CrowdedCalls
    private let time: Duration
    private let isSecure: Bool
    private var extraFound: Extra?

    /// After the crowd came or went.
    private static let calm = Duration.seconds(3)

    init(calls: Int, sockets: Int, time: Duration, presses: Int, isSecure: Bool) {
        self.isSecure = isSecure
        crowded = CrowdedCalls(calls: calls, sockets: sockets, presses: presses)
        self.time = time
    }

    var needs: BuildingNeeds { crowded.needs }
    var isAboutFrames: Bool { true }
    var sockets: Int { crowded.calls.sockets + crowded.sockets }
    var callsAtOnce: Int { crowded.calls.callsAtOnce }
    var callsMade: Int { crowded.calls.callsMade }
    var traffic: Traffic { crowded.calls.traffic }
    var extra: Extra? { extraFound }

    mutating func run(on stage: Stage) throws(LoadFailure) {
        try crowded.calls.begin(on: stage)
        let alone = try stage.measure("alone", for: time / 3)
        let before = stage.server.process.flatMap { ProcessSize.resident($0) }
        let crowd = try crowded.gather(on: stage)
        try CrowdedCalls.connect(crowd, on: stage)
        try stage.run(until: stage.loop.now + Self.calm)
        let after = stage.server.process.flatMap { ProcessSize.resident($0) }
        let beside = try stage.measure("beside \(Words.count(crowd.count))", for: time / 3)
        let standing = crowd.standing
        try CrowdedCalls.dismiss(crowd, on: stage)
        try stage.run(until: stage.loop.now + Self.calm)
        let again = try stage.measure("alone again", for: time / 3)
        try crowded.calls.end(on: stage)
        if standing.open < crowd.count {
            let words = "\(crowd.count - standing.open) quiet devices did not stay"
            stage.measures.fault(.lostConnection, words)
        }
        let growth = before.flatMap { before in after.map { $0 - before } }
        extraFound = findings(crowd.count, growth, beside, [alone, again])
    }

    private func findings(
        _ devices: Int,
        _ growth: Int?,
        _ beside: Stretch,
        _ alone: [Stretch]
    ) -> Extra {
        var extra = Extra()
        let bytes = growth.map { Double($0) / Double(devices) }
        extra.add(
            "idle.bytes",
            "resident memory of a quiet connection",
            bytes,
            .size,
            atMost: isSecure ? Judgement.idleSecureBytes : Judgement.idleBytes
        )
        let costs = alone.compactMap(\.window.microsecondsPerFrame)
        let cost = beside.window.microsecondsPerFrame
        extra.add(
            "idle.ratio",
            "CPU per frame beside them, to alone",
            Judgement.ratio(cost, to: costs),
            .ratio,
            atMost: Judgement.idleRatio
        )
        extra.add("idle.devices", "quiet devices", Double(devices), .number)
        extra.add("idle.alone", "CPU per frame alone, mean of both", Judgement.mean(costs), .time)
        extra.add("idle.beside", "CPU per frame beside them", cost, .time)
        extra.notes = [
            """
            resident memory grew by \(growth.map { Words.size(Double($0)) } ?? "–") while \
            \(Words.count(devices)) devices connected (hello, session, signs of life every 15 s)
            """
        ]
        return extra
    }

    func check(_ history: [PastCall], _ measures: Measures) {
        crowded.calls.check(history, measures)
    }
}
