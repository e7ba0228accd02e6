// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import VestibuleBasics
import VestibuleFaultProxy

@Suite(.timeLimit(.minutes(1)), .serialized)
struct CutTests {
    @Test(arguments: [1, 4_096, 100_000])
    func `a cut lets exactly so many bytes out, then resets both`(offset: Int) async throws {
        try await Bench.lend { bench in
            try await bench.obey("new up cut at \(offset)")
            let (client, server) = try await bench.pair()
            async let sent: Void = client.send(pattern(200_000))
            #expect(try await server.receive(200_000) == pattern(offset))
            // A sender that was still at it has heard of the reset already.
            let hasHeard = (try? await sent) == nil
            let end = try await client.end()
            #expect(hasHeard || end == .reset)
            await bench.proxy.wait { $0.ended == 1 }
            #expect(await bench.proxy.status.up.delivered == offset)
        }
    }

    @Test func `a cut by FIN ends one way, and the rest of it goes nowhere`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await client.send(pattern(100))
            #expect(try await server.receive(100) == pattern(100))
            try await bench.obey("conn 1 up cut after 50 bytes fin")
            try await client.send(pattern(500))
            #expect(try await server.receive(500) == pattern(50))
            #expect(try await server.end() == .fin)
            try await server.send([5])
            #expect(try await client.receive(1) == [5])
            try await client.send(pattern(1_000))
            await bench.proxy.wait { $0.up.swallowed == 1_450 }
            client.finish()
            server.finish()
            await bench.proxy.wait { $0.ended == 1 }
        }
    }

    @Test func `a connection is reset or closed by its number`() async throws {
        try await Bench.lend { bench in
            let (first, one) = try await bench.pair()
            let (second, two) = try await bench.pair()
            try await bench.obey("conn 1 reset")
            #expect(try await first.end() == .reset)
            #expect(try await one.end() == .reset)
            try await bench.obey("conn 2 close")
            #expect(try await second.end() == .fin)
            #expect(try await two.end() == .fin)
            #expect(
                await bench.proxy.obey("conn 1 reset")?.contains("connection 1 is over") == true
            )
            #expect(await bench.proxy.obey("conn 3 reset")?.contains("no connection 3") == true)
        }
    }

    @Test func `a byte that is past cannot be the last`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await client.send(pattern(100))
            #expect(try await server.receive(100) == pattern(100))
            await bench.proxy.wait { $0.up.delivered == 100 }
            #expect(
                await bench.proxy.obey("conn 1 up cut at 99")
                    == "error conn 1 up cut at 99 reset: connection 1 is past that byte"
            )
        }
    }

    @Test(arguments: Side.allCases)
    func `half open: one side is reset, the other hears nothing`(side: Side) async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await bench.obey("conn 1 half-open reset \(side.rawValue)")
            let (gone, left) = side == .client ? (client, server) : (server, client)
            #expect(try await gone.end() == .reset)
            #expect(try await left.end(within: .milliseconds(80)) == .silence)
            try await left.send(pattern(1_000))
            #expect(try await left.end(within: .milliseconds(20)) == .silence)
            #expect(await bench.proxy.status.connections.first?.phase == "halfOpen")
            try await bench.obey("conn 1 reset")
            #expect(try await left.end() == .reset)
        }
    }

    @Test func `half open: neither hears that the other is gone`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await bench.obey("half-open swallow")
            try await client.send(pattern(2_000_000))
            await bench.proxy.wait { $0.connections.first?.swallowed == 2_000_000 }
            client.close()
            #expect(try await server.end(within: .milliseconds(80)) == .silence)
        }
    }

    @Test func `a proxy that refuses has nobody there, and takes up again`() async throws {
        try await Bench.lend { bench in
            let (client, server) = try await bench.pair()
            try await bench.obey("refuse")
            await #expect(throws: SystemError(number: ECONNREFUSED)) { try await bench.dial() }
            try await client.send([1])
            #expect(try await server.receive(1) == [1], "who is there stays")
            try await bench.obey("accept")
            let (other, host) = try await bench.pair()
            try await other.send([2])
            #expect(try await host.receive(1) == [2])
            try await bench.obey("refuse")
            try await bench.obey("clear")
            _ = try await bench.pair()
        }
    }
}
