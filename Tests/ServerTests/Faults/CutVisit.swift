// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleFaultProxy
import VestibuleStorage
import VestibuleWire

/// A call from hello to its end, in one step of which a connection is cut.
struct CutVisit {
    private let household: Household
    private let cut: Cut
    private var connection = 0

    init(_ household: Household, _ cut: Cut) {
        self.household = household
        self.cut = cut
    }

    private func proxy(_ winner: Int) -> FaultProxy {
        switch cut.party {
        case 0: household.proxies[0]
        case 1: household.proxies[1 + winner]
        default: household.proxies[2 - winner]
        }
    }

    /// Whether the cut fell into its step.
    mutating func live() async throws -> Bool {
        var taken = try await arrive()
        let sessions = try await memories()

        try await prepare(.ringing)
        let call = try await household.ring()
        taken = try await finish(.ringing) || taken

        try await prepare(.answer)
        let (winner, device) = try await household.answer(call)
        taken = try await finish(.answer) || taken

        try await prepare(.talk, winner)
        try await talk(winner)
        taken = try await finish(.talk, winner) || taken

        try await prepare(.unlock, winner)
        try await unlock(call, winner)
        taken = try await finish(.unlock, winner) || taken

        try await unlockInPeace(call, winner)
        try await household.hangUp(call, winner)
        try await household.agrees(call, answeredBy: device)
        let after = try await memories()
        #expect(after == sessions, "everybody resumed the session that they had")
        return taken
    }

    /// All three connect; the cut, where it is meant here, falls on a first connection.
    private func arrive() async throws -> Bool {
        guard cut.stage == .hello else {
            try await household.connect()
            return false
        }
        let proxy = proxy(0)
        try await proxy.order("new \(cut.way) cut at \(cut.bytes) \(cut.end)")
        async let all: Void = household.connect()
        await proxy.wait { $0.accepted > 0 }
        try await proxy.order("new clear")
        try await all
        try await proxy.order("clear")
        try await household.isOnline()
        return await proxy.status.accepted > 1
    }

    private mutating func prepare(_ stage: CutStage, _ winner: Int = 0) async throws {
        guard cut.stage == stage else { return }
        let proxy = proxy(winner)
        connection = try await proxy.newest()
        try await proxy.order("conn \(connection) \(cut.way) cut after \(cut.bytes) \(cut.end)")
    }

    /// Whether the connection was cut; then everybody is back.
    private func finish(_ stage: CutStage, _ winner: Int = 0) async throws -> Bool {
        guard cut.stage == stage else { return false }
        let proxy = proxy(winner)
        _ = await proxy.obey("conn \(connection) cut off")
        let taken = await !proxy.isOpen(connection)
        if taken { await proxy.wait { [connection] in $0.accepted > connection } }
        try await household.isOnline()
        return taken
    }

    private func talk(_ winner: Int) async throws {
        guard cut.stage == .talk else { return try await household.talk(winner) }
        let (proxy, connection) = (proxy(winner), connection)
        try await household.talk(winner) { await !proxy.isOpen(connection) }
    }

    /// One press opens once at most, and whoever pressed learns what became of it.
    private func unlock(_ call: CallID, _ winner: Int) async throws {
        let (panel, phones) = try household.everybody()
        let before = panel.clicks.count
        let outcome: DoorOutcome?
        do throws(RequestFailure) { outcome = try await phones[winner].shell.unlock(call) } catch {
            guard case .refused(let refusal) = error,
                [.panelOffline, .notRecorded].contains(refusal.code)
            else { throw error }
            outcome = nil
        }
        let clicks = panel.clicks.count - before
        switch outcome {
        case .opened: #expect(clicks == 1, "told opened, clicked \(clicks) times")
        case .failed, nil: #expect(clicks == 0, "told \(String(describing: outcome)), clicked")
        case .unknown: #expect(clicks <= 1)
        }
        if cut.stage != .unlock { #expect(outcome == .opened) }
    }

    private func unlockInPeace(_ call: CallID, _ winner: Int) async throws {
        let (panel, phones) = try household.everybody()
        let before = panel.clicks.count
        #expect(try await phones[winner].shell.unlock(call) == .opened)
        #expect(panel.clicks.count == before + 1)
    }

    private func memories() async throws -> [SessionID?] {
        let (panel, phones) = try household.everybody()
        return [panel.shell.memory?.session] + phones.map { $0.shell.memory?.session }
    }
}
