// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing
import VestibuleBasics
import VestibuleFaultProxy

@Suite(.timeLimit(.minutes(1)), .serialized)
struct CrowdTests {
    @Test func `connections are connected on in another order, which the seed decides`()
        async throws
    {
        let first = try await order(seed: 7)
        #expect(first.sorted() == [0, 1, 2, 3, 4, 5])
        #expect(first != [0, 1, 2, 3, 4, 5])
        #expect(try await order(seed: 7) == first)
    }

    /// In which order six clients get through.
    private func order(seed: UInt64) async throws -> [UInt8] {
        var order: [UInt8] = []
        try await Bench.lend(seed: seed) { bench in
            try await bench.obey("reorder 6 within 60s")
            var clients: [Peer] = []
            for number in 0..<6 as Range<UInt8> {
                let client = try await bench.dial()
                try await client.send([number])
                await bench.proxy.wait { $0.accepted == Int(number) + 1 }
                clients.append(client)
            }
            for _ in clients { order += try await bench.accept().receive(1) }
        }
        return order
    }

    @Test func `two hundred at once, each its own bytes, and nothing is left open`() async throws {
        try await Bench.lend { bench in
            try await bench.obey("delay 1ms jitter 5ms")
            var pairs: [(client: Peer, server: Peer)] = []
            for _ in 0..<200 {
                let client = try await bench.dial()
                pairs.append((client, try await bench.accept()))
            }
            for (index, pair) in pairs.enumerated() {
                try await pair.client.send(pattern(5_000, from: index))
                try await pair.server.send(pattern(3_000, from: index * 2))
            }
            for (index, pair) in pairs.enumerated() {
                #expect(try await pair.server.receive(5_000) == pattern(5_000, from: index))
                #expect(try await pair.client.receive(3_000) == pattern(3_000, from: index * 2))
            }
            #expect(await bench.proxy.status.connections.count == 200)
            #expect(sockets(of: bench) == 401, "two each, and the listening one")
            for (index, pair) in pairs.enumerated() {
                pair.client.close(reset: index % 2 == 0)
                if index % 3 == 0 { pair.server.close() }
            }
            for (index, pair) in pairs.enumerated() where index % 3 != 0 {
                #expect(try await pair.server.end() == (index % 2 == 0 ? .reset : .fin))
                pair.server.close()
            }
            await bench.proxy.wait { $0.ended == 200 }
            #expect(sockets(of: bench) == 1)
            let status = await bench.proxy.status
            #expect(status.up.delivered == 1_000_000)
            #expect(status.down.delivered == 600_000)
        }
    }

    @Test func `a stopped proxy leaves no socket, whatever its connections were at`() async throws {
        try await Bench.lend { bench in
            var peers: [Peer] = []
            for line in ["stall", "half-open", "half-open reset client", "delay 60s"] {
                let pair = try await bench.pair()
                peers += [pair.client, pair.server]
                try await bench.obey("conn \(peers.count / 2) \(line)")
                if line != "half-open reset client" { try await pair.client.send([1]) }
                // The next pair waits until all are open.
                if line.hasPrefix("half") { try await bench.obey("conn \(peers.count / 2) reset") }
            }
            try await bench.obey("reorder 9 within 60s")
            peers.append(try await bench.dial())
            await bench.proxy.wait { $0.accepted == 5 }
            try await bench.obey("at +60s clear")
            await bench.proxy.stop()
            #expect(sockets(of: bench) == 0)
        }
    }

    @Test func `more than may be are reset`() async throws {
        var limits = FaultProxyLimits()
        limits.connections = 2
        try await Bench.lend(limits: limits) { bench in
            let pairs = [try await bench.pair(), try await bench.pair()]
            let third = try await bench.dial()
            #expect(try await third.end() == .reset)
            #expect(await bench.proxy.status.refused == 1)
            pairs[0].client.close()
            pairs[0].server.close()
            await bench.proxy.wait { $0.ended >= 1 }
            _ = try await bench.pair()
            withExtendedLifetime(pairs) {}
        }
    }

    /// The proxy's sockets among those of this process: bound to its port, or connected to its
    /// target; the peers' own are those with the same ports the other way round.
    private func sockets(of bench: Bench) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { descriptor in
            port(of: descriptor) == bench.proxy.place.port
                || port(of: descriptor, remote: true) == bench.target
        }.count
    }
}
