// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// What a peer does wrong, or too early, or never.
@Suite(.timeLimit(.minutes(1)))
struct WebFaultTests {
    @Test func `pipelined requests without bodies are answered in order`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(
                (0..<8).map { "GET /r\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
            )
            for number in 0..<8 {
                #expect(try socket.response().body == "GET /r\(number)  - - ")
            }
        }
    }

    @Test func `a pipelined request with a body is refused rather than misread`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            let requests = (0..<2).map {
                "POST /r\($0) HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nthe \($0). It"
            }
            try socket.send(requests.joined())
            #expect(try socket.response().body == "POST /r0  - - the 0. It")
            #expect(socket.isAtEnd())
            #expect(await bench.server.counters().requests == 1)
        }
    }

    @Test func `requests cut anywhere, behind each other, never hold the loop up`() async throws {
        let stream = (0..<4).map {
            "POST /r\($0) HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nbody\($0)"
                + "GET /g HTTP/1.1\r\nHost: x\r\n\r\n"
        }.joined()
        try await withServer { bench in
            for cut in stride(from: 1, to: stream.utf8.count, by: 7) {
                let socket = try RawSocket(port: bench.port)
                try socket.send(Array(stream.utf8.prefix(cut)))
                try await bench.serverLoop.run {}
                try? socket.send(Array(stream.utf8.dropFirst(cut)))
                // The first is served, whatever becomes of the others.
                #expect(try socket.response().body == "POST /r0  - - body0")
            }
            let other = try RawSocket(port: bench.port)
            try other.send("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try other.response().body == "GET /ok  - - ")
        }
    }

    @Test func `a body that begins like a request line is a body`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            for body in [
                "GET /r1 HTTP/1.1\r\n", "POST /elsewhere HTTP/1.1\r\nHost: x",
                "POST /r1 said who, and why?\r\n", "POST /r1x HTTP/1.1\r\n", "PUT /r1",
            ] {
                let length = body.utf8.count
                try socket.send(
                    "POST /r1 HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n\(body)"
                )
                #expect(try socket.response().body == "POST /r1  - - \(body)")
            }
        }
    }

    @Test(arguments: ["/r0", "/r%31?a=b", "/x/..//r"])
    func `a misread request is known however its path is written`(path: String) async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            let request = "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n"
            let body = String(repeating: "b", count: 40)
            try socket.send(request + body + request + body)
            #expect(try socket.response().body.hasSuffix(body))
            #expect(socket.isAtEnd())
            #expect(await bench.server.counters().requests == 1)
        }
    }

    @Test func `a query of too many items is refused`() async throws {
        try await withServer { bench in
            for (count, status) in [(64, 200), (65, 400)] {
                let socket = try RawSocket(port: bench.port)
                let query = (0..<count).map { "i\($0)=\($0)" }.joined(separator: "&")
                try socket.send("GET /q?\(query) HTTP/1.1\r\nHost: x\r\n\r\n")
                let (head, body) = try socket.response()
                #expect(head.hasPrefix("http/1.1 \(status)"))
                #expect(status == 400 || body.contains("i63=63"))
            }
        }
    }

    @Test func `a head over its bound is not served, and others are`() async throws {
        try await withServer(limits: { $0.request = .milliseconds(500) }) { bench in
            let socket = try RawSocket(port: bench.port)
            let line = "X-Long: " + String(repeating: "x", count: 20_000)
            try? socket.send("GET /long HTTP/1.1\r\nHost: x\r\n\(line)\r\n\r\n")
            let answer = String(decoding: try socket.receiveAll(), as: UTF8.self)
            #expect(!answer.contains(" 200 "))
            #expect(await bench.server.counters().requests == 0)
            let other = try RawSocket(port: bench.port)
            let most = String(repeating: "y", count: 12_000)
            try other.send("GET /ok HTTP/1.1\r\nHost: x\r\nAuthorization: \(most)\r\n\r\n")
            #expect(try other.response().body == "GET /ok  \(most) - ")
        }
    }

    @Test(arguments: [
        ("", true), ("X-Forwarded-For: 192.0.2.1\r\n", false),
        ("Forwarded: for=192.0.2.1\r\n", false), ("X-Real-IP: 192.0.2.1\r\n", false),
    ])
    func `who asks for somebody else is not loopback`(
        field: String,
        isLoopback: Bool
    ) async throws {
        try await withServer(web: { WebResponse(status: .ok, text: "\($0.isLoopback)") }) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\(field)\r\n")
            #expect(try socket.response().body == "\(isLoopback)")
        }
    }

    @Test func `half a request is given up after its time, and an idle connection too`()
        async throws
    {
        try await withServer(limits: {
            $0.request = .milliseconds(50)
            $0.keepAlive = .milliseconds(50)
        }) { bench in
            for start in [
                "", "GET /", "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
            ] {
                let socket = try RawSocket(port: bench.port)
                try socket.send(start)
                #expect(socket.isAtEnd())
            }
            let socket = try RawSocket(port: bench.port)
            try socket.send("GET /idle HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try socket.response()
            #expect(socket.isAtEnd())
        }
    }

    @Test(arguments: [
        ("/v1/connect", "Sec-WebSocket-Protocol: other", 400),
        ("/v1/connect", "X-Nothing: 1", 400),
        ("/elsewhere", "Sec-WebSocket-Protocol: vestibule.v1", 404),
    ])
    func `an upgrade that is not ours is answered`(
        path: String,
        field: String,
        status: Int
    ) async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(
                """
                GET \(path) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                \(field)\r\n\r\n
                """
            )
            #expect(try socket.response().head.hasPrefix("http/1.1 \(status)"))
            #expect(socket.isAtEnd())
            #expect(await bench.serverEar.isEmptySoFar)
        }
    }

    @Test(arguments: [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "nonsense\r\n\r\n", "GET\r\n\r\n",
        "\u{0}\u{1}\u{2}\r\n\r\n",
        "BREW /pot HTTP/1.1\r\n\r\n", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    ])
    func `nonsense is not served, and others are`(nonsense: String) async throws {
        try await withServer(limits: { $0.request = .milliseconds(200) }) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(nonsense)
            let answer = try socket.receive(until: "\r\n\r\n")
            #expect(!answer.contains(" 200 ") && !answer.contains(" 101 "))
            let other = try RawSocket(port: bench.port)
            try other.send("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try other.response().body == "GET /ok  - - ")
        }
    }
}

extension Ear {
    /// Nothing was heard: whatever comes next is this mark.
    var isEmptySoFar: Bool {
        get async {
            mark()
            return await next() == .oversized
        }
    }
}
