// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

extension ServerTests {
    /// Lost sockets: replay, grace, replacement.
    @Suite struct ResumeTests {
        @Test(arguments: [1, 2])
        func `a device that comes back hears what it missed, once each and in order`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                let resume = try #require(try await talk.device.resume())
                try await talk.device.drop()
                let grace = try await talk.panel.peerIs(present: false, in: talk.call)
                #expect(grace == 15_000)
                for number in 0..<5 {
                    let activity = MediaActivity(audio: number % 2 == 0, video: true)
                    try await talk.panel.asks(.callMedia(talk.call, activity))
                }
                let id = server.building.device()
                let back = try await server.socket()
                let welcome = try await back.hello(
                    server.building.token(id),
                    as: id.text,
                    resume: resume
                )
                #expect(welcome.resumed && welcome.session == resume.session)
                #expect(welcome.seq == resume.seq + 5)
                #expect(welcome.calls.first?.mine == true)
                let missed = try await back.unheardEvents().compactMap { event in
                    if case .callMedia(_, let activity) = event { activity.audio } else { nil }
                }
                #expect(missed == [true, false, true, false, true])
                try await talk.panel.peerIs(present: true, in: talk.call)
                talk.device = back
                try await talk.panel.keyFrameAsked()
                try await talk.flows()
            }
        }

        @Test(arguments: [1, 2])
        func `after a return no inter frame passes before a key frame`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                try await talk.flows()
                let resume = try await talk.device.resume()
                try await talk.device.drop()
                try await talk.panel.peerIs(present: false, in: talk.call)
                let back = try await server.connect(server.building.device(), resume: resume)
                try await talk.panel.peerIs(present: true, in: talk.call)
                try await talk.panel.keyFrameAsked()
                var frames = Frames(handle: talk.handle)
                let (early, key, later) = (frames.inter(), frames.key(), frames.inter())
                try await talk.panel.send(frames: [early, key, later])
                let first = try await back.frame()
                #expect(first.asSent == key)
                #expect(first[1] & MediaFlags.dropped.rawValue != 0, "the gap is marked")
                #expect(try await back.frame() == later)
            }
        }

        @Test(arguments: [1, 2])
        func `a device that stays away beyond its grace is dropped`(loops: Int) async throws {
            try await withServer(loops: loops, limits: { $0.call.grace = .milliseconds(400) }) {
                server in
                let talk = try await server.talk()
                try await talk.device.drop()
                try await talk.panel.peerIs(present: false, in: talk.call)
                #expect(try await talk.panel.panelState(talk.call, .ended).outcome == .dropped)
                #expect(try await server.onlyCall().outcome == .dropped)
            }
        }

        @Test(arguments: [1, 2])
        func `a panel that stays away beyond its grace is lost`(loops: Int) async throws {
            try await withServer(loops: loops, limits: { $0.call.grace = .milliseconds(400) }) {
                server in
                let talk = try await server.talk()
                _ = try await talk.device.callState(talk.call)
                try await talk.panel.drop()
                try await talk.device.peerIs(present: false, in: talk.call)
                #expect(try await talk.device.callState(talk.call).outcome == .panelLost)
                #expect(try await server.onlyCall().outcome == .panelLost)
            }
        }

        @Test(arguments: [1, 2])
        func `a panel that comes back without memory has lost its call`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                _ = try await talk.device.callState(talk.call)
                let fresh = try await server.panel()
                #expect(try await talk.panel.closing() == 4409)
                #expect(try await talk.device.callState(talk.call).outcome == .panelLost)
                let unit = server.building.unit(1)
                try await fresh.asks(.callStart(unit: unit, key: "again"))
            }
        }

        @Test(arguments: [1, 2])
        func `a newer socket of the same device replaces the old one`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                let old = talk.device
                talk.device = try await server.device()
                #expect(try await old.closing() == 4409)
                try await talk.device.asks(.ping)
                try await talk.flows()
                let metrics = try await server.metrics()
                #expect(metrics["vestibule_sessions_replaced_total"] == 1)
                #expect(metrics.closes(4409) == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `a door command is never replayed`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                let resume = try await talk.panel.resume()
                let unlock = CallUnlock(call: talk.call, key: "open")
                let request = try await talk.device.says(.callUnlock(unlock))
                let open = try await talk.panel.doorOpen()
                try await talk.panel.drop()
                try await talk.device.peerIs(present: false, in: talk.call)
                let back = try await server.connect(server.building.panel(), resume: resume)
                let void = try await back.event("door.void") { event in
                    if case .doorVoid(let command) = event { command } else { nil }
                }
                #expect(void == open.command)
                #expect(try await back.unheardEvents().allSatisfy { !$0.isDoorOpen })
                // It had opened just before: its word counts, over whatever socket.
                try await back.asks(.doorResult(DoorResult(command: void, outcome: .opened)))
                #expect(try await talk.device.result(of: request).get().outcome == .opened)
            }
        }

        @Test(arguments: [1, 2])
        func `a session that is too old begins anew`(loops: Int) async throws {
            try await withServer(loops: loops, limits: { $0.session.resume = .milliseconds(100) }) {
                server in
                let device = try await server.device()
                let resume = try #require(try await device.resume())
                try await device.drop()
                let id = server.building.device()
                try await server.clients.eventually("the session is forgotten") {
                    let back = try await server.socket()
                    let welcome = try await back.hello(
                        server.building.token(id),
                        as: id.text,
                        resume: resume
                    )
                    try await back.drop()
                    await server.clients.pass(.milliseconds(200))
                    return !welcome.resumed && welcome.session != resume.session
                }
            }
        }
    }
}
