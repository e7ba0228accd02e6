// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleEventLoop
import VestibuleFaultProxy
import VestibuleWire

extension FaultTests {
    /// SIGTERM under load, with slow lines: over in 5 s, everybody whose line moves is told, and the
    /// calls go on after the start.
    @Suite struct ShutdownTests {
        @Test func `a server that ends under load tells everybody and is gone in time`()
            async throws
        {
            try await FaultRun.drawing { random in
                for _ in 0..<FaultRun.often(1, long: 8) {
                    let loops = Int.random(in: 1...2, using: &random)
                    let ticks = Int.random(in: 10...80, using: &random)
                    try await withBinary(["--loops", "\(loops)"]) { house in
                        let proxies = Proxies()
                        let result: Result<Void, any Error>
                        do {
                            result = .success(try await live(house, proxies, loadedFor: ticks))
                        } catch {
                            result = .failure(error)
                        }
                        await proxies.stop()
                        try result.get()
                    }
                }
            }
        }

        private func live(
            _ house: BinaryHouse,
            _ proxies: Proxies,
            loadedFor ticks: Int
        ) async throws {
            let building = house.building
            let slow = try await proxies.start(to: house.listens, receiveBuffer: 4_096)
            let stuck = try await proxies.start(to: house.listens, receiveBuffer: 4_096)
            var talks: [Talk] = []
            for number in 0..<2 {
                talks.append(
                    try await Talk.begin(
                        house.connect(building.panel(number)),
                        calls: building.unit(number),
                        house.connect(building.device(ofUnit: number), by: slow.place.port)
                    )
                )
            }
            var others: [Peer] = []
            for number in 0..<6 {
                let device = building.device(number % 4, ofUnit: 2 + number / 4)
                others.append(try await house.connect(device, by: slow.place.port))
            }
            let silent = try await house.connect(
                building.device(3, ofUnit: 3),
                by: stuck.place.port
            )
            try await slow.order("down bandwidth 300kbit/s")
            try await stuck.order("stall")

            var frames = talks.map { Frames(handle: $0.handle) }
            let load = {
                for (index, talk) in talks.enumerated() {
                    let batch = [frames[index].audio(bytes: 100), frames[index].key(bytes: 4_000)]
                    try await talk.panel.send(frames: batch)
                }
                await house.clients.pass(.milliseconds(20))
            }
            for _ in 0..<ticks { try await load() }
            let resumes = [try await talks[0].panel.resume(), try await talks[0].device.resume()]
            let began = EventLoop.readMoment()
            async let status = house.terminate()
            for _ in 0..<5 { try await load() }
            let ended = await status
            let took = EventLoop.readMoment() - began
            print("faults: the server ended \(took.milliseconds) ms after SIGTERM")
            // `limits.transport.shutdown` for the line that stands still, then the store.
            #expect(ended == 0 && took < .seconds(6) * TestTimes.scale)

            let parties = talks.flatMap { [$0.panel, $0.device] }
            for (peers, most) in [(parties, 1_000), (others, 10_000)] {
                for peer in peers {
                    let delay = try await peer.event("server.restarting") { event in
                        if case .serverRestarting(let delay) = event { delay } else { nil }
                    }
                    #expect((0...most).contains(delay))
                    #expect(try await peer.closing() == 1012)
                }
            }
            // What stood still brings what the kernel took, or its end.
            try await stuck.order("clear")
            _ = try await silent.closing()
            try await slow.order("clear")

            try await house.start()
            let talk = talks[0]
            talk.panel = try await house.connect(building.panel(), resume: resumes[0])
            talk.device = try await house.connect(
                building.device(),
                resume: resumes[1],
                by: slow.place.port
            )
            try await talk.panel.peerIs(present: true, in: talk.call)
            try await talk.flows()
            try await talk.hangsUp()
        }
    }
}
