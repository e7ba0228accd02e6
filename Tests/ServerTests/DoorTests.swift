// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleWire

extension ServerTests {
    /// Doors: permission, the panel's own result, keys.
    @Suite struct DoorTests {
        @Test(arguments: [1, 2])
        func `a tap opens a door without a call`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let (panel, device) = (try await server.panel(), try await server.device())
                let door = server.building.doors()[1]
                let request = try await device.says(.doorUnlock(door: door, key: "tap"))
                let open = try await panel.opensDoor()
                #expect(open.door == door)
                #expect(try await device.result(of: request).get().outcome == .opened)
                let opened = try await device.doorOpened()
                #expect(opened.via == .app && opened.call == nil && opened.command == open.command)
            }
        }

        @Test(arguments: [1, 2])
        func `a door that did not open is said so`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let (panel, device) = (try await server.panel(), try await server.device())
                let door = server.building.doors()[0]
                let request = try await device.says(.doorUnlock(door: door, key: "tap"))
                let open = try await panel.doorOpen()
                let result = DoorResult(command: open.command, outcome: .failed, detail: "jammed")
                try await panel.asks(.doorResult(result))
                #expect(try await device.result(of: request).get().outcome == .failed)
                let attempts = try await server.store { try await $0.doorAttempts(DoorQuery()) }
                #expect(attempts.map(\.result?.detail) == ["jammed"])
            }
        }

        @Test(arguments: [1, 2])
        func `a panel that says nothing is unknown, and its late result amends that`(
            loops: Int
        ) async throws {
            try await withServer(
                loops: loops,
                limits: {
                    $0.door.deadline = .milliseconds(300)
                    $0.door.patience = .milliseconds(200)
                }
            ) { server in
                let talk = try await server.talk()
                let unlock = CallUnlock(call: talk.call, key: "open")
                let request = try await talk.device.says(.callUnlock(unlock))
                let open = try await talk.panel.doorOpen()
                #expect(try await talk.device.result(of: request).get().outcome == .unknown)
                #expect(try await talk.device.doorOpened().outcome == .unknown)
                let result = DoorResult(command: open.command, outcome: .opened)
                try await talk.panel.asks(.doorResult(result))
                let amended = try await talk.device.doorOpened()
                #expect(amended.outcome == .opened && amended.command == open.command)
                #expect(try await talk.device.asks(.callUnlock(unlock)).outcome == .opened)
                try await talk.panel.asks(.doorResult(result))
                #expect(try await server.onlyCall().unlocks.map(\.outcome) == [.opened])
                let metrics = try await server.metrics()
                #expect(metrics["vestibule_doors_unknown_total"] == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `a refusal says which condition failed`(loops: Int) async throws {
            let building = TestBuilding { rows in
                let doors = rows.doors.filter { $0.panel == rows.panels[0].id }.map(\.id)
                rows.doorAssignments.removeAll { doors.contains($0.door) }
                for index in rows.doors.indices where rows.doors[index].position > 0 {
                    rows.doors[index].openFromCall = false
                }
            }
            try await withServer(loops: loops, building) { server in
                let talk = try await server.talk()
                let (device, call) = (talk.device, talk.call)
                let doors = building.doors()
                func code(_ request: ClientRequest) async throws -> ErrorCode {
                    try await device.isRefused(request).code
                }
                #expect(
                    try await code(.doorUnlock(door: doors[0], key: "1")) == .notPermitted
                )
                #expect(
                    try await code(.callUnlock(CallUnlock(call: call, door: doors[1], key: "2")))
                        == .notPermitted
                )
                #expect(try await code(.doorUnlock(door: .nothing, key: "3")) == .unknownDoor)
                #expect(
                    try await code(.callUnlock(CallUnlock(call: .nothing, key: "4")))
                        == .unknownCall
                )
                let elsewhere = building.doors(ofPanel: 1)[0]
                #expect(try await code(.doorUnlock(door: elsewhere, key: "5")) == .panelOffline)
                try await talk.hangsUp()
                #expect(
                    try await code(.callUnlock(CallUnlock(call: call, key: "6"))) == .callEnded
                )
                #expect(try await talk.panel.unheardEvents().allSatisfy { !$0.isDoorOpen })
                let attempts = try await server.store { try await $0.doorAttempts(DoorQuery()) }
                #expect(attempts.isEmpty)
            }
        }

        @Test(arguments: [1, 2])
        func `a replayed key opens nothing again and gets the first answer`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops) { server in
                let others = try await server.talk(panel: 1, unit: 1)
                let talk = try await server.talk()
                let (panel, device) = (talk.panel, talk.device)
                let unlock = ClientRequest.callUnlock(CallUnlock(call: talk.call, key: "once"))
                let requests = [
                    try await device.says(unlock), try await device.says(unlock),
                    try await device.says(unlock),
                ]
                let open = try await panel.opensDoor()
                for request in requests {
                    let answer = try await device.result(of: request).get()
                    #expect(answer.command == open.command && answer.outcome == .opened)
                }
                let resume = try await device.resume()
                try await device.drop()
                let again = try await server.connect(server.building.device(), resume: resume)
                #expect(try await again.asks(unlock).command == open.command)
                let stranger = try await server.connect(server.building.device())
                #expect(try await stranger.asks(unlock).command == open.command)
                #expect(try await panel.unheardEvents().allSatisfy { !$0.isDoorOpen })
                let attempts = try await server.store { try await $0.doorAttempts(DoorQuery()) }
                #expect(attempts.count == 1)
                try await others.flows()
            }
        }

        @Test(arguments: [1, 2])
        func `the same press of the button is the same call`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let panel = try await server.panel()
                let press = ClientRequest.callStart(unit: server.building.unit(), key: "press")
                let requests = [try await panel.says(press), try await panel.says(press)]
                let answers = [
                    try await panel.result(of: requests[0]).get(),
                    try await panel.result(of: requests[1]).get(),
                ]
                #expect(answers[0] == answers[1] && answers[0].call != nil)
                #expect(try await panel.asks(press, id: "other") == answers[0])
                #expect(try await panel.asks(press, id: "other") == answers[0])
                #expect(try await server.onlyCall().id == answers[0].call)
            }
        }

        @Test(arguments: [1, 2])
        func `a result of another panel's command is unknown`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                let thief = try await server.panel(1)
                let unlock = CallUnlock(call: talk.call, key: "open")
                let request = try await talk.device.says(.callUnlock(unlock))
                let open = try await talk.panel.doorOpen()
                let result = DoorResult(command: open.command, outcome: .failed)
                #expect(try await thief.isRefused(.doorResult(result)).code == .unknownCommand)
                try await talk.panel.asks(
                    .doorResult(DoorResult(command: open.command, outcome: .opened))
                )
                #expect(try await talk.device.result(of: request).get().outcome == .opened)
            }
        }
    }
}

extension ServerEvent {
    var isDoorOpen: Bool { if case .doorOpen = self { true } else { false } }
}
