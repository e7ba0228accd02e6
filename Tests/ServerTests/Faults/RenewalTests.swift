// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleFaultProxy
import VestibuleTransport
import VestibuleWire

extension FaultTests {
    /// The certificate is renewed under load: no connection is dropped and no frame lost, and who
    /// comes later gets the new one.
    @Suite struct RenewalTests {
        @Test func `a certificate renewed under load drops nobody, and new ones get the new one`()
            async throws
        {
            try await FaultRun.drawing { random in
                let loops = Int.random(in: 1...2, using: &random)
                let folders = [try ScratchFolder(), try ScratchFolder()]
                defer { for folder in folders { folder.remove() } }
                let (papers, renewed) = (try Papers(in: folders[0]), try Papers(in: folders[1]))
                try await withFaults(loops: loops, papers: papers) { bench in
                    let proxy = try await bench.proxy()
                    try await proxy.order("delay 2ms jitter 3ms")
                    var talks: [Talk] = []
                    for number in 0..<2 {
                        let building = bench.building
                        talks.append(
                            try await Talk.begin(
                                bench.peer(building.panel(number), by: proxy),
                                calls: building.unit(number),
                                bench.peer(building.device(ofUnit: number), by: proxy)
                            )
                        )
                    }
                    let isOver = Locked(false)
                    let load = talks
                    async let undisturbed: Void = Self.flow(load, until: isOver)
                    // Whoever trusts the new authority only: the old certificate is nothing to them.
                    let later = try await Clients.open(trust: .file(renewed.authorityFile))
                    let comes = {
                        try await Self.comes(later, bench.building, proxy)
                    }
                    var wasLet: [Bool] = []
                    do {
                        wasLet.append(try await comes())
                        for _ in 0..<FaultRun.often(3, long: 20) {
                            try papers.issue()
                            await bench.server.reload()
                            wasLet.append(try await comes())
                            for (from, to) in [
                                (renewed.certificate, papers.certificate),
                                (renewed.key, papers.key),
                            ] {
                                try papers.write(
                                    String(contentsOfFile: from, encoding: .utf8),
                                    to: to
                                )
                            }
                            await bench.server.reload()
                            wasLet.append(try await comes())
                        }
                    } catch {
                        isOver.withLock { $0 = true }
                        try? await undisturbed
                        await later.close()
                        throw error
                    }
                    isOver.withLock { $0 = true }
                    try await undisturbed
                    await later.close()
                    let wanted = [false] + wasLet.dropFirst().indices.map { $0 % 2 == 0 }
                    #expect(wasLet == wanted)
                    for talk in talks { try await talk.hangsUp() }
                    #expect(await proxy.status.connections.count >= 4, "all are still there")
                }
            }
        }

        private static func flow(_ talks: [Talk], until isOver: Locked<Bool>) async throws {
            while !isOver.withLock({ $0 }), !Task.isCancelled {
                for talk in talks { try await talk.flows(times: 1) }
            }
        }

        /// Whether a stranger's TLS takes the certificate that is shown now.
        private static func comes(
            _ clients: Clients,
            _ building: TestBuilding,
            _ proxy: FaultProxy
        ) async throws -> Bool {
            let peer = Peer(clients)
            try await peer.connect(
                to: WebSocketTarget(isSecure: true, host: "127.0.0.1", port: proxy.place.port)
            )
            let isOpen = try await peer.hears("the handshake or its end", forTheEnd: true) {
                heard -> Bool? in
                switch heard {
                case .opened: true
                case .closed: false
                default: nil
                }
            }
            if isOpen { try await peer.drop() }
            return isOpen
        }
    }
}
