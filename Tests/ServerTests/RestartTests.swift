// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

extension ServerTests {
    /// The server stops and starts on the same folder.
    @Suite struct RestartTests {
        /// Stops and starts on the same port.
        private func restart(_ server: TestServer) async throws {
            let port = server.port
            await server.stop()
            try await server.start(port: port)
        }

        private func restarting(_ peer: Peer) async throws -> Int {
            try await peer.event("server.restarting") { event in
                if case .serverRestarting(let delay) = event { delay } else { nil }
            }
        }

        @Test(arguments: [1, 2])
        func `a stop is announced, then closes every socket`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                let idle = try await server.device(1)
                let stranger = try await server.socket()
                await server.stop()
                for peer in [talk.panel, talk.device] {
                    #expect((0...1_000).contains(try await restarting(peer)))
                    #expect(try await peer.closing() == 1012)
                }
                #expect((0...10_000).contains(try await restarting(idle)))
                #expect(try await idle.closing() == 1012)
                #expect(try await stranger.closing() == 1012)
            }
        }

        @Test(arguments: [1, 2])
        func `a call goes on after a restart`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let building = server.building
                let talk = try await server.talk()
                let unlock = ClientRequest.callUnlock(CallUnlock(call: talk.call, key: "before"))
                let request = try await talk.device.says(unlock)
                let open = try await talk.panel.opensDoor()
                #expect(try await talk.device.result(of: request).get().outcome == .opened)
                let resume = try await talk.panel.resume()
                try await restart(server)

                let back = try await server.socket()
                let welcome = try await back.hello(
                    building.token(building.panel()),
                    as: building.panel().text,
                    resume: resume
                )
                #expect(!welcome.resumed && welcome.seq == 0)
                let entry = try #require(welcome.calls.first)
                #expect(entry.offer.call == talk.call && entry.offer.handle == talk.handle)
                #expect(entry.state == .active && entry.mine)
                let phone = try await server.socket()
                let seen = try await phone.hello(
                    building.token(building.device()),
                    as: building.device().text
                )
                #expect(seen.calls.first?.mine == true)
                #expect(seen.calls.first?.offer.handle == talk.handle)
                (talk.panel, talk.device) = (back, phone)
                try await talk.panel.peerIs(present: true, in: talk.call)
                try await talk.flows()
                let again = try await talk.device.asks(unlock)
                #expect(again.command == open.command && again.outcome == .opened)
                #expect(try await talk.panel.unheardEvents().allSatisfy { !$0.isDoorOpen })
                try await talk.hangsUp()
                let record = try await server.onlyCall()
                #expect(record.outcome == .completed && record.unlocks.count == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `a call that rang rings on after a restart`(loops: Int) async throws {
            let recorder = Recorder()
            try await withServer(loops: loops, notifiers: [recorder]) { server in
                let building = server.building
                let panel = try await server.panel()
                let press = ClientRequest.callStart(unit: building.unit(), key: "press")
                let started = try await panel.asks(press)
                let resume = try await panel.resume()
                try await restart(server)
                let back = try await server.connect(building.panel(), resume: resume)
                #expect(try await back.asks(press) == started)
                let device = try await server.socket()
                let welcome = try await device.hello(
                    building.token(building.device()),
                    as: building.device().text
                )
                let offer = try #require(welcome.calls.first).offer
                #expect(offer.call == started.call && offer.handle == started.handle)
                #expect(offer.remainingMs > 9_000 && offer.remainingMs <= 30_000)
                try await device.asks(.callAnswer(offer.call))
                _ = try await back.panelState(offer.call, .active)
                let talk = Talk(
                    call: offer.call,
                    handle: offer.handle,
                    panel: back,
                    device: device
                )
                try await talk.flows()
                try await talk.hangsUp()
                #expect(try await server.onlyCall().outcome == .completed)
            }
        }

        @Test func `who does not come back after a restart is missed`() async throws {
            try await withServer(limits: { $0.call.grace = .milliseconds(500) }) { server in
                let talk = try await server.talk()
                let resume = try await talk.panel.resume()
                try await restart(server)
                let back = try await server.connect(server.building.panel(), resume: resume)
                #expect(try await back.panelState(talk.call, .ended).outcome == .dropped)
                #expect(try await server.onlyCall().outcome == .dropped)
            }
        }

        @Test func `a panel without memory after a restart has lost its call`() async throws {
            try await withServer { server in
                let talk = try await server.talk()
                try await restart(server)
                let fresh = try await server.panel()
                #expect(try await server.onlyCall().outcome == .panelLost)
                let unit = server.building.unit()
                let next = try await fresh.asks(.callStart(unit: unit, key: "next"))
                #expect(next.call != talk.call)
            }
        }

        @Test(arguments: [1, 2])
        func `the binary ends on SIGTERM, tells everybody, and starts on the same folder`(
            loops: Int
        ) async throws {
            try await withBinary(["--loops", "\(loops)"]) { house in
                let panel = try await house.connect(house.building.panel())
                let device = try await house.connect(house.building.device())
                let unit = house.building.unit()
                let talk = try await Talk.begin(panel, calls: unit, device)
                let resume = try await panel.resume()
                #expect(await house.terminate() == 0)
                for peer in [panel, device] {
                    #expect((0...1_000).contains(try await restarting(peer)))
                    #expect(try await peer.closing() == 1012)
                }
                try await house.start()
                talk.panel = try await house.connect(house.building.panel(), resume: resume)
                talk.device = try await house.connect(house.building.device())
                try await talk.panel.peerIs(present: true, in: talk.call)
                try await talk.flows()
                try await talk.hangsUp()
            }
        }
    }
}
