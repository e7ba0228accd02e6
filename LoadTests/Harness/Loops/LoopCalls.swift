// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// Calls that talk, each with its ends on different loops of the server where it has several.
///
/// A socket's loop is the kernel's choice. Clients connect one after the other, and the server's
/// own count of sockets a loop tells where each came; a device that came where its panel is
/// connects again.
struct LoopCalls: Scenario {
    let name = ScenarioName.twoLoops.rawValue
    private var calls: CallsBothWays
    private let time: Duration
    private var extraFound: Extra?

    /// Sockets tried for one device before it stays where it is.
    private static let tries = 40

    init(calls: Int, time: Duration, presses: Int) {
        self.calls = CallsBothWays(calls: calls, time: .zero, presses: presses)
        self.time = time
    }

    var needs: BuildingNeeds { calls.needs }
    var isAboutFrames: Bool { true }
    var sharesCores: Bool { true }

    /// What stands still there may be the generator that has the core.
    var mayStandStill: String? { "server and generator share the cores" }
    var sockets: Int { calls.sockets }
    var callsAtOnce: Int { calls.callsAtOnce }
    var callsMade: Int { calls.callsMade }
    var traffic: Traffic { calls.traffic }
    var extra: Extra? { extraFound }

    mutating func run(on stage: Stage) throws(LoadFailure) {
        try calls.make(on: stage)
        try connect(on: stage)
        try calls.ring(on: stage)
        let before = try stage.server.metrics()
        _ = try stage.measure("across", for: time)
        let after = try stage.server.metrics()
        try calls.end(on: stage)
        extraFound = Self.findings(before, after)
    }

    private func connect(on stage: Stage) throws(LoadFailure) {
        stage.progress.phase("connecting \(sockets) clients, each call across loops")
        var taken = Self.taken(try stage.server.metrics())
        let loops = taken.count
        for pair in calls.pairs {
            pair.connectPanel()
            let panel = try landing(\.isPanelOpen, of: pair, &taken, on: stage)
            pair.connectResident()
            var resident = try landing(\.isResidentOpen, of: pair, &taken, on: stage)
            for _ in 0..<Self.tries where loops > 1 && resident == panel {
                pair.reconnectResident()
                resident = try landing(\.isResidentOpen, of: pair, &taken, on: stage)
            }
        }
    }

    /// Waits for a client; the loop that took its socket.
    private func landing(
        _ isOpen: KeyPath<Pair, Bool>,
        of pair: Pair,
        _ taken: inout [String: Int],
        on stage: Stage
    ) throws(LoadFailure) -> String? {
        try stage.run("connecting", patience: .seconds(10), every: .milliseconds(1)) {
            pair[keyPath: isOpen]
        }
        let now = Self.taken(try stage.server.metrics())
        defer { taken = now }
        return now.first { $0.value > taken[$0.key] ?? 0 }?.key
    }

    /// WebSockets taken so far, by loop.
    private static func taken(_ metrics: ServerMetrics) -> [String: Int] {
        let family = "vestibule_loop_sockets_total"
        let loops = metrics.values(of: "loop", in: family)
        return Dictionary(
            uniqueKeysWithValues: loops.map { ($0, metrics.sum(family, ["loop": $0])) }
        )
    }

    private static func findings(_ before: ServerMetrics, _ after: ServerMetrics) -> Extra {
        func counted(_ family: String, _ labels: [String: String] = [:]) -> Double {
            Double(after.sum(family, labels) - before.sum(family, labels))
        }
        var extra = Extra()
        let frames = counted("vestibule_loop_frames_total")
        extra.add(
            "loops.across",
            "frames whose receiver is on another loop",
            frames > 0 ? counted("vestibule_loop_frames_across_total") / frames : nil,
            .share
        )
        for loop in after.values(of: "loop", in: "vestibule_loop_frames_total").sorted() {
            let share = counted("vestibule_loop_frames_total", ["loop": loop]) / max(1, frames)
            extra.add("loop.\(loop)", "frames received on loop \(loop)", share, .share)
        }
        return extra
    }

    func check(_ history: [PastCall], _ measures: Measures) { calls.check(history, measures) }
}
