// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// What a peer of any kind may put on the wire.
@Suite(.timeLimit(.minutes(1)))
struct FrameTests {
    @Test func `fragments are gathered, with a ping between them`() async throws {
        try await withBench { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.upgrade()
            #expect(await bench.serverEar.next() == .opened)
            let big = [UInt8](repeating: 7, count: 40_000)
            try socket.send(RawSocket.frame(0x02, big))
            try socket.send(RawSocket.frame(0x89, [1, 2, 3]))
            try socket.send(RawSocket.frame(0x00, []))
            try socket.send(RawSocket.frame(0x80, [9]))
            #expect(await bench.serverEar.next() == .binary(big + [9]))
            let pong = try socket.frame()
            #expect(pong.first == 0x8A)
            #expect(pong.payload == [1, 2, 3])
        }
    }

    @Test func `a message that comes byte by byte is one message`() async throws {
        try await withBench { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.upgrade()
            #expect(await bench.serverEar.next() == .opened)
            for byte in RawSocket.frame(0x81, Array("drip by drip".utf8)) {
                try socket.send([byte])
            }
            #expect(await bench.serverEar.next() == .text("drip by drip"))
        }
    }

    @Test func `a frame that claims more than its limit is refused by its header`() async throws {
        try await withBench { bench in
            for length in [
                [UInt8](repeating: 0xFF, count: 8), [0x7F] + [UInt8](repeating: 0xFF, count: 7),
                [0, 0, 0, 0, 0, 4, 0, 1],
            ] {
                let socket = try RawSocket(port: bench.port)
                try socket.upgrade()
                #expect(await bench.serverEar.next() == .opened)
                try socket.send([0x82, 0xFF] + length + [0, 0, 0, 0] + [1, 2, 3])
                var heard = await bench.serverEar.next()
                if length[0] < 0x80 {
                    #expect(heard == .oversized)
                    let close = try socket.frame()
                    #expect(close.first == 0x88)
                    #expect(close.payload.prefix(2) == [0x03, 0xF1])
                    heard = await bench.serverEar.next()
                }
                #expect(heard == .closed(nil))
            }
        }
    }

    @Test(arguments: [
        ("not UTF-8", RawSocket.frame(0x81, [0xC0, 0x80])),
        ("a reserved opcode", RawSocket.frame(0x83, [1])),
        ("a reserved bit", RawSocket.frame(0xC1, [65])),
        ("a continuation of nothing", RawSocket.frame(0x80, [1])),
        ("a fragmented ping", RawSocket.frame(0x09, [1])),
    ])
    func `what breaks the protocol ends the connection`(name: String, bytes: [UInt8]) async throws {
        try await withBench { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.upgrade()
            #expect(await bench.serverEar.next() == .opened)
            _ = try await bench.serverEar.line()
            try socket.send(bytes)
            #expect(await bench.serverEar.next() == .closed(nil), "\(name)")
            let (_, other) = try await bench.connect()
            try await other.send(text: "others are unharmed")
            #expect(await bench.clientEar.next() == .text("others are unharmed"))
        }
    }

    @Test func `a peer that does not answer a close is dropped`() async throws {
        try await withBench { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.upgrade()
            let line = try await bench.serverEar.line()
            #expect(await bench.serverEar.next() == .opened)
            try await line.run { $0.close(code: 4408, reason: "silence") }
            let close = try socket.frame()
            #expect(close.first == 0x88)
            #expect(close.payload == [0x11, 0x38] + Array("silence".utf8))
            #expect(await bench.serverEar.next() == .closed(nil))
            #expect(socket.isAtEnd())
        }
    }

    @Test func `a peer that vanishes is told once`() async throws {
        try await withBench { bench in
            var socket: RawSocket? = try RawSocket(port: bench.port)
            try socket?.upgrade()
            #expect(await bench.serverEar.next() == .opened)
            socket = nil
            #expect(await bench.serverEar.next() == .closed(nil))
            #expect(await bench.server.counters().open == 0)
        }
    }
}
