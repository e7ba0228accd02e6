// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleNotifier
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleWire

extension ServerTests {
    /// Ringing: who is offered a call, how it ends unanswered, what sleeping devices get.
    @Suite struct RingTests {
        /// Presses the button; the panel, the call, and the devices with these numbers.
        private func ring(
            _ server: TestServer,
            _ numbers: [Int]
        ) async throws -> (panel: Peer, call: CallID, devices: [Peer]) {
            let panel = try await server.panel()
            var devices: [Peer] = []
            for number in numbers { devices.append(try await server.device(number)) }
            let unit = server.building.unit()
            let call = try await panel.asks(.callStart(unit: unit, key: "press")).call
            return (panel, try #require(call), devices)
        }

        @Test(arguments: [1, 2])
        func `the first decline ends the call`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let (panel, call, devices) = try await ring(server, [0, 2])
                for device in devices { _ = try await device.incoming() }
                try await devices[1].asks(.callDecline(call))
                #expect(try await panel.panelState(call, .ended).outcome == .declined)
                #expect(try await devices[0].callState(call).outcome == .declined)
                #expect(try await server.onlyCall().outcome == .declined)
            }
        }

        @Test(arguments: [1, 2])
        func `where all must decline the others ring on`(loops: Int) async throws {
            let building = TestBuilding { $0.properties[0].declineEndsCall = false }
            try await withServer(loops: loops, building) { server in
                let (panel, call, devices) = try await ring(server, [0, 1, 2])
                for device in devices { _ = try await device.incoming() }
                try await devices[0].asks(.callDecline(call))
                for device in devices[..<2] {
                    let state = try await device.callState(call)
                    #expect(state.state == .ringing && state.you == .silent)
                    #expect(state.reason == .declined)
                }
                #expect(try await devices[2].unheardEvents().isEmpty)
                try await devices[2].asks(.callIgnore(call))
                #expect(try await panel.panelState(call, .ended).outcome == .declined)
            }
        }

        @Test(arguments: [1, 2])
        func `a call that everybody ignores is missed`(loops: Int) async throws {
            let recorder = Recorder()
            try await withServer(loops: loops, notifiers: [recorder]) { server in
                let (panel, call, devices) = try await ring(server, [0, 2])
                for device in devices {
                    _ = try await device.incoming()
                    try await device.asks(.callIgnore(call))
                }
                #expect(try await panel.panelState(call, .ended).outcome == .missed)
                let all = Set(server.building.devices())
                try await server.clients.eventually("missed push to all") {
                    recorder.devices(.missed, call) == all
                }
            }
        }

        @Test(arguments: [1, 2])
        func `the next ring group is offered the call when the time of the first is up`(
            loops: Int
        ) async throws {
            try await withServer(
                loops: loops,
                Self.twoGroups(),
                limits: { $0.call.group = .milliseconds(400) }
            ) { server in
                let (panel, call, devices) = try await ring(server, [0, 2])
                _ = try await devices[0].incoming()
                #expect(try await devices[1].incoming().call == call)
                #expect(try await devices[0].unheardEvents().isEmpty, "the first group rings on")
                try await devices[0].asks(.callAnswer(call))
                _ = try await panel.panelState(call, .active)
                #expect(try await devices[1].callState(call).reason == .answeredElsewhere)
            }
        }

        @Test(arguments: [1, 2])
        func `the next ring group is offered the call at once when the first has ignored it`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops, Self.twoGroups()) { server in
                let (_, call, devices) = try await ring(server, [0, 2])
                _ = try await devices[0].incoming()
                #expect(try await devices[1].unheardEvents().isEmpty)
                try await devices[0].asks(.callIgnore(call))
                #expect(try await devices[1].incoming().call == call)
            }
        }

        /// The two residents of the first unit, one after the other.
        private static func twoGroups() -> TestBuilding {
            var building = TestBuilding()
            var random = SystemRandomNumberGenerator()
            let time = building.rows.occupancies[0].from
            building.rows.ringGroups = building.residents().enumerated().map { index, resident in
                RingGroupRow(
                    id: RingGroupID(at: time, using: &random),
                    unit: building.unit(),
                    name: "Group \(index)",
                    position: index,
                    members: [resident]
                )
            }
            return building
        }

        @Test(arguments: [1, 2])
        func `a call that nobody answers in time is missed`(loops: Int) async throws {
            try await withServer(loops: loops, limits: { $0.call.ring = .milliseconds(400) }) {
                server in
                let (panel, call, devices) = try await ring(server, [0])
                _ = try await devices[0].incoming()
                #expect(try await panel.panelState(call, .ended).outcome == .missed)
                let state = try await devices[0].callState(call)
                #expect(state.state == .ended && state.outcome == .missed)
                #expect(try await devices[0].isRefused(.callAnswer(call)).code == .callEnded)
                #expect(try await server.onlyCall().outcome == .missed)
            }
        }

        @Test(arguments: [1, 2])
        func `a guest who cancels silences every device`(loops: Int) async throws {
            let recorder = Recorder()
            try await withServer(loops: loops, notifiers: [recorder]) { server in
                let (panel, call, devices) = try await ring(server, [0, 3])
                for device in devices { _ = try await device.incoming() }
                try await panel.asks(.callCancel(call))
                for device in devices {
                    #expect(try await device.callState(call).outcome == .cancelled)
                }
                let asleep = Set(server.building.devices()[1...2])
                try await server.clients.eventually("a cancel to who sleeps") {
                    recorder.devices(.cancel, call) == asleep
                }
            }
        }

        @Test(arguments: [1, 2])
        func `a ring is pushed to every device at once, a cancel only to who has no socket`(
            loops: Int
        ) async throws {
            let recorder = Recorder()
            try await withServer(loops: loops, notifiers: [recorder]) { server in
                let (_, call, devices) = try await ring(server, [0, 1])
                let all = server.building.devices()
                try await server.clients.eventually("a push to each device") {
                    recorder.devices(.ring, call) == Set(all)
                }
                let notice = try #require(recorder.notice(.ring, call))
                #expect(notice.remaining > .zero && notice.remaining <= .seconds(30))
                #expect(notice.property == server.building.rows.properties[0].id)
                #expect(recorder.devices(.cancel, call).isEmpty)
                _ = try await devices[0].incoming()
                try await devices[0].asks(.callAnswer(call))
                try await server.clients.eventually("a cancel to the sleeping ones") {
                    recorder.devices(.cancel, call) == Set(all[2...])
                }
                let pushes = try await server.store { try await $0.pushes(of: call) }
                #expect(pushes.contains { $0.notifier == "recorder" && $0.verdict == "accepted" })
            }
        }

        @Test(arguments: [1, 2])
        func `a device sees the picture before anyone answered, and the guest nothing of it`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops) { server in
                let (panel, call, devices) = try await ring(server, [0, 2])
                for device in devices { _ = try await device.incoming() }
                let handle = try #require(try await devices[1].asks(.callPreview(call)).handle)
                try await panel.keyFrameAsked()
                var (door, phone) = (Frames(handle: handle), Frames(handle: handle))
                let picture = [door.key(), door.inter()]
                try await panel.send(frames: [door.audio()] + picture)
                for sent in picture { #expect(try await devices[1].frame().asSent == sent) }
                try await devices[1].send(frames: [phone.audio(), phone.key()])
                try await devices[1].asks(.ping)

                try await devices[0].asks(.callAnswer(call))
                let talk = Talk(call: call, handle: handle, panel: panel, device: devices[0])
                _ = try await panel.panelState(call, .active)
                #expect(try await devices[1].callState(call).you == .out)
                try await talk.flows()
                for peer in [panel, devices[1]] {
                    try await peer.asks(.ping)
                    let frames = try await peer.takeUnheard().filter { heard in
                        if case .frame = heard { true } else { false }
                    }
                    #expect(frames.isEmpty, "media that nobody should have")
                }
                let metrics = try await server.metrics()
                let name = "vestibule_frames_received_dropped_total"
                #expect(metrics["\(name){flow=\"audio\",reason=\"outOfPlace\"}"] == 2)
                #expect(metrics["vestibule_bad_frames_total"] == 0)
            }
        }

        @Test func `the ninth preview is refused`() async throws {
            let shape = BuildingShape(
                units: 1,
                residentsPerUnit: 9,
                devicesPerResident: 1,
                panels: 1
            )
            try await withServer(TestBuilding(shape)) { server in
                let (_, call, devices) = try await ring(server, Array(0..<9))
                for device in devices[..<8] { try await device.asks(.callPreview(call)) }
                #expect(try await devices[8].isRefused(.callPreview(call)).code == .busy)
            }
        }

        @Test(arguments: [1, 2])
        func `who cannot be called is said, and recorded where the unit exists`(
            loops: Int
        ) async throws {
            let building = TestBuilding { rows in
                let unit = rows.units[1].id
                rows.occupancies.removeAll { $0.unit == unit }
            }
            try await withServer(loops: loops, building) { server in
                let panel = try await server.panel()
                let nobody = try await panel.isRefused(
                    .callStart(unit: building.unit(1), key: "nobody")
                )
                #expect(nobody.code == .unreachable && nobody.call != nil)
                let nowhere = try await panel.isRefused(.callStart(unit: .nothing, key: "nowhere"))
                #expect(nowhere.code == .unknownUnit)
                let record = try await server.onlyCall()
                #expect(record.id == nobody.call && record.outcome == .unreachable)
                try await panel.asks(.callStart(unit: building.unit(), key: "one"))
                let second = try await panel.isRefused(
                    .callStart(unit: building.unit(2), key: "two")
                )
                #expect(second.code == .busy)
            }
        }
    }
}
