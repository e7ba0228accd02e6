// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPTypes
import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// Handlers that wait until the test lets them go on.
final class Patience: Sendable {
    private let waiting = Locked<[Handoff<Void, Never>]>([])
    private let arrivals = AsyncStream<Void>.makeStream()
    private let ends = AsyncStream<Bool>.makeStream()

    /// What a handler calls; it tells whether it was cancelled meanwhile.
    func wait() async {
        await withTaskCancellationHandler {
            await withHandoff { continuation in
                waiting.withLock { $0.append(continuation) }
                arrivals.continuation.yield()
            }
        } onCancel: {
            ends.continuation.yield(true)
        }
    }

    func arrived() async { for await _ in arrivals.stream { return } }

    func isCancelled() async -> Bool {
        for await isCancelled in ends.stream { return isCancelled }
        return false
    }

    func end() {
        let all = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for continuation in all { continuation.resume() }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct AnswerTests {
    @Test func `an answer has a date, and its handler cannot set another`() async throws {
        try await withServer(web: { _ in
            WebResponse(status: .ok, headerFields: [.date: "yesterday"])
        }) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let head = try socket.receive(until: "\r\n\r\n")
            let dates = head.split(separator: "\r\n").filter { $0.hasPrefix("date: ") }
            #expect(dates.count == 1)
            let pattern =
                /date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT/
            #expect(try pattern.wholeMatch(in: String(dates.first ?? "")) != nil, "\(dates)")
        }
    }

    @Test(arguments: [204, 304])
    func `a status without a body has none, whatever its handler gives`(code: Int) async throws {
        try await withServer(web: { request in
            let status = HTTPResponse.Status(code: code)
            return request.path == "/bytes"
                ? WebResponse(status: status, text: "not sent")
                : WebResponse(
                    status: status,
                    body: .stream(AsyncStream { $0.yield([65]) })
                )
        }) { bench in
            let socket = try RawSocket(port: bench.port)
            for path in ["/bytes", "/stream", "/bytes"] {
                try socket.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try socket.receive(until: "\r\n\r\n")
                #expect(head.hasPrefix("HTTP/1.1 \(code)"))
                #expect(!head.contains("content-length") && !head.contains("chunked"))
            }
        }
    }

    @Test(arguments: [
        "GET /r HTTP/1.0\r\n\r\n", "GET /r HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /r HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /r HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\n\r\n",
    ])
    func `a connection that ends with its answer says so and ends`(request: String) async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send(request)
            let (head, body) = try socket.response()
            #expect(body == "GET /r  - - ")
            #expect(head.contains("connection: close"))
            #expect(socket.isAtEnd())
        }
    }

    @Test func `HTTP 1.0 gets a stream without chunks, up to the connection's end`() async throws {
        try await withServer { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("GET /stream HTTP/1.0\r\n\r\n")
            let head = try socket.receive(until: "\r\n\r\n")
            #expect(head.contains("connection: close") && !head.contains("chunked"))
            #expect(String(decoding: try socket.receiveAll(), as: UTF8.self) == "one,two,three")
        }
    }

    @Test func `a handler that takes too long is cancelled, and its peer gets 503`() async throws {
        let patience = Patience()
        try await withServer(
            limits: { $0.handler = .milliseconds(50) },
            web: { request in
                if request.path == "/slow" { await patience.wait() }
                return WebResponse(status: .ok, text: "late\n")
            }
        ) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            let (head, _) = try socket.response()
            #expect(head.hasPrefix("http/1.1 503") && head.contains("connection: close"))
            #expect(await patience.isCancelled())
            patience.end()
            #expect(socket.isAtEnd())
            #expect(await bench.server.counters().requestsOverdue == 1)
            let other = try RawSocket(port: bench.port)
            try other.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try other.response().body == "late\n")
        }
    }

    @Test func `a handler whose peer goes is cancelled`() async throws {
        let patience = Patience()
        try await withServer(
            limits: { $0.silence = .milliseconds(100) },
            web: { _ in
                await patience.wait()
                return WebResponse(status: .ok)
            }
        ) { bench in
            var socket: RawSocket? = try RawSocket(port: bench.port)
            try socket?.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            await patience.arrived()
            socket = nil
            #expect(await patience.isCancelled())
            patience.end()
        }
    }

    @Test func `a stream that says nothing notices that its reader has gone`() async throws {
        let ended = AsyncStream<Void>.makeStream()
        let kept = Locked<AsyncStream<[UInt8]>.Continuation?>(nil)
        try await withServer(
            limits: { $0.silence = .milliseconds(100) },
            web: { _ in
                let (pieces, continuation) = AsyncStream<[UInt8]>.makeStream()
                continuation.onTermination = { _ in ended.continuation.yield() }
                continuation.yield([65])
                kept.withLock { $0 = continuation }
                return WebResponse(status: .ok, body: .stream(pieces))
            }
        ) { bench in
            var socket: RawSocket? = try RawSocket(port: bench.port)
            try socket?.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try socket?.receive(until: "1\r\nA\r\n")
            socket = nil
            for await _ in ended.stream { break }
            kept.withLock { $0 = nil }
        }
    }

    @Test func `requests in flight are counted, streams are not`() async throws {
        let patience = Patience()
        let (pieces, source) = AsyncStream<[UInt8]>.makeStream()
        try await withServer(web: { request in
            if request.path == "/stream" { return WebResponse(status: .ok, body: .stream(pieces)) }
            await patience.wait()
            return WebResponse(status: .ok, text: "done")
        }) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            await patience.arrived()
            let other = try RawSocket(port: bench.port)
            try other.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try other.receive(until: "\r\n\r\n")
            #expect(await bench.server.counters().requestsInFlight == 1)
            await bench.server.stopAccepting()
            patience.end()
            #expect(try socket.response().body == "done")
            #expect(await bench.server.counters().unfinished == 0)
            source.finish()
        }
    }

    @Test func `stopping with a request in flight cancels it and ends its peer`() async throws {
        let patience = Patience()
        try await withServer(web: { _ in
            await patience.wait()
            return WebResponse(status: .ok)
        }) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            await patience.arrived()
            await bench.server.stop()
            #expect(socket.isAtEnd())
            #expect(await patience.isCancelled())
            patience.end()
        }
    }

    @Test func `a slow reader that asks ahead does not burn the processor`() async throws {
        let body = [UInt8](repeating: 66, count: 8_000_000)
        try await withServer(web: { _ in WebResponse(status: .ok, body: .bytes(body)) }) { bench in
            let socket = try RawSocket(port: bench.port, receiveBuffer: 16_384)
            let request = "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
            try socket.send(request)
            _ = try socket.receive(until: "\r\n\r\n")
            try socket.send(request)
            // What the kernel keeps for the reader is full before this is over.
            await bench.pass(.milliseconds(200))
            let turns = Locked(0)
            _ = try await bench.serverLoop.run {
                bench.serverLoop.atEndOfTurn { turns.withLock { $0 += 1 } }
            }
            await bench.pass(.milliseconds(100))
            // A loop that turns for nothing turns some ten thousand times.
            #expect(turns.withLock { $0 } < 1_000)
            _ = try socket.receive(exactly: body.count)
            let second = try socket.response()
            #expect(second.body.utf8.count == body.count)
        }
    }

    @Test func `a reader that goes on is waited for, one that stops is not`() async throws {
        let body = [UInt8](repeating: 66, count: 8_000_000)
        try await withServer(
            limits: {
                $0.response = .seconds(1)
                $0.request = .seconds(1)
            },
            web: { _ in WebResponse(status: .ok, body: .bytes(body)) }
        ) { bench in
            let socket = try RawSocket(port: bench.port, receiveBuffer: 16_384)
            let stopped = try RawSocket(port: bench.port, receiveBuffer: 16_384)
            for socket in [socket, stopped] {
                try socket.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            }
            // On a thread of its own: what else is tested meanwhile must not stop this reader.
            let reader = try EventLoop(name: "reader")
            reader.start()
            nonisolated(unsafe) let goesOn = socket
            let next = try await reader.run {
                _ = try goesOn.receive(until: "\r\n\r\n")
                // Twice the time in all, each slice well within it.
                for _ in 0..<40 {
                    _ = try goesOn.receive(exactly: 200_000)
                    poll(nil, 0, 50)
                }
                try goesOn.send("GET /again HTTP/1.1\r\nHost: x\r\n\r\n")
                return try goesOn.receive(until: "\r\n\r\n")
            }
            await reader.stop()
            #expect(next.hasPrefix("HTTP/1.1 200"))
            #expect(try stopped.receiveAll().count < body.count)
        }
    }
}

/// Takes more than a minute.
@Suite(.timeLimit(.minutes(2)))
struct SlowAnswerTests {
    @Test func `libwebsockets' own minute does not end an answer that may take longer`()
        async throws
    {
        let patience = Patience()
        try await withServer(
            limits: {
                $0.handler = .seconds(100)
                $0.keepAlive = .seconds(100)
            },
            web: { request in
                if request.path == "/slow" { await patience.wait() }
                return WebResponse(status: .ok, text: "\(request.body.count)")
            }
        ) { bench in
            let idle = try RawSocket(port: bench.port)
            try idle.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try idle.response().body == "0")
            let get = try RawSocket(port: bench.port)
            try get.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            let post = try RawSocket(port: bench.port)
            try post.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
            await bench.pass(.seconds(64))
            patience.end()
            #expect(try get.response().body == "0")
            #expect(try post.response().body == "2")
            try idle.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try idle.response().body == "0")
        }
    }
}
