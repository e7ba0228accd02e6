// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// What a server reads through TLS, of which the kernel does not tell all.
@Suite(.timeLimit(.minutes(1)))
struct TLSInputTests {
    /// A client that speaks to the server through a funnel.
    private func withFunnel(_ body: (Line, Funnel, Bench) async throws -> Void) async throws {
        let papers = try Papers()
        defer { papers.remove() }
        try await withBench(papers: papers) { bench in
            let (listener, port) = try RawSocket.listening()
            let funnel = Funnel(listener: listener, to: bench.port)
            funnel.start()
            let target = WebSocketTarget(isSecure: true, host: "127.0.0.1", port: port)
            try await bench.clientLoop.run { _ = bench.client.connect(to: target) }
            let client = try await bench.clientEar.line()
            #expect(await bench.serverEar.next() == .opened)
            try await body(client, funnel, bench)
            funnel.end()
        }
    }

    /// Records that wait in OpenSSL's or lws' buffers when the kernel has nothing more must not
    /// wait for the peer's next byte.
    @Test func `many small records in one segment all arrive`() async throws {
        try await withFunnel { client, funnel, bench in
            for round in 0..<10 {
                funnel.hold()
                // A turn each, so a record each.
                for number in 0..<50 { try await client.send(text: "\(round) \(number)") }
                funnel.release(after: 50)
                for number in 0..<50 {
                    #expect(await bench.serverEar.next() == .text("\(round) \(number)"))
                }
            }
        }
    }

    @Test func `a peer that sends without rest has one read a turn, like any other`() async throws {
        let papers = try Papers()
        defer { papers.remove() }
        let turns = Locked<[(moment: Moment, bytes: Int)]>([])
        try await withBench(
            papers: papers,
            serverReact: { connection, heard in
                guard case .binary(let bytes) = heard else { return }
                let moment = connection.arrival
                turns.withLock { turns in
                    if turns.last?.moment == moment {
                        turns[turns.count - 1].bytes += bytes.count
                    } else {
                        turns.append((moment, bytes.count))
                    }
                }
            }
        ) { bench in
            let socket = try TLSSocket(port: bench.port)
            try socket.send(Array(RawSocket.request(for: "/v1/connect").utf8))
            #expect(try socket.receive().hasPrefix("HTTP/1.1 101"))
            #expect(await bench.serverEar.next() == .opened)
            let frame = [UInt8](repeating: 1, count: 20_000)
            for _ in 0..<20 {
                // The server's loop is held up until the kernel has it all.
                let isHeld = Locked(true)
                bench.serverLoop.submit { while isHeld.withLock({ $0 }) {} }
                try socket.send((0..<20).flatMap { _ in RawSocket.frame(0x82, frame) })
                isHeld.withLock { $0 = false }
                for _ in 0..<20 { #expect(await bench.serverEar.next() == .binary(frame)) }
            }
            // One read ends a frame that has begun before, or takes 64 KiB at most.
            #expect(turns.withLock { $0.map(\.bytes).max() ?? 0 } <= 65_536)
        }
    }
}
