// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

/// A call on the board that owns it: its machine, its log's tail, and what waits to be told.
final class LiveCall {
    var machine: Call
    let startedAt: Timestamp
    let unitLabel: String
    let panelName: String

    /// The entries of its log so far.
    var logLength: Int

    /// Groups handed to the ledger, and the newest that it answered (or that was waited for long
    /// enough).
    private(set) var handed: UInt64 = 0
    private(set) var released: UInt64 = 0

    /// What is told when the group before it is in the record, in order.
    private var waiting: [(ticket: UInt64, release: Release)] = []

    /// The deadline for which an alarm is set.
    var armed: Moment?
    var isOver = false

    /// Rises with everything told.
    private(set) var version = 0

    /// The epoch in which each party was last seen here.
    var epochs: [Principal: UInt64] = [:]
    var abilities: [Principal: MediaAbilities] = [:]

    /// Who is shown the panel's picture.
    var previewing: [DeviceID] = []

    /// What a release does.
    enum Release {
        /// `length`: the log's when it was decided, so that a push says its place even if it is
        /// released late.
        case effect(CallEffect, Requester?, length: Int)
        case reply(Ask, Reply)
        case told(ServerEvent, Principal)
        case entry(Arrival, Glimpse)
    }

    /// The call as somebody sees it at one moment.
    ///
    /// Taken when they arrive, not when it is told:
    /// by then the call may be further than its record.
    enum Glimpse {
        case panel(PanelView)
        case device(CallView)

        /// It never concerned them.
        case nothing
    }

    /// Whose request led to an effect.
    struct Requester {
        let principal: Principal
        let request: String
        var hasHandle = false

        /// The key of a `call.start`.
        var key: String?
    }

    init(
        machine: Call,
        startedAt: Timestamp,
        unitLabel: String,
        panelName: String,
        logLength: Int
    ) {
        self.machine = machine
        self.startedAt = startedAt
        self.unitLabel = unitLabel
        self.panelName = panelName
        self.logLength = logLength
    }

    var id: CallID { machine.plan.call }
    var panel: Principal { .panel(machine.plan.panel) }

    /// Numbers the parties of the call for the relay: the panel is 0, devices follow in the order of
    /// the plan.
    func party(of principal: Principal) -> UInt32 {
        guard case .device(let device) = principal else { return 0 }
        let devices = machine.plan.groups.joined().flatMap(\.devices)
        return UInt32((devices.firstIndex(of: device) ?? devices.count) + 1)
    }

    /// Everybody this call was offered to, and its panel.
    var concerned: [Principal] {
        [panel] + machine.plan.groups.joined().flatMap(\.devices).map { .device($0) }
    }

    func nextVersion() -> Int {
        version += 1
        return version
    }

    func nextTicket() -> UInt64 {
        handed += 1
        return handed
    }

    /// Keeps a release until the newest group handed over is in the record; false where nothing is
    /// under way, and the caller does it at once.
    func hold(_ release: Release) -> Bool {
        guard released < handed else { return false }
        waiting.append((handed, release))
        return true
    }

    /// The ledger answered this group, or it was late.
    func release(_ ticket: UInt64) -> [Release] {
        guard ticket > released else { return [] }
        released = ticket
        let count = waiting.prefix { $0.ticket <= ticket }.count
        defer { waiting.removeFirst(count) }
        return waiting.prefix(count).map(\.release)
    }
}

/// The ring time of a property within the server's bounds.
enum CallTimesReading {
    static func ring(
        of property: DirectorySnapshot.Property,
        limits: CallLimits
    ) -> Duration {
        let times = CallTimes(
            limits: limits,
            ring: property.ringTimeout.map { .seconds($0) }
        )
        return .milliseconds(times.ring)
    }
}
