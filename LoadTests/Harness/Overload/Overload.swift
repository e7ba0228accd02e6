// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// Calls that talk, and beside them far more presses than the server was told to take: new calls are
/// refused `busy_server`, and the running ones do not suffer.
///
/// The server takes the running calls and a few more (`limits.call.live`). The calls are measured
/// alone for half of the time, and then for as long beside the presses.
struct Overload: Scenario {
    let name = ScenarioName.overload.rawValue
    private var running: CallsBothWays
    private let time: Duration
    private let presses: Int
    private let tally = Caller.Tally()
    private var callers: [Caller] = []
    private var extraFound: Extra?

    /// Nobody answers, and the guest goes after so long.
    private static let ring = Duration.seconds(1)

    /// Panels take turns: each is done long before the next one.
    private static let turn = 2

    /// Calls that the server takes beside the running ones: a fifth of what is pressed while one
    /// rings.
    private var room: Int { max(1, presses / 5) }

    init(calls: Int, time: Duration, presses: Int) {
        running = CallsBothWays(calls: calls, time: .zero, presses: presses)
        self.time = time
        self.presses = presses
    }

    private var pool: Int { Self.turn * presses }
    var needs: BuildingNeeds {
        BuildingNeeds(units: running.calls + pool, panels: running.calls + pool)
    }

    var settings: [String] { ["limits.call.live=\(running.calls + room)"] }
    var isAboutFrames: Bool { true }
    var sockets: Int { 2 * (running.calls + pool) }
    var callsAtOnce: Int { running.calls }
    var callsMade: Int { running.calls + tally.taken }
    var traffic: Traffic { running.traffic }
    var extra: Extra? { extraFound }

    mutating func run(on stage: Stage) throws(LoadFailure) {
        callers = try makeCallers(on: stage)
        try running.begin(on: stage)
        try connect(on: stage)
        let alone = try stage.measure("alone", for: time / 2)
        press(on: stage)
        let beside = try stage.measure("beside \(presses) presses a second", for: time / 2)
        let callers = callers
        try stage.run("giving up", patience: .seconds(10)) { callers.allSatisfy(\.isIdle) }
        for caller in callers { caller.disconnect() }
        try running.end(on: stage)
        extraFound = findings(alone, beside)
    }

    private func makeCallers(on stage: Stage) throws(LoadFailure) -> [Caller] {
        let building = stage.server.building
        let all = zip(building.panels, building.units)
        let places = Array(all.dropFirst(running.calls).prefix(pool))
        guard places.count == pool else {
            throw .usage("\(pool) panels and units are needed beside those of the running calls")
        }
        var callers: [Caller] = []
        for (panel, unit) in places {
            guard let device = unit.residents.first?.devices.first else {
                throw .usage("unit \(unit.label) of the building has no device")
            }
            callers.append(
                Caller(panel: panel, unit: unit, device: device, on: stage, tally)
            )
        }
        return callers
    }

    private func connect(on stage: Stage) throws(LoadFailure) {
        stage.progress.phase("connecting \(pool) panels that will press, and their devices")
        let callers = callers
        let pacer = Pacer(
            on: stage.loop,
            from: EpollLoop.clock(),
            every: .milliseconds(5),
            count: pool
        ) { index, _ in callers[index].connect() }
        try stage.run("connecting", patience: pacer.end - stage.loop.now + .seconds(30)) {
            callers.allSatisfy(\.isConnected)
        }
    }

    /// Sets the presses off, and with each the going of its guest.
    private func press(on stage: Stage) {
        let callers = callers
        let interval = Duration.nanoseconds(1_000_000_000 / Int64(presses))
        let start = EpollLoop.clock() + .milliseconds(10)
        let count = max(1, Int((time / 2).milliseconds) * presses / 1_000)
        _ = Pacer(on: stage.loop, from: start, every: interval, count: count) { index, due in
            callers[index % callers.count].press(due: due)
        }
        let going = start + Self.ring
        _ = Pacer(on: stage.loop, from: going, every: interval, count: count) { index, _ in
            callers[index % callers.count].giveUp()
        }
    }

    private func findings(_ alone: Stretch, _ beside: Stretch) -> Extra {
        var extra = Extra()
        extra.add(
            "overload.refused",
            "presses that were refused busy_server",
            tally.presses == 0 ? nil : Double(tally.refused) / Double(tally.presses),
            .share,
            atLeast: Judgement.overloadRefused
        )
        for (name, words, times) in [
            ("overload.answer", "press → refusal p99", tally.refusals),
            ("overload.ring", "press → ring p99 of those that were taken", tally.rings),
        ] {
            let found = Judgement.p99(times.percentiles, atMost: Judgement.ring)
            extra.add(name, words, found.value, .time, atMost: found.most)
        }
        let ratio = Judgement.others(alone: alone.audio.p99, beside: beside.audio.p99)
        extra.add(
            "overload.others",
            "running calls' audio p99 beside them, to alone",
            ratio.value,
            .ratio,
            atMost: ratio.most
        )
        extra.add("overload.presses", "presses", Double(tally.presses), .number)
        extra.add("overload.taken", "presses that rang", Double(tally.taken), .number)
        extra.notes = [
            """
            the server was told to take \(running.calls + room) calls, of which \(running.calls) \
            talked; each press that rings does so for \(Self.ring)
            """
        ]
        return extra
    }

    func check(_ history: [PastCall], _ measures: Measures) {
        let wanted = [Outcome.completed: running.calls, .cancelled: tally.taken]
        for (outcome, count) in wanted {
            let found = history.count { $0.outcome == outcome.rawValue }
            guard found != count else { continue }
            let words = "\(found) calls \(outcome.rawValue), \(count) were made"
            measures.fault(.wrongHistory, words)
        }
        guard history.count != wanted.values.reduce(0, +) else { return }
        measures.fault(.wrongHistory, "\(history.count) calls, \(callsMade) were made")
    }
}
