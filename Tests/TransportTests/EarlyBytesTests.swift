// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// Where libwebsockets ends and we begin: what lies between is of a peer that did not wait for the
/// answer to its handshake (RFC 6455 §4.1), and of nobody else.
@Suite(.timeLimit(.minutes(1)))
struct EarlyBytesTests {
    private let request = Array(RawSocket.request(for: "/v1/connect").utf8)

    @Test(arguments: [1, 2, 5, 6, 7, 10, 11, 15, 22])
    func `who speaks before the handshake is answered is dropped, and nothing of it heard`(
        count: Int
    ) async throws {
        try await withBench { bench in
            let frame = RawSocket.frame(0x81, Array("early".utf8))
            let early = frame + frame
            let socket = try RawSocket(port: bench.port)
            try socket.send(request + early.prefix(count))
            #expect(await bench.serverEar.next() == .opened)
            // It may be gone already.
            try? socket.send(Array(early.dropFirst(count)) + frame)
            #expect(await bench.serverEar.next() == .closed(nil))
            #expect(await bench.server.counters().open == 0)
        }
    }

    @Test func `the same over TLS`() async throws {
        let papers = try Papers()
        defer { papers.remove() }
        try await withBench(papers: papers) { bench in
            let socket = try TLSSocket(port: bench.port)
            try socket.send(request + RawSocket.frame(0x81, Array("early".utf8)).prefix(3))
            #expect(await bench.serverEar.next() == .opened)
            #expect(await bench.serverEar.next() == .closed(nil))
        }
    }

    @Test func `a handshake behind another request is not early`() async throws {
        try await withBench { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(Array("GET /first HTTP/1.1\r\nHost: door\r\n\r\n".utf8) + request)
            #expect(try socket.response().head.hasPrefix("http/1.1 404"))
            #expect(try socket.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 101"))
            #expect(await bench.serverEar.next() == .opened)
            try socket.send(RawSocket.frame(0x81, Array("hello".utf8)))
            #expect(await bench.serverEar.next() == .text("hello"))
        }
    }

    /// Libwebsockets tells only whether anybody has a backlog.
    @Test func `who comes while another has a backlog is heard right`() async throws {
        try await withBench { bench in
            let other = try RawSocket(port: bench.port)
            let requests = [UInt8](
                (0..<200).map { "GET /\($0) HTTP/1.1\r\nHost: door\r\n\r\n" }.joined().utf8
            )
            for round in UInt8(0)..<20 {
                try other.send(requests)
                let socket = try RawSocket(port: bench.port)
                try socket.upgrade()
                #expect(await bench.serverEar.next() == .opened)
                let payload = (0..<100).map { round &+ UInt8($0) }
                try socket.send(RawSocket.frame(0x89, payload))
                let pong = try socket.frame()
                #expect(pong.first == 0x8A && pong.payload == payload)
                try socket.send(RawSocket.frame(0x88, [0x03, 0xE9]))
                #expect(await bench.serverEar.next() == .closed(1001))
                for _ in 0..<200 { _ = try other.response() }
            }
        }
    }
}
