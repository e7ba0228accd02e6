// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// Tells what the handler got; some paths behave otherwise.
let teller: WebHandler = { request in
    switch request.path {
    case "/lost": return WebResponse(status: .notFound, text: "lost\n")
    case "/empty": return WebResponse(status: .noContent)
    case "/large":
        return WebResponse(status: .ok, body: .bytes([UInt8](repeating: 66, count: 3_000_000)))
    case "/stream":
        return WebResponse(
            status: .ok,
            body: .stream(
                AsyncStream { continuation in
                    for piece in ["one,", "two,", "", "three"] {
                        continuation.yield(Array(piece.utf8))
                    }
                    continuation.finish()
                }
            )
        )
    default:
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let authorization = request.headerFields[.authorization] ?? "-"
        let key = HTTPField.Name("idempotency-key").flatMap { request.headerFields[$0] } ?? "-"
        let body = String(decoding: request.body, as: UTF8.self)
        return WebResponse(
            status: .ok,
            text: "\(request.method) \(request.path) \(query) \(authorization) \(key) \(body)"
        )
    }
}

/// A server with other limits or another handler.
func withServer(
    limits: (inout TransportLimits) -> Void = { _ in },
    web: @escaping WebHandler = teller,
    _ body: (Bench) async throws -> Void
) async throws {
    var settings = ServerSettings.test
    limits(&settings.limits)
    try await withBench(settings: settings, web: web, body)
}

@Suite(.timeLimit(.minutes(1)))
struct WebTests {
    @Test func `a kept-alive connection serves one request after the other`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            for number in 0..<20 {
                try socket.send("GET /r\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                let (head, body) = try socket.response()
                #expect(head.hasPrefix("http/1.1 200 ok"))
                #expect(body == "GET /r\(number)  - - ")
            }
            #expect(await bench.server.counters().accepted == 1)
        }
    }

    @Test func `header fields are read by name, known to the engine or not`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(
                "GET /h HTTP/1.1\r\nHost: x\r\nAUTHORIZATION: Bearer t\r\nIdempotency-Key:  k 1\r\n\r\n"
            )
            #expect(try socket.response().body == "GET /h  Bearer t k 1 ")
        }
    }

    @Test func `paths and queries are decoded once`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(
                "GET /a//b/../c%20d?x=1%262&y&z=%2541=b HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            #expect(try socket.response().body == "GET /a/c d x=1&2&y=&z=%41=b - - ")
        }
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func `methods work with a body, an empty one and none`(method: String) async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("\(method) /m HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
            #expect(try socket.response().body == "\(method) /m  - - body")
            try socket.send("\(method) /m HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            #expect(try socket.response().body == "\(method) /m  - - ")
            try socket.send("\(method) /m HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try socket.response().body == "\(method) /m  - - ")
        }
    }

    @Test func `HEAD and 204 carry no body, and the connection goes on`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try socket.receive(until: "\r\n\r\n").contains("content-length: 13"))
            try socket.send("DELETE /empty HTTP/1.1\r\nHost: x\r\n\r\n")
            let head = try socket.receive(until: "\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 204"))
            #expect(!head.contains("content-length"))
            try socket.send("GET /lost HTTP/1.1\r\nHost: x\r\n\r\n")
            let (lost, body) = try socket.response()
            #expect(lost.hasPrefix("http/1.1 404"))
            #expect(body == "lost\n")
        }
    }

    @Test func `a chunked body is refused 411 and the connection ends`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(
                "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            )
            let (head, _) = try socket.response()
            #expect(head.hasPrefix("http/1.1 411"))
            #expect(head.contains("connection: close"))
            #expect(socket.isAtEnd())
        }
    }

    @Test(arguments: ["1025", "99999999999", "999999999999999999999999"])
    func `a body over the limit is refused before it is read`(length: String) async throws {
        try await withServer(limits: { $0.body = 1_024 }) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(
                "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\nsome of it"
            )
            let (head, _) = try socket.response()
            #expect(head.hasPrefix(length.count > 18 ? "http/1.1 400" : "http/1.1 413"))
            #expect(socket.isAtEnd())
        }
    }

    @Test(arguments: ["-1", "+5", "5, 5", "0x10", "five"])
    func `a length that is no plain number is refused`(length: String) async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\nhello")
            #expect(try socket.response().head.hasPrefix("http/1.1 400"))
            #expect(socket.isAtEnd())
        }
    }

    @Test func `a body of the greatest length arrives whole, after 100-continue`() async throws {
        try await withServer(
            limits: { $0.body = 300_000 },
            web: { request in
                WebResponse(
                    status: .ok,
                    text: "\(request.body.count) \(request.body.allSatisfy { $0 == 88 })"
                )
            }
        ) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(
                "PUT /b HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try socket.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
            try socket.send([UInt8](repeating: 88, count: 300_000))
            #expect(try socket.response().body == "300000 true")
        }
    }

    @Test func `a large response arrives whole, and the connection goes on`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            for _ in 0..<3 {
                try socket.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
                let body = try socket.response().body
                #expect(body.utf8.count == 3_000_000)
                #expect(body.utf8.allSatisfy { $0 == 66 })
            }
        }
    }

    @Test func `a streamed response comes in chunks, and the connection goes on`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            for _ in 0..<3 {
                try socket.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try socket.receive(until: "\r\n\r\n")
                #expect(head.contains("transfer-encoding: chunked"))
                let body = try socket.receive(until: "0\r\n\r\n")
                #expect(body == "4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\n\r\n")
            }
        }
    }

    @Test func `a stream ends when its reader goes`() async throws {
        let ended = Locked<Handoff<Void, Never>?>(nil)
        let source = Locked<AsyncStream<[UInt8]>.Continuation?>(nil)
        try await withServer(web: { _ in
            WebResponse(
                status: .ok,
                body: .stream(
                    AsyncStream { continuation in
                        continuation.onTermination = { _ in ended.withLock { $0 }?.resume() }
                        continuation.yield([65])
                        source.withLock { $0 = continuation }
                    }
                )
            )
        }) { bench in
            var socket: RawSocket? = try RawSocket(port: bench.port)
            try socket?.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try socket?.receive(until: "1\r\nA\r\n")
            await withHandoff { continuation in
                ended.withLock { $0 = continuation }
                socket = nil
                // What is written into the void is answered by a reset.
                for _ in 0..<200 {
                    source.withLock { $0 }?.yield([UInt8](repeating: 66, count: 10_000))
                }
            }
            socket = try RawSocket(port: bench.port)
        }
    }

    @Test func `a slow handler does not hold up others, nor burn the processor`() async throws {
        let waiting = Locked<[Handoff<Void, Never>]>([])
        try await withServer(web: { request in
            if request.path == "/slow" {
                await withHandoff { continuation in
                    waiting.withLock { $0.append(continuation) }
                }
            }
            return WebResponse(status: .ok, text: request.path)
        }) { bench in
            let slow = try RawSocket(port: bench.port)
            // The next request waits behind the slow one; a loop that saw it and did not read it
            // would turn round and round.
            try slow.send(
                "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            let turns = Locked(0)
            let quick = try RawSocket(port: bench.port)
            try quick.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try quick.response().body == "/quick")
            try slow.send("GET /third HTTP/1.1\r\nHost: x\r\n\r\n")
            await withHandoff { continuation in
                bench.serverLoop.submit {
                    _ = bench.serverLoop.atEndOfTurn { turns.withLock { $0 += 1 } }
                    _ = bench.serverLoop.schedule(after: .milliseconds(50)) {
                        continuation.resume()
                    }
                }
            }
            #expect(turns.withLock { $0 } < 100)
            for continuation in waiting.withLock({ $0 }) { continuation.resume() }
            #expect(try slow.response().body == "/slow")
            #expect(try slow.response().body == "/next")
            #expect(try slow.response().body == "/third")
        }
    }

    @Test func `a client that goes away while its handler works harms nobody`() async throws {
        let waiting = Locked<Handoff<Void, Never>?>(nil)
        let arrived = AsyncStream<Void>.makeStream()
        try await withServer(web: { request in
            if request.path == "/slow" {
                await withHandoff { continuation in
                    waiting.withLock { $0 = continuation }
                    arrived.continuation.yield()
                }
            }
            return WebResponse(status: .ok, text: request.path)
        }) { bench in
            var socket: RawSocket? = try RawSocket(port: bench.port)
            try socket?.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            var iterator = arrived.stream.makeAsyncIterator()
            await iterator.next(isolation: #isolation)
            socket = nil
            waiting.withLock { $0 }?.resume()
            socket = try RawSocket(port: bench.port)
            try socket?.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try socket?.response().body == "/quick")
        }
    }
}
