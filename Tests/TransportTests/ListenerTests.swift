// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

@Suite(.timeLimit(.minutes(1)))
struct ListenerTests {
    private func server(
        _ loop: EventLoop,
        host: String = "127.0.0.1",
        port: Int = 0,
        tls: TLSFiles? = nil,
        settings: ServerSettings = .test
    ) -> TransportServer {
        TransportServer(
            loop: loop,
            endpoint: ServerEndpoint(host: host, port: port, tls: tls),
            settings: settings,
            webSockets: Ear(loop: loop),
            web: { request in
                let isAsked = request.path == "/who"
                return WebResponse(status: .ok, text: isAsked ? request.remoteAddress : "here\n")
            }
        )
    }

    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop(name: "listener")
        loop.start()
        do {
            try await body(loop)
        } catch {
            await loop.stop()
            throw error
        }
        await loop.stop()
    }

    @Test func `a taken port is a clear error, also when its holder shares it`() async throws {
        try await withLoop { loop in
            let first = server(loop)
            try await first.start()
            let port = try await first.port
            let second = server(loop, port: port)
            await #expect(throws: TransportError.portTaken(host: "127.0.0.1", port: port)) {
                try await second.start()
            }
            #expect(
                TransportError.portTaken(host: "127.0.0.1", port: port).description.contains(
                    "taken"
                )
            )
            await first.stop()
            try await withLoop { loop in
                let third = server(loop, port: port)
                try await third.start()
                await third.stop()
            }
        }
    }

    @Test func `two loops share a port and both get connections`() async throws {
        try await withLoop { one in
            try await withLoop { two in
                let first = server(one)
                try await first.start()
                let port = try await first.port
                let second = server(two, port: port)
                try await second.start(sharing: first)
                #expect(try await second.port == port)
                var open: [RawSocket] = []
                for _ in 0..<64 {
                    let socket = try RawSocket(port: port)
                    try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(try socket.response().body == "here\n")
                    open.append(socket)
                }
                let counts = (await first.counters(), await second.counters())
                #expect(counts.0.requests + counts.1.requests == 64)
                #expect(counts.0.requests > 0 && counts.1.requests > 0)
                open = []
                await first.stop()
                await second.stop()
            }
        }
    }

    @Test func `a bound server has its port, and takes connections when it accepts`() async throws {
        try await withLoop { loop in
            let first = server(loop)
            try await first.bind()
            let port = try await first.port
            let second = server(loop, port: port)
            await #expect(throws: TransportError.portTaken(host: "127.0.0.1", port: port)) {
                try await second.bind()
            }
            let early = try RawSocket(port: port)
            try early.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            // Turns in which a listener that takes connections would have taken it.
            for _ in 0..<20 { try await loop.run {} }
            #expect(await first.counters().accepted == 0)
            try await first.accept()
            try await first.accept()
            #expect(try early.response().body == "here\n")
            await first.stop()
            await #expect(throws: TransportError.stopped) { try await first.accept() }
        }
    }

    @Test func `bound to one loopback address, no other address reaches it`() async throws {
        try await withLoop { loop in
            let server = server(loop, host: "127.0.0.1")
            try await server.start()
            let port = try await server.port
            _ = try RawSocket(host: "127.0.0.1", port: port)
            #expect(throws: RawSocket.Failure.self) { try RawSocket(host: "127.0.0.2", port: port) }
            await server.stop()
        }
    }

    @Test func `bound to every address, IPv4 peers have IPv4 names`() async throws {
        try await withLoop { loop in
            let server = server(loop, host: "*")
            try await server.start()
            let socket = try RawSocket(host: "127.0.0.2", port: try await server.port)
            try socket.send("GET /who HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try socket.response().body == "127.0.0.1")
            await server.stop()
        }
    }

    @Test func `sockets that are no WebSocket are few per address, and in all`() async throws {
        for inAll in [false, true] {
            var settings = ServerSettings.test
            settings.limits.plainPerAddress = inAll ? 100 : 3
            settings.limits.plain = inAll ? 3 : 100
            try await withLoop { loop in
                let server = server(loop, settings: settings)
                try await server.start()
                let port = try await server.port
                let upgraded = try RawSocket(port: port)
                try upgraded.upgrade()
                var open: [RawSocket] = []
                for _ in 0..<3 {
                    let socket = try RawSocket(port: port)
                    try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(try socket.response().body == "here\n")
                    open.append(socket)
                }
                let fourth = try RawSocket(port: port)
                #expect(fourth.isAtEnd())
                #expect(await server.counters().refused == 1)
                // One that goes makes room, whether it ends or becomes a WebSocket.
                try open[0].upgrade()
                var next: RawSocket? = try RawSocket(port: port)
                try next?.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try next?.response().body == "here\n")
                next = nil
                while await server.counters().open > 4 {}
                let last = try RawSocket(port: port)
                try last.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try last.response().body == "here\n")
                #expect(await server.counters().refused == 1)
                await server.stop()
            }
        }
    }

    @Test func `who was answered and has closed costs the loop nothing and is soon gone`()
        async throws
    {
        var settings = ServerSettings.test
        settings.limits.closing = .seconds(30)
        try await withLoop { loop in
            let server = server(loop, settings: settings)
            try await server.start()
            var socket: RawSocket? = try RawSocket(port: try await server.port)
            let before = try await loop.run { loop.turns.count }
            try socket?.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try socket?.response().body == "here\n")
            #expect(socket?.isAtEnd() == true)
            socket = nil
            var asked = 0
            while await server.counters().open > 0 { asked += 1 }
            // Each question is a turn too, and so is each look at the kernel.
            let turns = try await loop.run { loop.turns.count } - before
            #expect(turns < 2 * asked + 100)
            await server.stop()
        }
    }

    @Test func `sockets beyond the pace wait, and are served when it allows`() async throws {
        var settings = ServerSettings.test
        settings.limits.accepts = 20
        settings.limits.acceptBurst = 2
        try await withLoop { loop in
            let server = server(loop, settings: settings)
            try await server.start()
            let port = try await server.port
            let sockets = try (0..<6).map { _ in try RawSocket(port: port) }
            for socket in sockets { try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }
            let began = EventLoop.readMoment()
            for socket in sockets { #expect(try socket.response().body == "here\n") }
            // Four of them had to wait, 50 ms each after the other.
            #expect(EventLoop.readMoment() - began >= .milliseconds(100))
            #expect(await server.counters().refused == 0)
            await server.stop()
        }
    }

    @Test func `after it stopped accepting, open sockets go on`() async throws {
        try await withLoop { loop in
            let server = server(loop)
            try await server.start()
            let port = try await server.port
            let socket = try RawSocket(port: port)
            try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try socket.response().body == "here\n")
            await server.stopAccepting()
            #expect(throws: RawSocket.Failure.self) { try RawSocket(port: port) }
            try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try socket.response().body == "here\n")
            await server.stop()
            #expect(socket.isAtEnd())
        }
    }

    @Test(arguments: ["no.such.host", "300.1.1.1", "203.0.113.7"])
    func `an address that is not ours is a clear error`(host: String) async throws {
        try await withLoop { loop in
            let server = server(loop, host: host)
            await #expect {
                try await server.start()
            } throws: { error in
                guard case .cannotListen? = error as? TransportError else { return false }
                return true
            }
        }
    }

    /// libwebsockets closes a descriptor number twice when a context goes.
    @Test func `stopping closes nobody else's descriptors`() async throws {
        let isOver = Locked(false)
        let lost = Locked(0)
        let files = Worker(name: "files", capacity: 1)
        _ = files.submit {
            var held: [Int32] = []
            while !isOver.withLock({ $0 }) || !held.isEmpty {
                if !isOver.withLock({ $0 }) { held.append(open("/dev/null", O_RDONLY)) }
                guard held.count > 16 || isOver.withLock({ $0 }) else { continue }
                if close(held.removeFirst()) != 0 { lost.withLock { $0 += 1 } }
            }
        }
        try await withLoop { loop in
            for _ in 0..<20 {
                let server = server(loop)
                try await server.start()
                await server.stop()
            }
        }
        isOver.withLock { $0 = true }
        await files.stop()
        #expect(lost.withLock { $0 } == 0)
    }

    @Test func `a server may be stopped twice, and without ever having started`() async throws {
        try await withLoop { loop in
            let idle = server(loop)
            await idle.stop()
            let used = server(loop)
            try await used.start()
            async let once: Void = used.stop()
            async let twice: Void = used.stop()
            _ = await (once, twice)
            await #expect(throws: TransportError.stopped) { try await used.start() }
        }
    }
}
