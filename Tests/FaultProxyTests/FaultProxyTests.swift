// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import VestibuleBasics
import VestibuleEventLoop
import VestibuleFaultProxy

/// Over loopback; times are only ever bounded from below, so that a busy machine fails nothing.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct FaultProxyTests {
    @Test func `without orders both ways pass whole, with their ends`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            async let sent: Void = client.send(pattern(3_000_000))
            let received = try await server.receive(3_000_000)
            try await sent
            #expect(received == pattern(3_000_000))
            try await server.send(pattern(1_000))
            #expect(try await client.receive(1_000) == pattern(1_000))
            client.finish()
            #expect(try await server.end() == .fin)
            try await server.send([7])
            #expect(try await client.receive(1) == [7], "the way back stays")
            server.finish()
            #expect(try await client.end() == .fin)
            await bench.proxy.wait { $0.ended == 1 }
            let status = await bench.proxy.status
            #expect(status.up.received == 3_000_000)
            #expect(status.up.delivered == 3_000_000)
            #expect(status.down.delivered == 1_001)
            #expect(status.connections.isEmpty)
        }
    }

    @Test func `a reset of one side resets the other`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await client.send([1, 2, 3])
            #expect(try await server.receive(3) == [1, 2, 3])
            client.close(reset: true)
            #expect(try await server.end() == .reset)
            let (other, host) = try await bench.pair()
            host.close(reset: true)
            #expect(try await other.end() == .reset)
            await bench.proxy.wait { $0.ended == 2 }
        }
    }

    @Test func `nobody at the other end is a reset`() async throws {
        let proxy = try await FaultProxy.start(to: .loopback(1))
        let worker = Worker(name: "near", capacity: 10)
        let client = try await worker.run {
            try Peer.connected(to: proxy.place.port, on: worker)
        }
        #expect(try await client.end() == .reset)
        await proxy.wait { $0.failed == 1 }
        await proxy.stop()
        await worker.stop()
    }

    @Test func `a bandwidth bounds one way and not the other`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await bench.obey("down bandwidth 100KB/s burst 1000")
            let slow = try await timed {
                try await server.send(pattern(31_000))
                #expect(try await client.receive(31_000) == pattern(31_000))
            }
            #expect(slow >= .milliseconds(300))
            try await client.send(pattern(500_000))
            #expect(try await server.receive(500_000) == pattern(500_000))
        }
    }

    @Test func `rules change in mid-stream and lose nothing`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await bench.obey("bandwidth 50KB/s")
            async let sent: Void = client.send(pattern(400_000))
            var received = try await server.receive(5_000)
            for line in ["up delay 20ms jitter 30ms", "bandwidth 1MB/s", "delay off", "clear"] {
                try await bench.obey(line)
                received += try await server.receive(20_000)
            }
            received += try await server.receive(315_000)
            try await sent
            #expect(received == pattern(400_000))
        }
    }

    @Test func `a delay delays each way, and keeps the order`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await bench.obey("delay 60ms")
            let both = try await timed {
                try await client.send(pattern(10))
                #expect(try await server.receive(10) == pattern(10))
                try await server.send(pattern(10))
                #expect(try await client.receive(10) == pattern(10))
            }
            #expect(both >= .milliseconds(120))
            try await bench.obey("delay 5ms jitter 20ms")
            for piece in 0..<50 { try await client.send(pattern(100, from: piece * 100)) }
            #expect(try await server.receive(5_000) == pattern(5_000))
        }
    }

    @Test func `a stall holds, and lets go byte by byte the same`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await bench.obey("stall both")
            try await client.send(pattern(50_000))
            #expect(try await server.end(within: .milliseconds(50)) == .silence)
            #expect(await bench.proxy.status.up.received == 0)
            try await bench.obey("resume")
            #expect(try await server.receive(50_000) == pattern(50_000))
            let time = try await timed {
                try await bench.obey("up stall for 150ms")
                try await client.send([9])
                #expect(try await server.receive(1) == [9])
            }
            #expect(time >= .milliseconds(150))
        }
    }

    @Test func `a slow receiver is felt by the sender, and little is held`() async throws {
        var limits = FaultProxyLimits()
        limits.hold = 16_384
        limits.receiveBuffer = 200_000
        try await Bench.lend(limits: limits, receiveBuffer: 200_000) { bench in
            let (client, server) = try await bench.pair()
            let size = 24_000_000
            async let sent: Void = client.send(pattern(size))
            await bench.proxy.wait { $0.up.held == 16_384 }
            for _ in 0..<20 {
                let up = await bench.proxy.status.up
                #expect(up.held <= 16_384)
                #expect(up.received < size, "the sender waits")
            }
            let received = try await server.receive(size)
            try await sent
            #expect(received == pattern(size))
        }
    }
}
