// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// Short calls, so many presses a second, whether those before are over or not.
///
/// Panels take turns; there are half as many again as the plot needs, so that one which is still
/// busy when its turn comes again was kept waiting by the server, and that is a fault.
struct CallFlows: Scenario {
    let name: String
    private let plot: Plot
    private let arrivals: Int
    private let interval: Duration
    private let time: Duration
    private let pool: Int
    private let past: PastVisits
    private var households: [Household] = []
    private let presses: Int
    private(set) var extra: Extra?

    /// `presses` a second for `time`; the name is that of a plot.
    init(_ name: ScenarioName, time: Duration, presses: Int) {
        guard let plot = Plot(name) else {
            preconditionFailure("Runner plays scenarios without a plot itself")
        }
        self.init(name.rawValue, plot, time: time, presses: presses, past: PastVisits())
    }

    /// A plot played by itself or, with a `past` in common, beside others.
    init(_ name: String, _ plot: Plot, time: Duration, presses: Int, past: PastVisits) {
        self.name = name
        self.plot = plot
        self.past = past
        self.time = time
        self.presses = presses
        interval = .nanoseconds(1_000_000_000 / Int64(presses))
        arrivals = max(1, Int(time.milliseconds) * presses / 1_000)
        let busy = Int(plot.length.milliseconds) * presses / 1_000
        pool = min(arrivals, busy * 3 / 2 + 2)
    }

    var needs: BuildingNeeds {
        BuildingNeeds(units: pool, residents: plot.residents, devices: plot.devices, panels: pool)
    }

    var settings: [String] { plot.settings }
    var sockets: Int { pool * (1 + plot.residents * plot.devices) }
    var callsAtOnce: Int { pool }
    var callsMade: Int { past.made }

    var traffic: Traffic {
        var traffic = Traffic()
        add(to: &traffic)
        return traffic
    }

    func add(to traffic: inout Traffic) {
        for household in households {
            traffic.add(household.guest)
            traffic.add(household.host)
        }
    }

    mutating func run(on stage: Stage) throws(LoadFailure) {
        try build(on: stage)
        try connect(on: stage)
        stage.progress.phase("\(name): \(arrivals) calls in \(time)")
        stage.openWindow()
        let start = stage.loop.now + .milliseconds(10)
        self.start(on: stage, at: start)
        try stage.run(until: start + time)
        stage.closeWindow()
        try settle(on: stage)
        finish(on: stage)
        guard name == ScenarioName.answerUnlock.rawValue else { return }
        var found = Extra()
        let (ring, door) = (stage.measures.ring.percentiles, stage.measures.door.percentiles)
        found.addGoals(ring: ring, door: door, presses: presses)
        extra = found
    }

    /// Sees that all visits are over, and disconnects everybody.
    func finish(on stage: Stage) {
        let measures = stage.measures
        for household in households {
            if let visit = household.visit {
                measures.fault(.overrun, "\(visit.call?.text ?? "a press") is not over")
            }
            household.disconnect()
        }
    }

    /// Makes the households of panels and units from the `first` on.
    mutating func build(on stage: Stage, from first: Int = 0) throws(LoadFailure) {
        let building = stage.server.building
        guard building.panels.count >= first + pool, building.units.count >= first + pool else {
            throw .usage("\(name) needs \(pool) panels and units in the building")
        }
        let (plot, past, measures) = (plot, past, stage.measures)
        for (panel, unit) in zip(building.panels, building.units).dropFirst(first).prefix(pool) {
            let household = try Household(
                first + households.count,
                panel: panel,
                unit: unit,
                hasMedia: plot.hasMedia,
                at: stage.server.address,
                kit: stage.kit
            )
            household.onOver = { visit in
                for (fault, words) in visit.faults(allowed: plot.outcomes) {
                    measures.fault(fault, words)
                }
                past.add(visit)
            }
            households.append(household)
        }
    }

    func connect(on stage: Stage) throws(LoadFailure) {
        stage.progress.phase("connecting \(sockets) clients")
        let households = households
        let pacer = Pacer(
            on: stage.loop,
            from: EpollLoop.clock(),
            every: .milliseconds(5),
            count: pool
        ) { index, _ in
            households[index].connect()
        }
        try stage.run("connecting", patience: pacer.end - stage.loop.now + .seconds(30)) {
            households.allSatisfy(\.isConnected)
        }
    }

    /// Sets the schedule off.
    func start(on stage: Stage, at start: Moment) {
        let (households, past, measures) = (households, past, stage.measures)
        _ = Pacer(on: stage.loop, from: start, every: interval, count: arrivals) { index, due in
            if households[index % households.count].press(index, due: due) {
                past.made += 1
            } else {
                measures.fault(.overrun, "press \(index) found its panel in a call")
            }
        }
        for (after, act) in plot.acts {
            _ = Pacer(
                on: stage.loop,
                from: start + after,
                every: interval,
                count: arrivals
            ) { index, due in
                households[index % households.count].act(act, in: index, due: due)
            }
        }
    }

    /// Waits for the visits that are not over.
    func settle(on stage: Stage) throws(LoadFailure) {
        let patience = EpollLoop.clock() + plot.length + .seconds(5)
        while stage.loop.now < patience, households.contains(where: { $0.visit != nil }) {
            try stage.run(until: stage.loop.now + .milliseconds(20))
        }
    }

    // MARK: In the end

    func check(_ history: [PastCall], _ measures: Measures) {
        Self.check(history, past, measures)
    }

    static func check(_ history: [PastCall], _ past: PastVisits, _ measures: Measures) {
        for words in past.contradictions(with: history) { measures.fault(.wrongHistory, words) }
        let opened = history.flatMap(\.unlocks).filter { $0.outcome == DoorOutcome.opened.rawValue }
        let told = measures.unlock.percentiles.count
        guard opened.count != told else { return }
        measures.fault(
            .wrongHistory,
            "\(opened.count) doors opened, residents were told \(told)"
        )
    }
}
