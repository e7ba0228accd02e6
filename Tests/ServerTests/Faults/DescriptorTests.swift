// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport
import VestibuleWire

extension FaultTests {
    /// The server has no descriptor left: calls go on, it does not burn its processor, and who comes
    /// when there are some again gets in.
    @Suite struct DescriptorTests {
        @Test func `without a descriptor left calls go on, and afterwards people get in`()
            async throws
        {
            try await FaultRun.drawing { random in
                let few = Int.random(in: 80...110, using: &random)
                let settings = [
                    "transport.unauthenticatedPerAddress=1000", "session.hello=60",
                ].flatMap { ["--set", "limits.\($0)"] }
                let shell = "ulimit -n \(few); exec \"$0\" \"$@\""
                try await withBinary(settings, shell: shell) { house in try await live(house) }
            }
        }

        private func live(_ house: BinaryHouse) async throws {
            let building = house.building
            let panel = try await house.connect(building.panel())
            let device = try await house.connect(building.device())
            let talk = try await Talk.begin(panel, calls: building.unit(), device)
            let target = WebSocketTarget(
                isSecure: false,
                host: "127.0.0.1",
                port: house.listens
            )
            var crowd: [Peer] = []
            for _ in 0..<200 {
                let peer = Peer(house.clients)
                try await peer.connect(to: target)
                crowd.append(peer)
            }
            // The first of those whom it has no descriptor for.
            let refused = try await house.clients.firstClosed(of: crowd)
            #expect(try await crowd[refused].closing() == nil)
            let before = Self.processorTime(of: house.pid)
            let began = EventLoop.readMoment()
            while EventLoop.readMoment() - began < FaultRun.often(.seconds(2), long: .seconds(20)) {
                try await talk.flows(times: 1)
                await house.clients.pass(.milliseconds(10))
            }
            let share =
                (Self.processorTime(of: house.pid) - before).seconds
                / (EventLoop.readMoment() - began).seconds
            print("faults: without descriptors the server took \(Int(share * 100)) % of a core")
            // What it takes is the call's; a loop that spins on its listener takes all of it.
            #expect(share < 0.2 * TestTimes.scale)
            let unlock = CallUnlock(call: talk.call, key: "open")
            let request = try await device.says(.callUnlock(unlock))
            try await panel.opensDoor()
            #expect(try await device.result(of: request).get().outcome == .opened)

            for (number, peer) in crowd.enumerated() where number != refused {
                try await peer.drop()
            }
            let later = try await house.connect(building.device(1))
            try await later.asks(.ping)
            try await talk.flows()
            try await talk.hangsUp()
        }

        /// User and system time, in the kernel's hundredths of a second.
        private static func processorTime(of pid: Int32) -> Duration {
            let line = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
            let fields = line[(line.lastIndex(of: ")") ?? line.startIndex)...].split(separator: " ")
            guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
                return .zero
            }
            return .milliseconds((user + system) * 10)
        }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(milliseconds) / 1_000 }
}
