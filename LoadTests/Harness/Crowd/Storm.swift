// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Thousands of devices lose their connection in one instant and come back, each after the wait that
/// its own machine draws (full jitter), while the calls of others go on.
struct Storm: Scenario {
    let name = ScenarioName.storm.rawValue
    private var crowded: CrowdedCalls
    private var extraFound: Extra?

    /// Until the devices are no longer new: a connection that held so long makes their next wait a
    /// first one.
    private static let calm = Duration.seconds(6)

    /// Of survivors alone, before.
    private static let quiet = Duration.seconds(5)

    /// All devices come from one address here, which counts as a guess or a flood.
    private let room: [String]

    init(calls: Int, sockets: Int, presses: Int) {
        crowded = CrowdedCalls(calls: calls, sockets: sockets, presses: presses)
        room = [
            "limits.transport.plainPerAddress=\(sockets + 256)",
            "limits.transport.plain=\(max(4_000, sockets + 256))",
            "limits.transport.unauthenticatedPerAddress=\(sockets + 64)",
            "limits.transport.unauthenticated=\(max(2_000, sockets + 64))",
        ]
    }

    var needs: BuildingNeeds { crowded.needs }
    var settings: [String] { room }
    var isAboutFrames: Bool { true }
    var mayStandStill: String? { "a storm is judged by storm.audio" }
    var sockets: Int { crowded.calls.sockets + crowded.sockets }
    var callsAtOnce: Int { crowded.calls.callsAtOnce }
    var callsMade: Int { crowded.calls.callsMade }
    var traffic: Traffic { crowded.calls.traffic }
    var extra: Extra? { extraFound }

    mutating func run(on stage: Stage) throws(LoadFailure) {
        let crowd = try crowded.gather(on: stage)
        try CrowdedCalls.connect(crowd, on: stage)
        try crowded.calls.begin(on: stage)
        try stage.run(until: stage.loop.now + Self.calm)
        let before = try stage.measure("before the storm", for: Self.quiet)
        let storm = try blow(crowd, on: stage)
        let standing = crowd.standing
        try CrowdedCalls.dismiss(crowd, on: stage)
        try crowded.calls.end(on: stage)
        if standing.resumed < crowd.count {
            let count = crowd.count - standing.resumed
            stage.measures.fault(.lostConnection, "\(count) devices did not resume their session")
        }
        findings(standing, before, storm, crowd.count)
    }

    /// All are dropped; until all are back.
    private func blow(_ crowd: Crowd, on stage: Stage) throws(LoadFailure) -> Stretch {
        stage.progress.phase("\(Words.count(crowd.count)) connections are reset")
        stage.openWindow()
        crowd.tell(.drop)
        try stage.run("dropping", patience: .seconds(10)) {
            crowd.standing.open < crowd.count
        }
        try CrowdedCalls.waitForAll(of: crowd, "coming back", patience: .seconds(120), on: stage)
        return try stage.closeStretch("in the storm", bound: Int(Judgement.stormAudio))
    }

    private mutating func findings(
        _ standing: Crowd.Standing,
        _ before: Stretch,
        _ storm: Stretch,
        _ devices: Int
    ) {
        var extra = Extra()
        extra.add(
            "storm.back",
            "until the last of \(Words.count(devices)) was back",
            Double((standing.lastWelcome - standing.droppedAt).nanoseconds) / 1_000,
            .time,
            atMost: Judgement.stormBack
        )
        extra.add(
            "storm.audio",
            "survivors' audio p99 meanwhile",
            storm.audio.count == 0 ? nil : Double(storm.audio.p99),
            .time,
            atMost: Judgement.stormAudio
        )
        extra.add("storm.before", "the same before", Double(before.audio.p99), .time)
        extra.add("storm.most", "survivors' worst audio frame", Double(storm.audio.max), .time)
        extra.add(
            "storm.resumed",
            "devices that resumed their session",
            Double(standing.resumed) / Double(max(1, devices)),
            .share
        )
        extra.notes = [
            "all from one address, so its limits were raised: " + room.joined(separator: " ")
        ]
        extraFound = extra
    }

    func check(_ history: [PastCall], _ measures: Measures) {
        crowded.calls.check(history, measures)
    }
}
