// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// What a server reads and takes apart by itself, from a peer that is written by hand.
@Suite(.timeLimit(.minutes(1)))
struct WebSocketInputTests {
    /// A peer of a fresh server that has shaken hands.
    private func withPeer(
        settings: ServerSettings = .test,
        react: @escaping Ear.Reaction = { _, _ in },
        _ body: (RawSocket, Bench) async throws -> Void
    ) async throws {
        try await withBench(settings: settings, serverReact: react) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.upgrade()
            #expect(await bench.serverEar.next() == .opened)
            try await body(socket, bench)
        }
    }

    private func masked(_ first: UInt8, _ payload: [UInt8], key: [UInt8]) -> [UInt8] {
        var frame = RawSocket.frame(first, payload)
        let start = frame.count - payload.count
        for (index, byte) in key.enumerated() { frame[start - 4 + index] = byte }
        for index in payload.indices { frame[start + index] ^= key[index % 4] }
        return frame
    }

    @Test func `frames arrive whole however they are cut`() async throws {
        var random = SeededGenerator(seed: 7)
        let payloads: [[UInt8]] = [0, 1, 3, 7, 8, 9, 125, 126, 300, 5_000, 70_000].map { length in
            (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var stream: [UInt8] = []
        for payload in payloads {
            let key = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
            stream += masked(0x82, payload, key: key)
        }
        try await withPeer { socket, bench in
            var sent = await bench.server.counters().bytesIn
            for cut in [1, 2, 5, 13, 1_000, 65_536, stream.count] {
                // Heads lie in the first bytes, where it is cut small.
                var rest = stream[...]
                while !rest.isEmpty {
                    let isSmall = stream.count - rest.count < 1_400
                    let piece = Array(rest.prefix(isSmall ? cut : max(cut, 20_000)))
                    rest = rest.dropFirst(piece.count)
                    try socket.send(piece)
                    sent += UInt64(piece.count)
                    // Each is read by itself: together in the kernel they would be no cuts.
                    while await bench.server.counters().bytesIn < sent {}
                }
                for payload in payloads {
                    #expect(await bench.serverEar.next() == .binary(payload))
                }
            }
        }
    }

    @Test func `a message in fragments is one message, with pings between them`() async throws {
        try await withPeer { socket, bench in
            try socket.send(RawSocket.frame(0x01, Array("Gr".utf8)))
            try socket.send(RawSocket.frame(0x89, [42, 43]))
            // The letter ü is torn between two fragments.
            let rest = Array("üße".utf8)
            try socket.send(RawSocket.frame(0x00, Array(rest[..<1])))
            try socket.send(RawSocket.frame(0x80, Array(rest[1...])))
            #expect(await bench.serverEar.next() == .text("Grüße"))
            let pong = try socket.frame()
            #expect(pong.first == 0x8A && pong.payload == [42, 43])
            try socket.send(RawSocket.frame(0x02, [1]) + RawSocket.frame(0x80, []))
            #expect(await bench.serverEar.next() == .binary([1]))
        }
    }

    @Test(
        arguments: [
            ([0x82, 0x01, 9], 1002, "without a mask"),
            ([0xC1, 0x80, 0, 0, 0, 0], 1002, "a reserved bit"),
            ([0x83, 0x80, 0, 0, 0, 0], 1002, "a reserved code"),
            ([0x09, 0x80, 0, 0, 0, 0], 1002, "a ping in fragments"),
            ([0x80, 0x80, 0, 0, 0, 0], 1002, "a continuation of nothing"),
            ([0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0], 1002, "a message within another"),
            ([0x81, 0x81, 0, 0, 0, 0, 0xFF], 1007, "text that is not UTF-8"),
            ([0x81, 0x83, 0, 0, 0, 0, 0xED, 0xA0, 0x80], 1007, "a lone surrogate"),
            (
                [0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0], 1009,
                "the largest length there is"
            ),
        ] as [([UInt8], UInt16, String)]
    )
    func `a fault of the peer is named and ends it`(
        bytes: [UInt8],
        code: UInt16,
        what: String
    ) async throws {
        try await withPeer { socket, bench in
            try socket.send(bytes)
            // Not looked at any more.
            try socket.send(RawSocket.frame(0x81, Array("afterwards".utf8)))
            let close = try socket.frame()
            #expect(close.first == 0x88, "\(what)")
            #expect(Array(close.payload.prefix(2)) == [UInt8(code >> 8), UInt8(code & 255)])
            if code == 1009 { #expect(await bench.serverEar.next() == .oversized) }
            #expect(await bench.serverEar.next() == .closed(nil), "\(what)")
        }
    }

    @Test func `fragments together are held to the limit of their kind`() async throws {
        try await withPeer(react: { connection, heard in
            if heard == .opened { connection.textLimit = 10 }
        }) { socket, bench in
            try socket.send(RawSocket.frame(0x01, [UInt8](repeating: 65, count: 6)))
            try socket.send(RawSocket.frame(0x80, [UInt8](repeating: 65, count: 4)))
            #expect(await bench.serverEar.next() == .text("AAAAAAAAAA"))
            try socket.send(RawSocket.frame(0x01, [UInt8](repeating: 65, count: 6)))
            try socket.send(RawSocket.frame(0x80, [UInt8](repeating: 65, count: 5)))
            #expect(await bench.serverEar.next() == .oversized)
        }
    }

    @Test func `a close frame is answered and then the socket closed`() async throws {
        try await withPeer { socket, bench in
            try socket.send(RawSocket.frame(0x88, [0x03, 0xE9]))
            #expect(await bench.serverEar.next() == .closed(1001))
            let answer = try socket.frame()
            #expect(answer.first == 0x88 && answer.payload == [0x03, 0xE9])
            #expect(socket.isAtEnd())
        }
    }

    @Test func `the end of the stream is the end of the connection`() async throws {
        try await withPeer { socket, bench in
            try socket.send(RawSocket.frame(0x81, Array("last".utf8)) + [0x82, 0xFE, 9])
            shutdown(socket.descriptor, Int32(SHUT_WR))
            #expect(await bench.serverEar.next() == .text("last"))
            #expect(await bench.serverEar.next() == .closed(nil))
        }
    }

    @Test func `of pings that nobody takes the answers to only the last is kept`() async throws {
        try await withBench { bench in
            let (socket, line) = try await bench.peerThatTakesNoMore()
            let before = try await line.run { $0.unsentBytes }
            for number in UInt8(0)..<200 {
                try socket.send(RawSocket.frame(0x89, [UInt8](repeating: number, count: 125)))
            }
            try socket.send(RawSocket.frame(0x81, Array("now".utf8)))
            #expect(await bench.serverEar.next() == .text("now"))
            #expect(try await line.run { $0.unsentBytes } <= before)
            var frame = try socket.frame()
            while frame.first == 0x82 { frame = try socket.frame() }
            #expect(frame.first == 0x8A && frame.payload == [UInt8](repeating: 199, count: 125))
        }
    }

    @Test func `of the pings of one turn the last is answered`() async throws {
        try await withPeer { socket, bench in
            // One segment, so one read.
            try socket.send((UInt8(0)..<100).flatMap { RawSocket.frame(0x89, [$0, 7]) })
            let pong = try socket.frame()
            #expect(pong.first == 0x8A && pong.payload == [99, 7])
            try socket.send(RawSocket.frame(0x88, []))
            #expect(try socket.frame().first == 0x88, "no other pong before it")
            #expect(await bench.serverEar.next() == .closed(1005))
        }
    }

    @Test func `a sign of life is whatever comes`() async throws {
        try await withPeer { socket, bench in
            let line = try await bench.serverEar.line()
            let before = try await line.run { $0.lastReceived }
            try socket.send(RawSocket.frame(0x8A, [1]))
            var seen = before
            while seen == before { seen = try await line.run { $0.lastReceived } }
            #expect(seen > before)
        }
    }
}
