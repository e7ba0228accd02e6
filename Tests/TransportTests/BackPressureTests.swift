// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

@Suite(.timeLimit(.minutes(1)))
struct BackPressureTests {
    @Test(arguments: [false, true])
    func `a reader that stops takes the room away, and gives it back`(secure: Bool) async throws {
        let papers = secure ? try Papers() : nil
        defer { papers?.remove() }
        try await withBench(papers: papers) { bench in
            let (client, server) = try await bench.connect()
            // The client's loop is held up, so nobody reads.
            let isHeld = Locked(true)
            client.loop.submit { while isHeld.withLock({ $0 }) {} }
            let chunk = [UInt8](repeating: 5, count: 16_384)
            var sent = 0
            while sent < 2_000 {
                let isFull = try await server.run { line in
                    if line.hasRoom {
                        #expect(line.unsentSince == nil)
                        chunk.withUnsafeBytes { line.send(binary: $0) }
                        return false
                    }
                    #expect(line.unsentBytes > 0)
                    #expect(line.unsentSince.map { $0 <= EventLoop.readMoment() } == true)
                    line.requestWritable()
                    return true
                }
                if isFull { break }
                sent += 1
            }
            #expect(sent < 2_000, "the kernel takes no 32 MB")
            isHeld.withLock { $0 = false }
            #expect(await bench.serverEar.next() == .writable)
            #expect(try await server.run { $0.hasRoom })
            for _ in 0..<sent { #expect(await bench.clientEar.next() == .binary(chunk)) }
        }
    }

    @Test func `what is sent without room is kept, whole and in order`() async throws {
        try await withBench { bench in
            let (client, server) = try await bench.connect()
            let isHeld = Locked(true)
            client.loop.submit { while isHeld.withLock({ $0 }) {} }
            for number in 0..<100 {
                try await server.run { line in
                    line.send(text: "\(number)")
                    [UInt8](repeating: UInt8(number), count: 100_000).withUnsafeBytes {
                        line.send(binary: $0)
                    }
                }
            }
            try await server.run { $0.close(code: 4000, reason: "") }
            isHeld.withLock { $0 = false }
            for number in 0..<100 {
                #expect(await bench.clientEar.next() == .text("\(number)"))
                let bytes = [UInt8](repeating: UInt8(number), count: 100_000)
                #expect(await bench.clientEar.next() == .binary(bytes))
            }
            #expect(await bench.clientEar.next() == .closed(4000))
        }
    }

    @Test func `asking for room when there is some answers too`() async throws {
        try await withBench { bench in
            let (_, server) = try await bench.connect()
            try await server.run { line in
                [UInt8](repeating: 1, count: 70_000).withUnsafeBytes { line.send(binary: $0) }
                #expect(!line.hasRoom, "this turn has its 64 KiB")
                line.requestWritable()
            }
            #expect(await bench.serverEar.next() == .writable)
        }
    }

    @Test func `a reader that never reads can still be dropped at once`() async throws {
        try await withBench { bench in
            let socket = try RawSocket(port: bench.port, receiveBuffer: 4_096)
            try socket.upgrade()
            let line = try await bench.serverEar.line()
            #expect(await bench.serverEar.next() == .opened)
            while try await line.run({ $0.hasRoom }) {
                try await line.send(binary: [UInt8](repeating: 1, count: 60_000))
            }
            try await line.run { $0.drop() }
            #expect(await bench.serverEar.next() == .closed(nil))
        }
    }

    /// Frames of drawn sizes in both directions, with pings between them, to a reader that stops
    /// now and then: nothing may be lost, doubled or torn.
    @Test(arguments: [false, true], [UInt64(1), 77, 4_242])
    func `random frames under back-pressure arrive as sent`(
        secure: Bool,
        seed: UInt64
    ) async throws {
        let papers = secure ? try Papers() : nil
        defer { papers?.remove() }
        try await withBench(
            papers: papers,
            clientReact: { connection, heard in
                if case .binary(let bytes) = heard, bytes.count % 7 == 0 {
                    connection.ping()
                    connection.send(text: "\(bytes.count)")
                }
            }
        ) { bench in
            let (client, server) = try await bench.connect()
            var random = SeededGenerator(seed: seed)
            let sizes = (0..<600).map { _ in
                Int.random(in: 0..<10, using: &random) == 0
                    ? Int.random(in: 0..<200_000, using: &random)
                    : Int.random(in: 0..<3_000, using: &random)
            }
            let stalls = (0..<600).map { _ in Int.random(in: 0..<40, using: &random) == 0 }
            let sending = Task {
                for (index, size) in sizes.enumerated() {
                    if stalls[index] {
                        client.loop.submit {
                            let end = EventLoop.readMoment() + .milliseconds(5)
                            while EventLoop.readMoment() < end {}
                        }
                    }
                    let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: size)
                    try await server.send(binary: bytes)
                    if index % 5 == 0 { try await server.run { $0.ping() } }
                }
            }
            for (index, size) in sizes.enumerated() {
                let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: size)
                let heard = await bench.clientEar.next()
                guard heard == .binary(bytes) else {
                    Issue.record("frame \(index) of \(size) bytes is torn, seed \(seed)")
                    break
                }
            }
            try await sending.value
            for size in sizes where size % 7 == 0 {
                #expect(await bench.serverEar.next() == .text("\(size)"), "seed \(seed)")
            }
        }
    }

    @Test func `buffers are kept for reuse up to a bound in bytes`() {
        var pool = BufferPool()
        for _ in 0..<1_000 { pool.give(ByteBuffer(capacity: 65_536)) }
        #expect(pool.keptBytes == 4 * 1024 * 1024)
        pool.give(ByteBuffer(capacity: 4_096))
        #expect(pool.keptBytes == 4 * 1024 * 1024)
        for _ in 0..<64 { #expect(pool.take().capacity == 65_536) }
        #expect(pool.keptBytes == 0)
        #expect(pool.take().capacity == 4_096)
        pool.give(ByteBuffer(capacity: 1_000_000))
        #expect(pool.keptBytes == 0)
    }
}
