// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// What the doors' sensors say reaches the server, the newest state of each.
@Suite struct SensorTests {
    private let back = DoorID(high: 5, low: 2)

    private func states(_ bench: Bench<PanelClient>) -> [DoorState] {
        bench.sent.compactMap { sent in
            if case .doorState(_, let state) = sent.message.request { state } else { nil }
        }
    }

    @Test func `a state is told at once, and once`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.doorIs(Sample.door, .open))
        bench.ok(.doorState)
        bench.reconnect(seq: 0)
        #expect(states(bench) == [.open], "the session knows it")
    }

    @Test func `after a long time without a link the newest state is told`() {
        var bench = Bench<PanelClient>.panel()
        bench.give(.closed(socket: 1, code: nil))
        bench.order(.doorIs(Sample.door, .open))
        bench.order(.doorIs(back, .held))
        bench.order(.doorIs(Sample.door, .forced))
        bench.connectAgain(after: .seconds(600))
        bench.welcome { $0.resumed = true }
        #expect(states(bench) == [.held, .forced])
    }

    @Test func `a server that lost the session is told everything again`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.doorIs(Sample.door, .open))
        bench.ok(.doorState)
        bench.reconnect(seq: 0) {
            $0.resumed = false
            $0.session = SessionID(high: 1, low: 2)
        }
        #expect(states(bench) == [.open, .open])
    }

    @Test func `a state whose answer was lost with its socket is told again`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.doorIs(Sample.door, .open))
        bench.reconnect(seq: 0)
        #expect(states(bench) == [.open, .open])
        bench.ok(.doorState)
        bench.reconnect(seq: 0)
        #expect(states(bench) == [.open, .open])
    }

    @Test func `a busy server is told later, one that will not hear it is not`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.doorIs(Sample.door, .open))
        bench.refuse(.doorState, Refusal(.rateLimited))
        bench.pass(.seconds(2))
        #expect(states(bench) == [.open, .open])
        bench.refuse(.doorState, Refusal(.unknownDoor))
        bench.pass(.seconds(9))
        #expect(states(bench) == [.open, .open])
    }

    @Test func `an answer to an older state does not count for the newer one`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.doorIs(Sample.door, .open))
        let older = bench.last(.doorState)?.id ?? ""
        bench.order(.doorIs(Sample.door, .closed))
        bench.give(.received(.ok(re: older, .done), socket: 1))
        bench.reconnect(seq: 0)
        #expect(states(bench) == [.open, .closed, .closed])
    }

    @Test func `a state for which there was no room is told when there is`() {
        var bench = Bench<PanelClient>.panel()
        for tag in 1...64 { bench.order(.ask(.panelCode, tag: tag)) }
        bench.order(.doorIs(Sample.door, .open))
        #expect(states(bench).isEmpty)
        bench.ok(.panelCode)
        bench.pass(.seconds(2))
        #expect(states(bench) == [.open])
    }
}
