// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// The media of ``CallsBothWays`` through a relay that knows no calls.
///
/// As many pairs, the same frames by the same beats, checked in the same way; a relay drops nothing.
struct PairsBothWays: Scenario {
    let name = "pairs"
    let pairsAtOnce: Int
    let time: Duration

    /// Pairs that begin to talk a second, as calls are answered: their key frames do not all come
    /// at once then.
    let begins: Int

    /// The same as between the last answer of calls and their window.
    private let calm = Duration.seconds(2)
    private let drain = Duration.seconds(1)
    private var pairs: [PeerPair] = []

    init(pairs: Int, time: Duration, begins: Int) {
        pairsAtOnce = pairs
        self.time = time
        self.begins = begins
    }

    var needs: BuildingNeeds { BuildingNeeds(units: 0, panels: 0) }
    var isAboutFrames: Bool { true }
    var sockets: Int { 2 * pairsAtOnce }
    var callsAtOnce: Int { pairsAtOnce }
    var callsMade: Int { pairsAtOnce }

    var traffic: Traffic {
        var traffic = Traffic()
        for pair in pairs {
            traffic.add(pair.near.party)
            traffic.add(pair.far.party)
        }
        return traffic
    }

    mutating func run(on stage: Stage) throws(LoadFailure) {
        pairs = (0..<pairsAtOnce).map { PeerPair($0, kit: stage.kit) }
        try connect(on: stage)
        try talk(on: stage)
        for pair in pairs { pair.fallSilent() }
        try stage.run(until: stage.loop.now + drain)
        for pair in pairs { pair.disconnect() }
    }

    private func connect(on stage: Stage) throws(LoadFailure) {
        stage.progress.phase("connecting \(pairsAtOnce) pairs")
        let listener = stage.server.far
        let farEnds = listener.map { FarEnds(of: pairs, on: stage.loop, through: $0) }
        listener?.open(on: stage.loop)
        defer { listener?.close(on: stage.loop) }
        let (loop, address) = (stage.loop, stage.server.address)
        let pacer = pacer(on: loop, every: .milliseconds(5)) { pair in
            pair.connect(to: address, on: loop, isForwarded: listener != nil)
        }
        try stage.run("connecting", patience: pacer.end - stage.loop.now + .seconds(30)) {
            pairs.allSatisfy(\.isConnected)
        }
        withExtendedLifetime(farEnds) {}
    }

    private func talk(on stage: Stage) throws(LoadFailure) {
        let interval = Duration.nanoseconds(1_000_000_000 / Int64(begins))
        let measures = stage.measures
        let pacer = pacer(on: stage.loop, every: interval) { pair in
            pair.talk()
            measures.talking += 1
        }
        try stage.run(until: pacer.end + .milliseconds(1))
        stage.kit.flood?.open()
        try stage.run(until: stage.loop.now + calm)
        stage.progress.phase("measuring for \(time)")
        stage.openWindow()
        try stage.run(until: stage.loop.now + time)
        stage.closeWindow()
    }

    /// Something that each pair does in its turn.
    private func pacer(
        on loop: EpollLoop,
        every interval: Duration,
        _ action: @escaping (PeerPair) -> Void
    ) -> Pacer {
        let pairs = pairs
        let start = EpollLoop.clock() + .milliseconds(1)
        return Pacer(on: loop, from: start, every: interval, count: pairs.count) { index, _ in
            action(pairs[index])
        }
    }

    func check(_ history: [PastCall], _ measures: Measures) {}
}
