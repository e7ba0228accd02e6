// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// Sends back what comes.
private func echo(_ connection: WebSocketConnection, _ heard: Heard) {
    switch heard {
    case .text(let text): connection.send(text: text)
    case .binary(let bytes): bytes.withUnsafeBytes { connection.send(binary: $0) }
    default: break
    }
}

@Suite(.timeLimit(.minutes(1)))
struct WebSocketTests {
    @Test(arguments: [false, true])
    func `text and binary messages of every length form go both ways`(secure: Bool) async throws {
        let papers = secure ? try Papers() : nil
        defer { papers?.remove() }
        try await withBench(papers: papers, serverReact: echo) { bench in
            let (client, server) = try await bench.connect()
            for length in [0, 1, 5, 125, 126, 127, 4_000, 16_384, 65_535, 65_536, 200_000] {
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                try await client.send(binary: bytes)
                #expect(await bench.serverEar.next() == .binary(bytes))
                #expect(await bench.clientEar.next() == .binary(bytes))
            }
            try await client.send(text: "Grüße an die Tür 🚪")
            #expect(await bench.serverEar.next() == .text("Grüße an die Tür 🚪"))
            #expect(await bench.clientEar.next() == .text("Grüße an die Tür 🚪"))
            try await server.send(text: "unasked")
            #expect(await bench.clientEar.next() == .text("unasked"))
        }
    }

    @Test func `a media frame goes out with other flags and is the same else`() async throws {
        try await withBench { bench in
            let (_, server) = try await bench.connect()
            let frame = [UInt8](0..<200)
            try await server.run { line in
                frame.withUnsafeBytes { line.send(binary: $0, flags: 9) }
                frame.withUnsafeBytes {
                    line.send(
                        binary: UnsafeRawBufferPointer(rebasing: $0[..<12]),
                        payload: UnsafeRawBufferPointer(rebasing: $0[12...]),
                        flags: 3
                    )
                }
            }
            var expected = frame
            expected[1] = 9
            #expect(await bench.clientEar.next() == .binary(expected))
            expected[1] = 3
            #expect(await bench.clientEar.next() == .binary(expected))
        }
    }

    @Test func `what a turn sends arrives whole and in order`() async throws {
        try await withBench { bench in
            let (_, server) = try await bench.connect()
            try await server.run { line in
                for number in 0..<1_000 { line.send(text: "\(number)") }
            }
            for number in 0..<1_000 {
                #expect(await bench.clientEar.next() == .text("\(number)"))
            }
        }
    }

    @Test(arguments: [(70_000, true), (300_000, false)])
    func `a message over its limit is told and the socket closed 1009`(
        length: Int,
        isText: Bool
    ) async throws {
        try await withBench { bench in
            let (client, _) = try await bench.connect()
            if isText {
                try await client.send(text: String(repeating: "x", count: length))
            } else {
                try await client.send(binary: [UInt8](repeating: 1, count: length))
            }
            #expect(await bench.serverEar.next() == .oversized)
            #expect(await bench.clientEar.next() == .closed(1009))
            #expect(await bench.serverEar.next() == .closed(1009))
        }
    }

    @Test func `limits may change while open`() async throws {
        try await withBench(serverReact: { connection, heard in
            if heard == .opened { connection.textLimit = 4 }
            if heard == .text("more") { connection.textLimit = 100 }
        }) { bench in
            let (client, _) = try await bench.connect()
            try await client.send(text: "more")
            #expect(await bench.serverEar.next() == .text("more"))
            try await client.send(text: "longer than four")
            #expect(await bench.serverEar.next() == .text("longer than four"))
        }
    }

    @Test(arguments: [UInt16(1000), 1001, 1008, 1012, 4401, 4409, 4999])
    func `the close code arrives, after what was sent before`(code: UInt16) async throws {
        try await withBench { bench in
            let (_, server) = try await bench.connect()
            try await server.run { line in
                line.send(text: "last words")
                line.close(code: code, reason: code == 1012 ? WebSocketConnection.restarting : "")
                line.send(text: "never sent")
            }
            #expect(await bench.clientEar.next() == .text("last words"))
            #expect(await bench.clientEar.next() == .closed(code))
            let answer = await bench.serverEar.next()
            #expect(answer == .closed(code) || code == 1012)
        }
    }

    @Test func `a client may close too`() async throws {
        try await withBench { bench in
            let (client, _) = try await bench.connect()
            try await client.run { $0.close(code: 1001, reason: "bye") }
            #expect(await bench.serverEar.next() == .closed(1001))
            #expect(await bench.clientEar.next() == .closed(1001))
        }
    }

    @Test func `dropping ends both ends without a code`() async throws {
        try await withBench { bench in
            let (_, server) = try await bench.connect()
            try await server.run { $0.drop() }
            #expect(await bench.clientEar.next() == .closed(nil))
            #expect(await bench.serverEar.next() == .closed(nil))
            try await server.run { line in
                line.send(text: "into the void")
                line.close(code: 1000, reason: "")
                line.drop()
                line.requestWritable()
                line.ping()
            }
        }
    }

    @Test func `a handler may drop the connection it is called for, and another`() async throws {
        let other = Locked<Line?>(nil)
        try await withBench(serverReact: { connection, heard in
            guard heard == .text("go") else { return }
            connection.drop()
            other.withLock { $0 }?.connection.drop()
        }) { bench in
            let (_, server) = try await bench.connect()
            other.withLock { $0 = server }
            let (second, _) = try await bench.connect()
            try await second.send(text: "go")
            #expect(await bench.serverEar.next() == .text("go"))
            #expect(await bench.serverEar.next() == .closed(nil))
            #expect(await bench.serverEar.next() == .closed(nil))
            #expect(await bench.clientEar.next() == .closed(nil))
            #expect(await bench.clientEar.next() == .closed(nil))
            other.withLock { $0 = nil }
        }
    }

    @Test func `a ping is answered and shows as a sign of life`() async throws {
        try await withBench { bench in
            let (_, server) = try await bench.connect()
            let before = try await server.run { line in
                line.ping()
                return line.lastReceived
            }
            var seen = before
            while seen == before { seen = try await server.run { $0.lastReceived } }
            #expect(seen > before)
        }
    }

    @Test(arguments: [
        ("/elsewhere", "vestibule.v1"), ("/v1/connect", "other.v1"),
        ("/v1/connect/", "vestibule.v1"),
    ])
    func `another path or subprotocol is refused`(path: String, subprotocol: String) async throws {
        try await withBench { bench in
            let ear = Ear(loop: bench.clientLoop)
            let client = try await bench.clientLoop.run {
                try WebSocketClient(
                    loop: bench.clientLoop,
                    trust: .system,
                    subprotocol: subprotocol,
                    handler: ear
                )
            }
            let target = WebSocketTarget(
                isSecure: false,
                host: "127.0.0.1",
                port: bench.port,
                path: path
            )
            try await bench.clientLoop.run { _ = client.connect(to: target) }
            guard case .failed = await ear.next() else {
                Issue.record("it was not refused")
                return
            }
            #expect(await bench.server.counters().handshakesRefused == 1)
            await client.stop()
        }
    }

    @Test func `a port where nobody listens fails, once`() async throws {
        try await withBench { bench in
            let ear = bench.clientEar
            let target = WebSocketTarget(isSecure: false, host: "127.0.0.1", port: 1)
            try await bench.clientLoop.run { _ = bench.client.connect(to: target) }
            guard case .failed = await ear.next() else {
                Issue.record("it did not fail")
                return
            }
            _ = try await bench.connect()
        }
    }

    @Test func `who is slow to read still learns of a restart`() async throws {
        var settings = ServerSettings.test
        settings.limits.closing = .milliseconds(20)
        try await withBench(settings: settings) { bench in
            let (client, server) = try await bench.connect()
            let isHeld = Locked(true)
            client.loop.submit { while isHeld.withLock({ $0 }) {} }
            let chunk = [UInt8](repeating: 5, count: 16_384)
            var sent = 0
            while try await server.run({ $0.hasRoom }) {
                try await server.send(binary: chunk)
                sent += 1
            }
            try await server.run {
                $0.close(code: 1012, reason: WebSocketConnection.restarting)
            }
            await bench.pass(.milliseconds(200))
            isHeld.withLock { $0 = false }
            for _ in 0..<sent { #expect(await bench.clientEar.next() == .binary(chunk)) }
            #expect(await bench.clientEar.next() == .closed(1012))
        }
    }

    @Test func `stopping ends open connections and tells both sides once`() async throws {
        try await withBench { bench in
            for _ in 0..<20 { _ = try await bench.connect() }
            #expect(await bench.server.counters().webSockets == 20)
            await bench.server.stop()
            for _ in 0..<20 {
                #expect(await bench.serverEar.next() == .closed(nil))
                #expect(await bench.clientEar.next() == .closed(nil))
            }
        }
    }
}
