// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleWire

extension ServerTests {
    /// Who has not said who they are, or lies about it.
    ///
    /// A call of two others goes on through each test.
    @Suite struct StrangerTests {
        /// Runs `body` beside a call of two other parties, which goes on before and after.
        private func beside(
            loops: Int,
            limits: (inout Limits) -> Void = { _ in },
            _ body: (TestServer) async throws -> Void
        ) async throws {
            try await withServer(loops: loops, limits: limits) { server in
                let others = try await server.talk(panel: 1, unit: 1)
                try await others.flows()
                try await body(server)
                try await others.flows()
            }
        }

        @Test(arguments: [1, 2])
        func `a wrong token is not let in`(loops: Int) async throws {
            try await beside(loops: loops) { server in
                let id = server.building.device()
                for token in ["", "vst_device_none", server.building.token(id) + "x"] {
                    let socket = try await server.socket()
                    try await socket.send(text: Peer.hello(token, as: id.text))
                    #expect(try await socket.closing() == 4401)
                }
                #expect(try await server.metrics().closes(4401) == 3)
            }
        }

        @Test(arguments: [1, 2])
        func `another's device id is not let in, and costs the other nothing`(
            loops: Int
        ) async throws {
            try await beside(loops: loops) { server in
                let building = server.building
                let owner = try await server.device(1)
                let token = building.token(building.device())
                for id in [building.device(1).text, building.panel().text, "dev_nonsense", ""] {
                    let socket = try await server.socket()
                    try await socket.send(text: Peer.hello(token, as: id))
                    #expect(try await socket.closing() == 4401)
                }
                try await owner.asks(.ping)
                let metrics = try await server.metrics()
                #expect(metrics.closes(4401) == 4)
                #expect(metrics["vestibule_sessions_replaced_total"] == 0)
            }
        }

        @Test(arguments: [1, 2])
        func `anything but hello comes too early`(loops: Int) async throws {
            try await beside(loops: loops) { server in
                let early = [
                    Peer.text(.ping, id: "1"), "{}", "no JSON", #"{"type":"hello","id":"1"}"#,
                ]
                for text in early {
                    let socket = try await server.socket()
                    try await socket.send(text: text)
                    #expect(try await socket.closing() == 4401)
                }
                var frames = Frames(handle: 1)
                let socket = try await server.socket()
                try await socket.send(frame: frames.audio())
                #expect(try await socket.closing() == 4401)
                #expect(try await server.metrics().closes(4401) == 5)
            }
        }

        @Test(arguments: [1, 2])
        func `a first message is short`(loops: Int) async throws {
            try await beside(loops: loops) { server in
                let text = try await server.socket()
                try await text.send(text: String(repeating: " ", count: 8_193))
                #expect(try await text.closing() == 1009)
                let binary = try await server.socket()
                try await binary.send(frame: [UInt8](repeating: 0x10, count: 8_193))
                #expect(try await binary.closing() == 1009)
                let metrics = try await server.metrics()
                #expect(metrics.closes(1009) == 2 && metrics["vestibule_oversized_total"] == 2)
            }
        }

        @Test(arguments: [1, 2])
        func `a socket that says nothing is closed in time, however it says nothing`(
            loops: Int
        ) async throws {
            let short: (inout Limits) -> Void = {
                $0.session.hello = .milliseconds(400)
                $0.transport.request = .milliseconds(400)
            }
            try await beside(loops: loops, limits: short) { server in
                let silent = try await server.socket()
                #expect(try await silent.closing() == 4401)
                let code = try await RawSocket.with(port: server.port) { socket in
                    try await socket.upgrade()
                    // A hello of which the end never comes, a byte at a time.
                    let frame = RawSocket.frame(0x81, Array("{\"type\":\"hello\"".utf8))
                    for byte in frame.dropLast() {
                        guard await socket.send([byte]) else { break }
                        await server.clients.pass(.milliseconds(10))
                    }
                    return await socket.closing()
                }
                #expect(code == 4401)
                let unasked = try await RawSocket.with(port: server.port) { socket in
                    await socket.send(Array("GET /v1/connect HTTP/1.1\r\nHo".utf8))
                    return await socket.receiveAll()
                }
                #expect(unasked.isEmpty)
                #expect(try await server.metrics().closes(4401) == 2)
            }
        }

        @Test(arguments: [1, 2])
        func `sockets without a hello are few per address`(loops: Int) async throws {
            try await beside(loops: loops, limits: { $0.transport.unauthenticatedPerAddress = 3 }) {
                server in
                var waiting: [Peer] = []
                for _ in 0..<3 { waiting.append(try await server.socket()) }
                let fourth = try await server.socket()
                #expect(try await fourth.closing() == 4429)
                let id = server.building.device()
                try await waiting[0].hello(server.building.token(id), as: id.text)
                let next = try await server.device(1)
                try await next.asks(.ping)
                try await waiting[1].drop()
                try await server.clients.eventually("room for another") {
                    let socket = try await server.socket()
                    let other = server.building.device(2)
                    let token = server.building.token(other)
                    return (try? await socket.hello(token, as: other.text)) != nil
                }
                let metrics = try await server.metrics()
                #expect(metrics.closes(4429) >= 1)
                #expect(metrics["vestibule_sockets_refused_total"] == metrics.closes(4429))
            }
        }

        @Test(arguments: [1, 2])
        func `an address that guesses tokens is refused for a while`(loops: Int) async throws {
            try await beside(loops: loops, limits: { $0.transport.failedLogins = 3 }) { server in
                let known = try await server.device(1)
                for number in 0..<3 {
                    let socket = try await server.socket()
                    let id = server.building.device().text
                    try await socket.send(text: Peer.hello("guess \(number)", as: id))
                    #expect(try await socket.closing() == 4401)
                }
                let honest = try await server.socket()
                #expect(try await honest.closing() == 4429)
                try await known.asks(.ping)
                let metrics = try await server.metrics()
                #expect(metrics.closes(4401) == 3 && metrics.closes(4429) == 1)
                #expect(metrics["vestibule_logins_failed_total"] == 3)
            }
        }
    }
}
