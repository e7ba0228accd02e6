// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// How a client gets to its server, or does not.
@Suite(.timeLimit(.minutes(1)))
struct ConnectTests {
    /// Runs `body` with a client whose names lead where `lookUp` says.
    private func withClient(
        of bench: Bench,
        trust: WebSocketTrust = .system,
        lookUp: @escaping @Sendable (String) -> NameService.Answer,
        _ body: (WebSocketClient, Ear) async throws -> Void
    ) async throws {
        let loop = bench.clientLoop
        let ear = Ear(loop: loop)
        let client = try await loop.run {
            try WebSocketClient(
                loop: loop,
                trust: trust,
                names: NameService(lookUp: lookUp),
                handler: ear
            )
        }
        do {
            try await body(client, ear)
        } catch {
            await client.stop()
            throw error
        }
        await client.stop()
    }

    private func target(_ bench: Bench, _ host: String) -> WebSocketTarget {
        WebSocketTarget(isSecure: bench.isSecure, host: host, port: bench.port)
    }

    @Test(arguments: [true, false])
    func `a connection given up before it has a socket never opens`(drops: Bool) async throws {
        try await withBench { bench in
            let target = bench.target
            try await bench.clientLoop.run {
                let connection = bench.client.connect(to: target)
                if drops { connection.drop() } else { connection.close(code: 1000, reason: "") }
            }
            #expect(await bench.clientEar.next() == .failed("dropped before it was opened"))
            _ = try await bench.connect()
            #expect(await bench.server.counters().accepted == 1)
            #expect(await bench.clientEar.isEmptySoFar)
        }
    }

    @Test func `a connection given up while its host is looked up never opens`() async throws {
        try await withBench { bench in
            let held = Locked(true)
            try await withClient(
                of: bench,
                lookUp: { _ in
                    while held.withLock({ $0 }) {}
                    return .success(["127.0.0.1"])
                }
            ) { client, ear in
                let target = target(bench, "door.example")
                let line = try await bench.clientLoop.run {
                    Line(loop: bench.clientLoop, connection: client.connect(to: target))
                }
                try await line.run { $0.drop() }
                #expect(await ear.next() == .failed("dropped before it was opened"))
                held.withLock { $0 = false }
                #expect(await ear.isEmptySoFar)
            }
            #expect(await bench.server.counters().accepted == 0)
        }
    }

    @Test func `a connection given up in its handshake fails, once`() async throws {
        let papers = try Papers()
        defer { papers.remove() }
        // A server that takes sockets and says nothing: TLS waits for its first word.
        let (listener, port) = try RawSocket.listening()
        try await withBench(papers: papers) { bench in
            for isSecure in [true, false] {
                let target = WebSocketTarget(isSecure: isSecure, host: "127.0.0.1", port: port)
                let line = try await bench.clientLoop.run {
                    Line(loop: bench.clientLoop, connection: bench.client.connect(to: target))
                }
                let taken = try listener.accepted()
                _ = taken.receive()
                try await line.run { $0.drop() }
                guard case .failed = await bench.clientEar.next() else {
                    Issue.record("it did not fail")
                    return
                }
                #expect(await bench.clientEar.isEmptySoFar)
            }
        }
    }

    @Test func `the addresses of a name are tried one after the other`() async throws {
        try await withBench { bench in
            try await withClient(
                of: bench,
                // Nobody listens at the first two, and the second is no address of this machine.
                lookUp: { _ in .success(["127.0.0.2", "::1", "127.0.0.1"]) }
            ) { client, ear in
                let target = target(bench, "door.example")
                try await bench.clientLoop.run { _ = client.connect(to: target) }
                #expect(await ear.next() == .opened)
                let line = try await ear.line()
                #expect(try await line.run { $0.remoteAddress } == "127.0.0.1")
            }
        }
    }

    @Test func `a name without a working address fails, once`() async throws {
        try await withBench { bench in
            try await withClient(
                of: bench,
                lookUp: { name in
                    switch name {
                    case "empty": .success([])
                    case "broken": .failure(NameFailure("no name server"))
                    default: .success(["127.0.0.2", "127.0.0.3"])
                    }
                }
            ) { client, ear in
                for (name, reason) in [
                    ("empty", "no such host: empty"), ("broken", "no name server"), ("deaf", nil),
                ] {
                    let target = target(bench, name)
                    try await bench.clientLoop.run { _ = client.connect(to: target) }
                    guard case .failed(let said) = await ear.next() else {
                        Issue.record("it did not fail")
                        return
                    }
                    #expect(reason == nil || said == reason)
                    #expect(await ear.isEmptySoFar)
                }
            }
        }
    }

    @Test(arguments: ["localhost", "LOCALHOST", "127.0.0.1", "127.1"])
    func `this machine and numeric addresses need no lookup`(host: String) async throws {
        try await withBench { bench in
            try await withClient(
                of: bench,
                lookUp: { _ in .failure(NameFailure("nobody is to be asked")) }
            ) { client, ear in
                let target = target(bench, host)
                try await bench.clientLoop.run { _ = client.connect(to: target) }
                #expect(await ear.next() == .opened)
                let line = try await ear.line()
                #expect(try await line.run { $0.remoteAddress } == "127.0.0.1")
            }
        }
    }

    @Test func `stopping does not wait for a lookup`() async throws {
        let held = Locked(true)
        try await withBench { bench in
            try await withClient(
                of: bench,
                lookUp: { _ in
                    while held.withLock({ $0 }) {}
                    return .success(["127.0.0.1"])
                }
            ) { client, ear in
                let target = target(bench, "door.example")
                try await bench.clientLoop.run { _ = client.connect(to: target) }
                await client.stop()
                #expect(await ear.next() == .failed("stopped"))
                try await bench.clientLoop.run { _ = client.connect(to: target) }
                #expect(await ear.next() == .failed("stopped"))
            }
        }
        // Even both loops have ended by now.
        held.withLock { $0 = false }
    }

    @Test func `a certificate for another name, or that has expired, is refused`() async throws {
        let now = EventLoop.readNow().time
        for (names, time, isGood) in [
            (["door.example"], now, true), (["other.example"], now, false),
            (["door.example"], now + .seconds(-400 * 86_400), false),
        ] {
            let papers = try Papers(names: names, at: time)
            defer { papers.remove() }
            try await withBench(papers: papers) { bench in
                try await withClient(
                    of: bench,
                    trust: .file(papers.authorityFile),
                    lookUp: { _ in .success(["127.0.0.1"]) }
                ) { client, ear in
                    let target = target(bench, "door.example")
                    try await bench.clientLoop.run { _ = client.connect(to: target) }
                    #expect((await ear.next() == .opened) == isGood, "\(names), \(time)")
                }
            }
        }
    }
}
