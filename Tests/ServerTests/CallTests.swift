// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

extension ServerTests {
    /// A call from button to door over real sockets.
    @Suite struct CallTests {
        private let doorMedia = MediaAbilities(maxWidth: 640, maxHeight: 480, screen: false)
        private let phoneMedia = MediaAbilities(maxWidth: 1280, screen: true, microphone: true)

        @Test(arguments: [1, 2])
        func `the welcome holds what a client needs`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let building = server.building
                let panel = try await server.socket()
                let id = building.panel()
                let door = try await panel.hello(building.token(id), as: id.text)
                #expect(door.role == .panel && door.seq == 0 && !door.resumed)
                #expect(door.heartbeat == 15 && door.limits == WelcomeLimits(SessionLimits()))
                #expect(door.panel?.id == building.rows.panels[0].id)
                #expect(door.panel?.doors.map(\.id) == building.doors())
                #expect(door.panel?.timeZone == "Europe/Berlin" && door.panel?.ringTimeout == 30)
                let device = try await server.socket()
                let other = building.device()
                let phone = try await device.hello(building.token(other), as: other.text)
                #expect(phone.role == .resident && phone.panel == nil && phone.calls.isEmpty)
                #expect(phone.session != door.session)
            }
        }

        @Test(arguments: [1, 2])
        func `a call rings everywhere, is answered once, opens a door and ends`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops) { server in
                let building = server.building
                let panel = try await server.connect(building.panel(), media: doorMedia)
                var devices: [Peer] = []
                for device in building.devices() {
                    devices.append(try await server.connect(.device(device), media: phoneMedia))
                }
                let call = try await rings(panel, devices, server)
                _ = try await panel.panelState(call, .ringing)
                try await devices[0].asks(.callRinging(call))
                _ = try await panel.panelState(call, .ringing)

                let handle = try #require(try await devices[1].asks(.callAnswer(call)).handle)
                try await isTold(call, answeredBy: 1, panel, devices, building)
                let talk = Talk(call: call, handle: handle, panel: panel, device: devices[1])
                try await talk.flows()
                try await panel.asks(.callMedia(call, MediaActivity(audio: true, video: false)))
                let activity = try await devices[1].event("call.media") { event in
                    if case .callMedia(call, let activity) = event { activity } else { nil }
                }
                #expect(activity == MediaActivity(audio: true, video: false))

                try await unlocks(call, panel, devices, building)
                try await talk.hangsUp()
                #expect(try await panel.panelState(call, .ended).outcome == .completed)
                for device in devices {
                    let state = try await device.callState(call)
                    #expect(state.state == .ended && state.outcome == .completed)
                }
                try await isInHistory(call, server)
            }
        }

        private func rings(
            _ panel: Peer,
            _ devices: [Peer],
            _ server: TestServer
        ) async throws -> CallID {
            let building = server.building
            let started = try await panel.asks(.callStart(unit: building.unit(), key: "press"))
            #expect(started.ringTimeout == 30)
            for device in devices {
                let offer = try await device.incoming()
                #expect(offer.call == started.call && offer.handle == started.handle)
                #expect(offer.panel.id == building.rows.panels[0].id)
                #expect(offer.unit == building.unit())
                #expect(offer.property == building.rows.properties[0].id)
                #expect((1...30_000).contains(offer.remainingMs))
                #expect(offer.startedAt < offer.expiresAt)
                #expect(offer.doors.map(\.id) == building.doors())
            }
            return try #require(started.call)
        }

        private func isTold(
            _ call: CallID,
            answeredBy number: Int,
            _ panel: Peer,
            _ devices: [Peer],
            _ building: TestBuilding
        ) async throws {
            let who = AnsweredBy(
                resident: building.residents()[number / 2],
                device: building.devices()[number]
            )
            let active = try await panel.panelState(call, .active)
            #expect(active.answeredBy == who && active.media == phoneMedia)
            for (index, device) in devices.enumerated() {
                let state = try await device.callState(call)
                #expect(state.state == .active && state.answeredBy == who)
                if index == number {
                    #expect(state.you == .talking && state.reason == nil)
                    #expect(state.media == doorMedia)
                } else {
                    #expect(state.you == .out && state.reason == .answeredElsewhere)
                    let refusal = try await device.isRefused(.callAnswer(call))
                    #expect(refusal.code == .alreadyAnswered && refusal.answeredBy == who)
                }
            }
        }

        /// The second device talks.
        private func unlocks(
            _ call: CallID,
            _ panel: Peer,
            _ devices: [Peer],
            _ building: TestBuilding
        ) async throws {
            let request = try await devices[1].says(
                .callUnlock(CallUnlock(call: call, key: "open"))
            )
            let open = try await panel.opensDoor()
            #expect(open.door == building.doors()[0] && open.seconds == 5 && open.notAfterMs > 0)
            let answer = try await devices[1].result(of: request).get()
            #expect(answer.command == open.command && answer.outcome == .opened)
            for device in devices {
                let opened = try await device.doorOpened()
                #expect(opened.command == open.command && opened.outcome == .opened)
                #expect(opened.door == open.door && opened.via == .call && opened.call == call)
                #expect(opened.by.kind == .resident && opened.by.id == building.residents()[0].text)
            }
        }

        private func isInHistory(_ call: CallID, _ server: TestServer) async throws {
            let record = try await server.onlyCall()
            #expect(record.id == call && record.outcome == .completed)
            #expect(record.panel.name == "Main entrance" && record.unit.name == "1A")
            #expect(record.answeredBy?.device == server.building.devices()[1])
            #expect(record.unlocks.map(\.outcome) == [.opened])
            let metrics = try await server.metrics()
            #expect(metrics["vestibule_calls_ended_total{outcome=\"completed\"}"] == 1)
            #expect(metrics["vestibule_doors_opened_total"] == 1)
            #expect(metrics["vestibule_rings_total"] == 4)
            #expect(metrics["vestibule_calls_live"] == 0)
            #expect(metrics["vestibule_told_unrecorded_total"] == 0)
        }

        @Test(arguments: [1, 2])
        func `of fifty devices that answer at once exactly one talks`(loops: Int) async throws {
            let shape = BuildingShape(
                units: 1,
                residentsPerUnit: 25,
                devicesPerResident: 2,
                panels: 1
            )
            try await withServer(loops: loops, TestBuilding(shape)) { server in
                let panel = try await server.panel()
                var devices: [Peer] = []
                for number in 0..<50 { devices.append(try await server.device(number)) }
                let unit = server.building.unit()
                let started = try await panel.asks(.callStart(unit: unit, key: "press"))
                let call = try #require(started.call)
                for device in devices { _ = try await device.incoming() }
                let results = try await withThrowingTaskGroup { group in
                    for device in devices {
                        group.addTask {
                            try await device.result(of: device.says(.callAnswer(call)))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let winner = try await panel.panelState(call, .active).answeredBy
                var talking = 0
                for result in results {
                    switch result {
                    case .success(let answer):
                        talking += 1
                        #expect(answer.handle == started.handle)
                    case .failure(let refusal):
                        #expect(refusal.code == .alreadyAnswered && refusal.answeredBy == winner)
                    }
                }
                #expect(talking == 1 && winner != nil)
            }
        }

        @Test(arguments: [1, 2])
        func `a device that connects while it rings draws its screen from the welcome`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops) { server in
                let building = server.building
                let panel = try await server.panel()
                let started = try await panel.asks(.callStart(unit: building.unit(), key: "press"))
                let call = try #require(started.call)
                let late = try await server.socket()
                let id = building.device(3)
                let welcome = try await late.hello(building.token(id), as: id.text)
                let entry = try #require(welcome.calls.first)
                #expect(entry.offer.call == call && entry.state == .ringing)
                #expect(entry.you == .ringing && !entry.mine)
                try await late.asks(.callAnswer(call))
                try await late.asks(.callHangup(call))
                let later = try await server.socket()
                let other = building.device(2)
                let stone = try await later.hello(building.token(other), as: other.text)
                    .calls.first
                #expect(stone?.state == .ended && stone?.outcome == .completed)
                #expect(stone?.you == .out && stone?.offer.call == call)
                #expect(try await late.isRefused(.callAnswer(call)).code == .callEnded)
            }
        }

        @Test(arguments: [1, 2])
        func `who talks already is busy for another panel, the others are not`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                let other = try await server.device(2)
                let garage = try await server.panel(1)
                let unit = server.building.unit()
                let started = try await garage.asks(.callStart(unit: unit, key: "press"))
                let call = try #require(started.call)
                #expect(call != talk.call && started.handle != talk.handle)
                #expect(try await talk.device.incoming().call == call)
                #expect(try await talk.device.isRefused(.callAnswer(call)).code == .busy)
                try await other.asks(.callAnswer(call))
                _ = try await garage.panelState(call, .active)
                let second = Talk(
                    call: call,
                    handle: started.handle ?? 0,
                    panel: garage,
                    device: other
                )
                try await second.flows()
                try await talk.flows()
            }
        }

        @Test(arguments: [1, 2])
        func `the longest allowed call is announced and ends`(loops: Int) async throws {
            let short: (inout Limits) -> Void = {
                $0.call.duration = .milliseconds(900)
                $0.call.warning = .milliseconds(500)
            }
            try await withServer(loops: loops, limits: short) { server in
                let talk = try await server.talk()
                for peer in [talk.panel, talk.device] {
                    let left = try await peer.event("call.ending") { event in
                        if case .callEnding(talk.call, let left) = event { left } else { nil }
                    }
                    #expect((1...500).contains(left))
                }
                #expect(try await talk.panel.panelState(talk.call, .ended).outcome == .limit)
                #expect(try await server.onlyCall().outcome == .limit)
            }
        }

        @Test func `a panel reads the directory and is told that it is the newest`() async throws {
            try await withServer { server in
                let panel = try await server.panel()
                let page = try #require(
                    try await panel.asks(.directoryGet(DirectoryGet())).directory
                )
                #expect(page.entries?.count == 8 && page.next == nil)
                #expect(page.entries?.first?.unit == server.building.unit())
                let again = try await panel.asks(.directoryGet(DirectoryGet(have: page.version)))
                #expect(again.directory == DirectoryPage(version: page.version, entries: nil))
            }
        }
    }
}
