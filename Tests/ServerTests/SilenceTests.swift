// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleWire

extension ServerTests {
    /// Peers that stop answering or reading.
    @Suite struct SilenceTests {
        /// A device over a plain socket, in a call that it answered.
        private func answers(
            _ socket: RawSocket,
            _ server: TestServer,
            _ panel: Peer
        ) async throws -> (call: CallID, handle: UInt32) {
            let id = server.building.device()
            try await socket.upgrade()
            await socket.send(text: Peer.hello(server.building.token(id), as: id.text))
            _ = try await socket.text(with: "\"welcome\"")
            let unit = server.building.unit()
            let started = try await panel.asks(.callStart(unit: unit, key: "press"))
            let call = try #require(started.call)
            _ = try await socket.text(with: call.text)
            await socket.send(text: Peer.text(.callAnswer(call), id: "2"))
            _ = try await panel.panelState(call, .active)
            return (call, try #require(started.handle))
        }

        @Test(arguments: [1, 2])
        func `a half-open socket in a call is given up, and the other party told`(
            loops: Int
        ) async throws {
            let short: (inout Limits) -> Void = {
                $0.session.callHeartbeat = .milliseconds(300)
                $0.session.callSilence = .milliseconds(1_500)
            }
            try await withServer(loops: loops, limits: short) { server in
                let others = try await server.talk(panel: 1, unit: 1)
                try await RawSocket.with(port: server.port) { socket in
                    let panel = try await server.panel()
                    let (call, _) = try await answers(socket, server, panel)
                    // From here on it neither reads nor sends, as a phone that lost its network.
                    let grace = try await panel.peerIs(present: false, in: call)
                    #expect(grace == 15_000)
                    #expect(await socket.closing() == 4408)
                }
                try await others.flows()
                let metrics = try await server.metrics()
                #expect(metrics.closes(4408) == 1 && metrics["vestibule_peers_silent_total"] == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `a silent socket outside of a call is given up, one that pongs is not`(
            loops: Int
        ) async throws {
            try await withServer(loops: loops, limits: { $0.session.heartbeat = .seconds(1) }) {
                server in
                let alive = try await server.device(1)
                let id = server.building.device()
                let code = try await RawSocket.with(port: server.port) { socket in
                    try await socket.upgrade()
                    await socket.send(text: Peer.hello(server.building.token(id), as: id.text))
                    return await socket.closing()
                }
                #expect(code == 4408)
                try await alive.asks(.ping)
                #expect(try await server.metrics()["vestibule_sessions_connected"] == 1)
            }
        }

        @Test(arguments: [1, 2])
        func `who takes no signalling is closed, and its sender is not slowed`(
            loops: Int
        ) async throws {
            try await withServer(
                loops: loops,
                limits: { $0.media.controlStall = .milliseconds(700) }
            ) { server in
                let others = try await server.talk(panel: 1, unit: 1)
                try await RawSocket.with(port: server.port, receiveBuffer: 4_096) { socket in
                    let panel = try await server.panel()
                    let (call, handle) = try await answers(socket, server, panel)
                    var frames = Frames(handle: handle)
                    for _ in 0..<4 {
                        try await panel.send(frame: frames.key(bytes: 60_000))
                        try await panel.asks(
                            .callMedia(call, MediaActivity(audio: true, video: true))
                        )
                    }
                    try await panel.peerIs(present: false, in: call)
                }
                try await others.flows()
                #expect(try await server.metrics().closes(4408) == 1)
            }
        }
    }
}
