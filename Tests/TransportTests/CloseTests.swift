// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// How the end of a connection that the peer asks for goes, with a server that would wait long.
@Suite(.timeLimit(.minutes(1)))
struct CloseTests {
    private var settings: ServerSettings {
        var settings = ServerSettings.test
        settings.limits.closing = .seconds(600)
        return settings
    }

    private func bytes(_ code: UInt16) -> [UInt8] {
        [UInt8(code >> 8), UInt8(code & 255)]
    }

    @Test func `a close frame that may not be is refused, not echoed`() async throws {
        let rows: [(payload: [UInt8], answer: UInt16, what: String)] = [
            ([3], 1002, "half a code"),
            (bytes(0), 1002, "no code"),
            (bytes(999), 1002, "below the first"),
            (bytes(1004), 1002, "reserved"),
            (bytes(1005), 1002, "stands for none"),
            (bytes(1006), 1002, "stands for no close frame"),
            (bytes(1015), 1002, "stands for TLS"),
            (bytes(1016), 1002, "not registered"),
            (bytes(2999), 1002, "not registered"),
            (bytes(5000), 1002, "above the last"),
            (bytes(1000) + [0xC3], 1007, "a reason that is not UTF-8"),
            (bytes(1000) + Array("ü".utf8), 1000, "with a reason"),
            (bytes(1003), 1003, "registered"),
            (bytes(1007), 1007, "registered"),
            (bytes(1014), 1014, "registered"),
            (bytes(3000), 3000, "of a library"),
            (bytes(4999), 4999, "of a program"),
        ]
        try await withBench(settings: settings) { bench in
            for row in rows {
                let socket = try RawSocket(port: bench.port)
                try socket.upgrade()
                #expect(await bench.serverEar.next() == .opened)
                try socket.send(RawSocket.frame(0x88, row.payload))
                let answer = try socket.frame()
                #expect(answer.first == 0x88, "\(row.what)")
                #expect(Array(answer.payload.prefix(2)) == bytes(row.answer), "\(row.what)")
                #expect(socket.isAtEnd(), "\(row.what)")
                let isGood = row.payload.starts(with: bytes(row.answer))
                let heard = await bench.serverEar.next()
                #expect(heard == .closed(isGood ? row.answer : nil), "\(row.what)")
            }
        }
    }

    @Test func `a close without a code is answered without one`() async throws {
        try await withBench(settings: settings) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.upgrade()
            #expect(await bench.serverEar.next() == .opened)
            try socket.send(RawSocket.frame(0x88, []))
            let answer = try socket.frame()
            #expect(answer.first == 0x88 && answer.payload.isEmpty)
            #expect(await bench.serverEar.next() == .closed(1005))
        }
    }

    @Test func `an answer to a close that had to wait for room ends the socket too`() async throws {
        try await withBench(settings: settings) { bench in
            let (socket, line) = try await bench.peerThatTakesNoMore()
            try socket.send(RawSocket.frame(0x88, bytes(1001)))
            while try await line.run({ $0.isOpen }) {}
            var frame = try socket.frame()
            while frame.first == 0x82 { frame = try socket.frame() }
            #expect(frame.first == 0x88 && frame.payload == bytes(1001))
            #expect(socket.isAtEnd())
            #expect(await bench.serverEar.next() == .closed(1001))
        }
    }

    @Test func `who is closed as soon as it is open may answer that`() async throws {
        try await withBench(
            settings: settings,
            serverReact: { connection, heard in
                if heard == .opened { connection.close(code: 4001, reason: "") }
            }
        ) { bench in
            let socket = try RawSocket(port: bench.port)
            try socket.upgrade()
            let close = try socket.frame()
            #expect(close.first == 0x88 && close.payload == bytes(4001))
            try socket.send(RawSocket.frame(0x88, bytes(4001)))
            #expect(await bench.serverEar.next() == .opened)
            #expect(await bench.serverEar.next() == .closed(4001))
            #expect(socket.isAtEnd())
        }
    }
}
