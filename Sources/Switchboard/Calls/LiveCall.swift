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
    let panelName: String

    /// The entries of its log so far.
    var logLength: Int

    /// Groups handed to the ledger, and the newest that it answered (or that was waited for long
    /// enough).
    private(set) var handed: UInt64 = 0
    private(set) var released: UInt64 = 0

    /// What is told when the group before it is in the record, in order.
    private var waiting: [(ticket: UInt64, release: Release)] = []

    /// Groups of its log that are not in the record yet, by their tickets.
    private var unwritten: [UInt64: [LedgerEntry]] = [:]

    /// Groups that are offered for the second time.
    private var again: Set<UInt64> = []

    /// Those of them that the ledger did not take, to be offered again.
    private var refused: Set<UInt64> = []

    /// An alarm is set that offers them again.
    var isRewriteArmed = false

    /// What the quiet hours of its people hold back; see ``Board/deferMissed(_:at:)``.
    var notices: [DeferredNotice] = []

    /// The deadline for which an alarm is set.
    var armed: Moment?
    var isOver = false

    /// Rises with everything told.
    private(set) var version = 0

    /// The epoch in which each party was last seen here.
    var epochs: [Principal: UInt64] = [:]
    var abilities: [Principal: MediaAbilities] = [:]

    /// When its button was pressed; nil once its first devices were told, and after a restart.
    var pressedAt: Moment?

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

        /// When its `call.answer` came; nil for all else.
        var answeredAt: Moment?
    }

    init(
        machine: Call,
        startedAt: Timestamp,
        panelName: String,
        logLength: Int
    ) {
        self.machine = machine
        self.startedAt = startedAt
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

    // MARK: The record

    /// Takes the next ticket, for a group on its way to the ledger.
    func hand(_ group: [LedgerEntry], again isAgain: Bool = false) -> UInt64 {
        handed += 1
        unwritten[handed] = group
        if isAgain { again.insert(handed) }
        return handed
    }

    /// The ledger has the group of this ticket.
    func wrote(_ ticket: UInt64) {
        unwritten[ticket] = nil
        again.remove(ticket)
    }

    /// The ledger did not take the group of this ticket: it is wanted again, since no later entry
    /// of the call is taken before it.
    ///
    /// Where it was refused twice something in it breaks a rule: then without what is no entry of
    /// the call.
    func refused(_ ticket: UInt64, _ answer: LedgerAnswer) {
        guard var group = unwritten[ticket] else { return }
        if again.remove(ticket) != nil, answer != .backlogFull {
            group = group.filter { if case .call = $0 { true } else { false } }
        }
        unwritten[ticket] = group.isEmpty ? nil : group
        if !group.isEmpty { refused.insert(ticket) }
    }

    /// How many groups the ledger did not take.
    var refusedCount: Int { refused.count }

    /// What the ledger did not take, in order, to be handed to it once more; empty while a later
    /// group is under way, whose answer is to be waited for.
    func takeRefused() -> [LedgerEntry] {
        guard refused.count == unwritten.count else { return [] }
        let group = unwritten.keys.sorted().flatMap { unwritten[$0] ?? [] }
        unwritten = [:]
        refused = []
        return group
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
