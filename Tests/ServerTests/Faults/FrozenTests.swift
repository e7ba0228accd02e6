// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleStorage
import VestibuleTransport
import VestibuleWire

extension FaultTests {
    /// The server's process is stopped for a while (SIGSTOP; a suspended machine): timers do not fire
    /// in a burst, nobody is given up for the server's own silence, a ring whose time is over is not
    /// told as if it were new, and no door opens for a press of before.
    @Suite struct FrozenTests {
        @Test func `a server that was stopped goes on as if nobody had waited`() async throws {
            try await FaultRun.drawing { random in
                let loops = Int.random(in: 1...2, using: &random)
                let settings = FaultRun.isLong ? [] : Self.short
                let length = FaultRun.often(Duration.seconds(4), long: .seconds(60))
                try await withBinary(settings + ["--loops", "\(loops)"]) { house in
                    try await live(house, length)
                }
            }
        }

        private static let short = [
            "session.heartbeat=1", "session.callHeartbeat=0.3", "session.callSilence=2",
            "session.ownStall=1", "call.ring=2", "call.ringLeast=1", "door.deadline=1.5",
            "door.patience=0.5",
        ].flatMap { ["--set", "limits.\($0)"] }

        private func live(_ house: BinaryHouse, _ length: Duration) async throws {
            let building = house.building
            let book = DoorBook()
            let door: Peer = try await house.connect(
                building.panel(),
                reaction: { book.react(to: $0) }
            ).peer
            let phone = try await house.connect(building.device())
            let talk = try await Talk.begin(door, calls: building.unit(), phone)
            let gate = try await house.connect(building.panel(1))
            let rings = try await house.connect(building.device(ofUnit: 1))
            let idle = try await house.connect(building.device(ofUnit: 2))
            let press = ClientRequest.callStart(unit: building.unit(1), key: "press")
            let ringing = try #require(try await gate.asks(press).call)
            _ = try await rings.incoming()
            try await talk.flows()
            for peer in [door, phone, gate, rings, idle] {
                try await peer.asks(.ping)
                _ = try await peer.takeUnheard()
            }

            house.freeze()
            let unlock = CallUnlock(call: talk.call, key: "into the silence")
            let request = try await phone.says(.callUnlock(unlock))
            await house.clients.pass(length)
            house.thaw()

            try await theRingIsOver(ringing, house, gate, rings)
            // A door that opens so late opens for somebody else: the press is refused.
            switch try await phone.result(of: request) {
            case .success(let answer): Issue.record("the door's outcome: \(answer)")
            case .failure(let refusal): #expect(refusal.code == .notRecorded)
            }
            for peer in [door, phone, idle] {
                let told = try await peer.unheardEvents()
                #expect(told.isEmpty, "a burst: \(told)")
            }
            #expect(book.acted.isEmpty, "a door opened late")
            try await theNextPressOpens(talk, house)
            #expect(book.acted.count == 1)
            try await talk.flows()
            try await talk.hangsUp()
            let (_, page) = try await RawSocket.get("/metrics", port: house.listens)
            let metrics = Metrics(page)
            #expect(metrics["vestibule_peers_silent_total"] == 0)
            #expect(metrics["vestibule_own_stalls_total"] >= 1)
        }

        /// It ended while the server stood still; nobody is rung for it any more.
        private func theRingIsOver(
            _ call: CallID,
            _ house: BinaryHouse,
            _ panel: Peer,
            _ device: Peer
        ) async throws {
            #expect(try await panel.panelState(call, .ended).outcome == .missed)
            let state = try await device.callState(call)
            #expect(state.state == .ended && state.outcome == .missed)
            let told = try await device.unheardEvents()
            #expect(told.isEmpty, "after the end: \(told)")
            let late: (peer: Peer, welcome: Welcome) = try await house.connect(
                house.building.device(1, ofUnit: 1),
                reaction: nil
            )
            let entry = late.welcome.calls.first { $0.offer.call == call }
            #expect(entry?.state == .ended)
            #expect(try await late.peer.unheardEvents().isEmpty)
        }

        /// What is pressed a moment later is as good as ever.
        private func theNextPressOpens(_ talk: Talk, _ house: BinaryHouse) async throws {
            try await house.clients.eventually("a door opens again") {
                let unlock = CallUnlock(call: talk.call, key: talk.device.newID())
                switch try await talk.device.result(of: talk.device.says(.callUnlock(unlock))) {
                case .success(let answer):
                    #expect(answer.outcome == .opened)
                    return true
                case .failure(let refusal):
                    #expect(refusal.code == .notRecorded)
                    return false
                }
            }
        }
    }
}
