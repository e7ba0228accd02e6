// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Short calls and talks for as long as wanted, with a look at the server's memory and descriptors
/// every few seconds: both are to be flat.
struct Soak: Scenario {
    let name = ScenarioName.soak.rawValue
    private var flows: [CallFlows]
    private let past: PastVisits
    private let time: Duration
    private let presses: Int
    private var extraFound: Extra?

    /// Talks that begin in a second.
    private static let talks = 1

    private static let interval = Duration.seconds(5)

    init(time: Duration, presses: Int) {
        let past = PastVisits()
        self.past = past
        self.time = time
        self.presses = presses
        let name = ScenarioName.soak.rawValue
        flows = [
            CallFlows(name, .answerUnlock, time: time, presses: presses, past: past),
            CallFlows(name, .talk, time: time, presses: Self.talks, past: past),
        ]
    }

    var needs: BuildingNeeds {
        let all = flows.map(\.needs)
        return BuildingNeeds(
            units: all.reduce(0) { $0 + $1.units },
            residents: all.map(\.residents).max() ?? 1,
            devices: all.map(\.devices).max() ?? 1,
            panels: all.reduce(0) { $0 + $1.panels }
        )
    }

    var sockets: Int { flows.reduce(0) { $0 + $1.sockets } }
    var callsAtOnce: Int { flows.reduce(0) { $0 + $1.callsAtOnce } }
    var callsMade: Int { past.made }
    var extra: Extra? { extraFound }

    var traffic: Traffic {
        var traffic = Traffic()
        for flow in flows { flow.add(to: &traffic) }
        return traffic
    }

    mutating func run(on stage: Stage) throws(LoadFailure) {
        var taken = 0
        for index in flows.indices {
            try flows[index].build(on: stage, from: taken)
            taken += flows[index].callsAtOnce
            try flows[index].connect(on: stage)
        }
        stage.progress.phase("\(presses) short calls and \(Self.talks) talk a second for \(time)")
        stage.openWindow()
        let sampler = Sampler(
            stage.server,
            every: min(Self.interval, time / 30),
            since: stage.kit.start
        )
        let start = stage.loop.now + .milliseconds(10)
        for index in flows.indices { flows[index].start(on: stage, at: start) }
        try stage.run(until: start + time)
        stage.closeWindow()
        sampler.stop()
        for flow in flows { try flow.settle(on: stage) }
        for flow in flows { flow.finish(on: stage) }
        extraFound = findings(sampler)
    }

    private func findings(_ sampler: Sampler) -> Extra {
        var extra = Extra()
        let samples = sampler.samples
        let memory = Flatness(samples.compactMap { $0.resident.map(Double.init) })
        let calls = Double(past.made) / 3
        let most = memory.map { Judgement.soakMemory(middle: $0.middle, calls: calls) }
        let isLong = time >= Judgement.soakLeast
        extra.add(
            "soak.memory",
            "resident memory, last third to middle",
            memory.map(\.growth),
            .share,
            atMost: isLong ? most : nil
        )
        let files = Flatness(samples.compactMap { $0.descriptors.map(Double.init) })
        extra.add(
            "soak.descriptors",
            "descriptors, last third more than middle",
            files.map { ($0.last - $0.middle).rounded() },
            .number,
            atMost: Judgement.soakDescriptors
        )
        extra.add("soak.most", "resident memory at most", memory?.most, .size)
        extra.add("soak.files", "descriptors at most", files?.most, .number)
        extra.notes = [
            """
            flat: the mean of the last third of the time is at most 5 % above that of the middle, \
            and 1 kB for each call between (a call leaves its keys for a day); the first third \
            fills what is bounded by time, such as tombstones for 5 minutes, so a run under \
            15 minutes is not judged by it
            """
        ]
        extra.add(
            sampler.series("server", plot: "Memory of the server", y: "MB") {
                $0.resident.map { Double($0) / 1e6 }
            }
        )
        extra.add(
            sampler.series("server", plot: "Descriptors", y: "open") {
                $0.descriptors.map(Double.init)
            }
        )
        return extra
    }

    func check(_ history: [PastCall], _ measures: Measures) {
        CallFlows.check(history, past, measures)
    }
}

/// Whether something that is looked at again and again grows.
package struct Flatness {
    /// Means of the middle and the last third, and the most that was seen.
    package let middle: Double
    package let last: Double
    package let most: Double

    /// Nil of fewer than six values.
    package init?(_ values: [Double]) {
        let third = values.count / 3
        guard third >= 2, let most = values.max() else { return nil }
        func mean(_ part: ArraySlice<Double>) -> Double { part.reduce(0, +) / Double(part.count) }
        middle = mean(values[third..<2 * third])
        last = mean(values[(2 * third)...])
        self.most = most
    }

    /// The last third over the middle, less one; below 0 where it shrank.
    package var growth: Double { middle == 0 ? 0 : last / middle - 1 }
}
