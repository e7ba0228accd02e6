// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

extension ServerTests {
    /// Two loops, and sockets that are known to be on one or the other.
    @Suite struct TwoLoopTests {
        /// A call whose panel and device are on different loops.
        private func talkAcross(_ server: TestServer) async throws -> (talk: Talk, panelLoop: Int32)
        {
            let building = server.building
            let panel = try await server.connect(building.panel(), on: { _ in true })
            let device = try await server.connect(building.device(), on: { $0 != panel.loop })
            let talk = try await Talk.begin(panel.peer, calls: building.unit(), device.peer)
            return (talk, panel.loop)
        }

        @Test func `a call across both loops works`() async throws {
            try await withServer(loops: 2) { server in
                let (talk, panelLoop) = try await talkAcross(server)
                let other = try await server.connect(
                    server.building.device(2),
                    on: { $0 == panelLoop }
                )
                try await talk.flows(times: 20)
                let unlock = CallUnlock(call: talk.call, key: "open")
                let request = try await talk.device.says(.callUnlock(unlock))
                let open = try await talk.panel.opensDoor()
                #expect(try await talk.device.result(of: request).get().command == open.command)
                #expect(
                    try await other.peer.isRefused(.callAnswer(talk.call)).code == .alreadyAnswered
                )
                try await talk.hangsUp()
                #expect(try await talk.panel.panelState(talk.call, .ended).outcome == .completed)
                #expect(try await server.onlyCall().unlocks.map(\.outcome) == [.opened])
            }
        }

        @Test func `a device resumes on the other loop, again and again`() async throws {
            try await withServer(loops: 2) { server in
                let (talk, panelLoop) = try await talkAcross(server)
                var loop = panelLoop
                for round in 1...6 {
                    let resume = try await talk.device.resume()
                    try await talk.device.drop()
                    try await talk.panel.peerIs(present: false, in: talk.call)
                    let activity = MediaActivity(audio: true, video: round % 2 == 0)
                    try await talk.panel.asks(.callMedia(talk.call, activity))
                    let placed = try await server.connect(
                        server.building.device(),
                        on: { $0 == loop },
                        resume: resume
                    )
                    talk.device = placed.peer
                    try await talk.panel.peerIs(present: true, in: talk.call)
                    let missed = try await placed.peer.event("what was missed") { event in
                        if case .callMedia(talk.call, let told) = event { told } else { nil }
                    }
                    #expect(missed == activity)
                    try await talk.flows()
                    // The next one goes back across.
                    loop = try await otherLoop(than: placed.loop, server)
                }
                try await talk.hangsUp()
                #expect(try await server.metrics()["vestibule_sessions_resumed_total"] == 6)
            }
        }

        @Test func `a panel resumes on the other loop and its call with it`() async throws {
            try await withServer(loops: 2) { server in
                let (talk, loop) = try await talkAcross(server)
                let resume = try await talk.panel.resume()
                try await talk.panel.drop()
                try await talk.device.peerIs(present: false, in: talk.call)
                let placed = try await server.connect(
                    server.building.panel(),
                    on: { $0 != loop },
                    resume: resume
                )
                talk.panel = placed.peer
                try await talk.device.peerIs(present: true, in: talk.call)
                try await talk.flows()
                let unlock = CallUnlock(call: talk.call, key: "open")
                let request = try await talk.device.says(.callUnlock(unlock))
                try await talk.panel.opensDoor()
                #expect(try await talk.device.result(of: request).get().outcome == .opened)
                try await talk.panel.asks(.callHangup(talk.call))
                #expect(try await server.onlyCall().outcome == .completed)
            }
        }

        @Test func `a socket on the other loop replaces the old one, and the call goes on`()
            async throws
        {
            try await withServer(loops: 2) { server in
                let (talk, panelLoop) = try await talkAcross(server)
                var loop = panelLoop
                for _ in 0..<4 {
                    let old = talk.device
                    let placed = try await server.placed(on: { $0 == loop })
                    let id = server.building.device()
                    let welcome = try await placed.peer.hello(
                        server.building.token(id),
                        as: id.text
                    )
                    let entry = try #require(welcome.calls.first)
                    #expect(entry.mine && entry.offer.handle == talk.handle)
                    #expect(try await old.closing() == 4409)
                    talk.device = placed.peer
                    try await talk.device.asks(.ping)
                    try await talk.flows()
                    loop = try await otherLoop(than: placed.loop, server)
                }
                let events = try await talk.panel.unheardEvents()
                #expect(
                    !events.contains { if case .callPeer(_, false, _) = $0 { true } else { false } }
                )
                #expect(try await server.metrics()["vestibule_sessions_replaced_total"] == 4)
            }
        }

        private func otherLoop(than loop: Int32, _ server: TestServer) async throws -> Int32 {
            let placed = try await server.placed(on: { $0 != loop })
            try await placed.peer.drop()
            return placed.loop
        }

        @Test func `of two sockets that say hello on both loops at once exactly one stays`()
            async throws
        {
            try await withServer(
                loops: 2,
                limits: { $0.transport.unauthenticatedPerAddress = 1_000 }
            ) { server in
                let id = server.building.device()
                let token = server.building.token(id)
                var resume: Resume?
                for round in 0..<200 {
                    let first = try await server.placed()
                    let second = try await server.placed(on: { $0 != first.loop })
                    let pair = [first.peer, second.peer]
                    let hello = Peer.hello(token, as: id.text, resume: resume, id: "\(round)")
                    try await server.clients.send(
                        hello,
                        over: round % 2 == 0 ? pair : pair.reversed()
                    )
                    guard round % 8 != 7 else {
                        // One is lost while they are sorted out; the next round finds the session.
                        try await pair[round / 8 % 2].drop()
                        continue
                    }
                    let closed = try await server.clients.firstClosed(of: pair)
                    #expect(try await pair[closed].closing() == 4409)
                    let survivor = pair[1 - closed]
                    let welcome = try await survivor.welcomed()
                    #expect(welcome.resumed == (resume != nil), "lost in round \(round)")
                    try await survivor.asks(.ping)
                    resume = try await survivor.resume()
                    try await survivor.drop()
                }
                // Whoever was left by a lost one is replaced, and nobody is left behind.
                let last = try await server.socket()
                #expect(try await last.hello(token, as: id.text, resume: resume).resumed)
                try await last.drop()
                try await server.clients.eventually("all sockets are gone") {
                    try await server.metrics()["vestibule_sessions_connected"] == 0
                }
            }
        }
    }
}
