// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Calls with a crowd of quiet devices beside them: what `idle` and `storm` have in common.
struct CrowdedCalls {
    var calls: CallsBothWays

    /// Devices of the crowd.
    let sockets: Int
    private(set) var crowd: Crowd?

    /// Devices of a unit: fewer units are seeded sooner.
    private static let devices = 10

    init(calls: Int, sockets: Int, presses: Int) {
        self.calls = CallsBothWays(calls: calls, time: .zero, presses: presses)
        self.sockets = sockets
    }

    var needs: BuildingNeeds {
        let units = calls.calls + (sockets + Self.devices - 1) / Self.devices
        return BuildingNeeds(units: units, devices: Self.devices, panels: calls.calls)
    }

    /// The crowd, from those units that nobody calls; not connected.
    mutating func gather(on stage: Stage) throws(LoadFailure) -> Crowd {
        let units = stage.server.building.units.dropFirst(calls.calls)
        let devices = units.flatMap { $0.residents.flatMap(\.devices) }
        guard devices.count >= sockets else {
            throw .usage("\(sockets) quiet devices need as many in units that nobody calls")
        }
        let crowd = Crowd(Array(devices.prefix(sockets)), at: stage.server.address)
        stage.aside = { crowd.processorSeconds }
        self.crowd = crowd
        return crowd
    }

    /// Devices that connect in a second: no storm, and no more handshakes of TLS than a thread that
    /// gives way to the calls' gets done.
    private static func perSecond(at address: EpollAddress) -> Int {
        address.tls == nil ? 1_000 : 200
    }

    /// Connects all of the crowd, one after the other.
    static func connect(_ crowd: Crowd, on stage: Stage) throws(LoadFailure) {
        stage.progress.phase("\(Words.count(crowd.count)) quiet devices connect")
        let perSecond = perSecond(at: stage.server.address)
        crowd.tell(.connect(perSecond: perSecond))
        let patience = Duration.seconds(30 + crowd.count / perSecond * 2)
        try waitForAll(of: crowd, "connecting the quiet", patience: patience, on: stage)
    }

    /// Waits until all of the crowd is connected.
    static func waitForAll(
        of crowd: Crowd,
        _ what: String,
        patience: Duration,
        on stage: Stage
    ) throws(LoadFailure) {
        try stage.run(what, patience: patience) {
            let standing = crowd.standing
            return standing.open >= crowd.count || standing.failure != nil
        }
        if let failure = crowd.standing.failure { throw .system(failure.call, failure.code) }
    }

    /// The crowd goes.
    static func dismiss(_ crowd: Crowd, on stage: Stage) throws(LoadFailure) {
        let lost = crowd.standing.lost
        if lost > 0 { stage.measures.fault(.lostConnection, "\(lost) quiet devices'") }
        crowd.tell(.leave)
        try stage.run("leaving", patience: .seconds(60)) { crowd.standing.isOver }
        stage.measures.check(crowd.standing.noticed, of: "quiet devices")
        crowd.tell(.end)
    }
}
