// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// What the server's TLS takes, seen by a client that is not ours.
@Suite(.timeLimit(.minutes(1)))
struct HandshakeTests {
    private func withTLS(_ body: (Bench) async throws -> Void) async throws {
        let papers = try Papers()
        defer { papers.remove() }
        try await withBench(papers: papers, web: teller, body)
    }

    @Test(arguments: [(TLS1_2_VERSION, "TLSv1.2"), (TLS1_3_VERSION, "TLSv1.3")])
    func `TLS 1.2 and 1.3 are spoken`(version: Int32, name: String) async throws {
        try await withTLS { bench in
            let socket = try TLSSocket(port: bench.port, .init(least: version, most: version))
            #expect(socket.version == name)
            #expect(try socket.get("/x").hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `TLS 1.1 is refused`() async throws {
        try await withTLS { bench in
            #expect(throws: TLSSocket.Failure.self) {
                try TLSSocket(
                    port: bench.port,
                    .init(least: TLS1_VERSION, most: TLS1_1_VERSION)
                )
            }
            let modern = try TLSSocket(port: bench.port)
            #expect(modern.version == "TLSv1.3")
        }
    }

    @Test func `of the protocols offered HTTP 1.1 alone is chosen`() async throws {
        try await withTLS { bench in
            let both = try TLSSocket(port: bench.port, .init(protocols: ["h2", "http/1.1"]))
            #expect(both.chosen == "http/1.1")
            let none = try TLSSocket(port: bench.port)
            #expect(none.chosen == nil)
            let other = try? TLSSocket(port: bench.port, .init(protocols: ["h2"]))
            #expect(other == nil || other?.chosen == nil)
        }
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `a ticket of one loop is taken on another`(version: Int32) async throws {
        let papers = try Papers()
        defer { papers.remove() }
        try await withBench(papers: papers, web: teller) { one in
            try await withBench(papers: papers, web: teller) { two in
                let first = try TLSSocket(port: one.port, .init(least: version, most: version))
                #expect(!first.isResumed)
                _ = try first.get("/first")
                let session = try first.session()
                defer { SSL_SESSION_free(session) }
                let second = try TLSSocket(
                    port: two.port,
                    .init(least: version, most: version, session: session)
                )
                #expect(second.isResumed)
                #expect(try second.get("/second").hasPrefix("HTTP/1.1 200"))
            }
        }
    }

    @Test func `half a handshake is given up after its time`() async throws {
        let papers = try Papers()
        defer { papers.remove() }
        var settings = ServerSettings.test
        settings.limits.request = .milliseconds(50)
        try await withBench(papers: papers, settings: settings) { bench in
            for start in [[], [22, 3, 1, 2, 0, 1] as [UInt8]] {
                let socket = try RawSocket(port: bench.port)
                try socket.send(start)
                #expect(socket.isAtEnd())
            }
            #expect(await bench.server.counters().open == 0)
        }
    }
}
