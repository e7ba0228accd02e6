// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// The canonical load: many calls at once, picture and sound both ways, a door opened in each.
///
/// All connect, ring one after the other, are answered, and talk for the measured window; in the
/// middle half of it each unlocks its door once. Then all fall silent, what is under way arrives,
/// and they hang up, every second one at the panel.
struct CallsBothWays: Scenario {
    let name = ScenarioName.calls.rawValue

    /// Calls at once.
    let calls: Int

    /// Length of the measured window.
    let time: Duration

    /// Presses a second while the calls are set up.
    let presses: Int

    /// Calls that open their door in the window.
    let unlocks: Int

    /// Where it is a run of its own, what it is held against.
    private(set) var extra: Extra?
    private let isWhole: Bool

    /// From a press to its answer: a person takes longer, but not differently.
    private let reaction = Duration.milliseconds(300)

    /// Between the last answer and the window: what was set up has calmed down.
    private let calm = Duration.seconds(2)

    /// For what is under way when the parties fall silent; the server keeps nothing for so long.
    private let drain = Duration.seconds(1)

    private(set) var pairs: [Pair] = []

    init(calls: Int, time: Duration, presses: Int, unlocks: Int? = nil) {
        self.calls = calls
        // A part of something else, as of a comparison, opens as many doors as it is told to.
        isWhole = unlocks == nil && time > .zero
        self.unlocks = unlocks ?? calls
        self.time = time
        self.presses = presses
    }

    var needs: BuildingNeeds { BuildingNeeds(units: calls, panels: calls) }

    var isAboutFrames: Bool { true }
    var sockets: Int { 2 * calls }
    var callsAtOnce: Int { calls }
    var callsMade: Int { calls }

    var traffic: Traffic {
        var traffic = Traffic()
        for pair in pairs {
            traffic.add(pair.guest)
            traffic.add(pair.host)
        }
        return traffic
    }

    mutating func run(on stage: Stage) throws(LoadFailure) {
        try begin(on: stage)
        try talk(on: stage)
        try end(on: stage)
        guard isWhole else { return }
        var found = Extra()
        let (ring, door) = (stage.measures.ring.percentiles, stage.measures.door.percentiles)
        // They are set up at this rate; how fast a ring is then is answer-unlock's.
        found.addGoals(ring: ring, door: door, presses: 0)
        extra = found
    }

    /// From nothing to calls that talk.
    mutating func begin(on stage: Stage) throws(LoadFailure) {
        try make(on: stage)
        try connect(on: stage)
        try ring(on: stage)
    }

    /// Makes the pairs; none is connected.
    mutating func make(on stage: Stage) throws(LoadFailure) {
        pairs = try Self.pairs(calls, on: stage)
    }

    /// From calls that talk to nothing.
    func end(on stage: Stage) throws(LoadFailure) {
        try hangUp(on: stage)
        for pair in pairs { pair.disconnect() }
    }

    private static func pairs(_ calls: Int, on stage: Stage) throws(LoadFailure) -> [Pair] {
        let building = stage.server.building
        guard building.panels.count >= calls, building.units.count >= calls else {
            throw .usage("\(calls) calls need as many panels and units in the building")
        }
        var pairs: [Pair] = []
        for (index, (panel, unit)) in zip(building.panels, building.units).prefix(calls)
            .enumerated()
        {
            guard let device = unit.residents.first?.devices.first else {
                throw .usage("unit \(unit.label) of the building has no device")
            }
            pairs.append(
                Pair(
                    index,
                    panel: panel,
                    unit: unit,
                    device: device,
                    at: stage.server.address,
                    kit: stage.kit
                )
            )
        }
        return pairs
    }

    // MARK: The phases

    private func connect(on stage: Stage) throws(LoadFailure) {
        stage.progress.phase("connecting \(2 * calls) clients")
        let pacer = pacer(on: stage, every: .milliseconds(5)) { pair, _ in pair.connect() }
        try stage.run("connecting", patience: pacer.end - stage.loop.now + .seconds(30)) {
            pairs.allSatisfy(\.isConnected)
        }
    }

    func ring(on stage: Stage) throws(LoadFailure) {
        stage.progress.phase("\(calls) calls, \(presses) presses a second")
        let interval = Duration.nanoseconds(1_000_000_000 / Int64(presses))
        let pacer = pacer(on: stage, every: interval) { pair, due in pair.press(due: due) }
        _ = self.pacer(on: stage, after: reaction, every: interval) { pair, due in
            pair.answer(due: due)
        }
        try stage.run("ringing", patience: pacer.end - stage.loop.now + .seconds(40)) {
            pairs.allSatisfy { $0.isTalking || $0.isOver }
        }
        try stage.run(until: stage.loop.now + calm)
    }

    private func talk(on stage: Stage) throws(LoadFailure) {
        if let flood = stage.kit.flood {
            flood.open()
            try stage.run(until: stage.loop.now + calm)
        }
        stage.progress.phase("measuring for \(time)")
        stage.openWindow()
        let end = stage.loop.now + time
        if stage.kit.flood == nil {
            _ = pacer(on: stage, after: time / 4, every: time / 2 / unlocks, unlocks) { pair, due in
                pair.unlock(due: due)
            }
        }
        try stage.run(until: end)
        stage.closeWindow()
    }

    private func hangUp(on stage: Stage) throws(LoadFailure) {
        stage.progress.phase("hanging up")
        for pair in pairs { pair.fallSilent() }
        try stage.run(until: stage.loop.now + drain)
        let pacer = Pacer(
            on: stage.loop,
            from: stage.loop.now,
            every: .milliseconds(10),
            count: calls
        ) { index, _ in
            pairs[index].hangUp(byResident: index.isMultiple(of: 2))
        }
        try stage.run("hanging up", patience: pacer.end - stage.loop.now + .seconds(20)) {
            pairs.allSatisfy(\.isOver)
        }
        // The residents are told in the same turn; who is not is a fault, and not a run without end.
        let end = stage.loop.now + drain
        while stage.loop.now < end, !pairs.allSatisfy(\.doesResidentKnow) {
            try stage.run(until: stage.loop.now + .milliseconds(20))
        }
    }

    /// Something that each pair does in its turn.
    private func pacer(
        on stage: Stage,
        after wait: Duration = .zero,
        every interval: Duration,
        _ count: Int? = nil,
        _ action: @escaping (Pair, Moment) -> Void
    ) -> Pacer {
        let pairs = pairs
        let start = EpollLoop.clock() + .milliseconds(1) + wait
        let count = count ?? calls
        return Pacer(on: stage.loop, from: start, every: interval, count: count) { index, due in
            action(pairs[index], due)
        }
    }

    // MARK: In the end

    func check(_ history: [PastCall], _ measures: Measures) {
        if history.count != calls {
            measures.fault(.wrongHistory, "\(history.count) calls, \(calls) were made")
        }
        for call in history where call.outcome != Outcome.completed.rawValue {
            measures.fault(.wrongHistory, "\(call.id) is \(call.outcome ?? "live")")
        }
        let opened = history.flatMap(\.unlocks).filter { $0.outcome == DoorOutcome.opened.rawValue }
        let told = measures.unlock.percentiles.count
        if opened.count != told {
            measures.fault(
                .wrongHistory,
                "\(opened.count) doors opened, residents were told \(told)"
            )
        }
    }
}
