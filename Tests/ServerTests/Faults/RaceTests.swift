// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleEventLoop
import VestibuleFaultProxy
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTransport
import VestibuleWire

extension FaultTests {
    /// Things that happen at the same time over lines of different length: one of them wins, and
    /// everybody is told the same.
    @Suite struct RaceTests {
        @Test func `of fifty devices that answer through different delays one talks`() async throws
        {
            try await FaultRun.drawing { random in
                let shape = BuildingShape(
                    units: 1,
                    residentsPerUnit: 25,
                    devicesPerResident: 2,
                    panels: 1
                )
                for _ in 0..<FaultRun.often(2, long: 15) {
                    let loops = Int.random(in: 1...2, using: &random)
                    let delays = (0..<50).map { _ in Int.random(in: 0...200, using: &random) }
                    try await withFaults(loops: loops, shape) { try await answer($0, delays) }
                }
            }
        }

        private func answer(_ bench: FaultBench, _ delays: [Int]) async throws {
            let proxy = try await bench.proxy()
            let panel = try await bench.server.panel()
            var devices: [Peer] = []
            for number in delays.indices {
                devices.append(try await bench.peer(bench.building.device(number), by: proxy))
                try await proxy.order("conn \(number + 1) delay \(delays[number])ms jitter 20ms")
            }
            let start = ClientRequest.callStart(unit: bench.building.unit(), key: "press")
            let call = try #require(try await panel.asks(start).call)
            for device in devices { _ = try await device.incoming() }
            let requests = devices.map { ($0, $0.newID()) }
            // In one turn of their loop, so that the lines alone decide.
            try await bench.clients.loop.run {
                for (device, id) in requests {
                    device.sendNow(Peer.text(.callAnswer(call), id: id))
                }
            }
            let winner = try await panel.panelState(call, .active).answeredBy
            var (won, refused) = (0, 0)
            for (device, id) in requests {
                switch try await device.result(of: id) {
                case .success: won += 1
                case .failure(let refusal):
                    #expect(refusal.code == .alreadyAnswered && refusal.answeredBy == winner)
                    refused += 1
                }
            }
            #expect(won == 1 && refused == 49)
            #expect(try await bench.server.onlyCall().answeredBy?.device == winner?.device)
        }

        @Test func `a cancel and an answer that meet leave one end, the same for all`() async throws
        {
            try await FaultRun.drawing { random in
                let rounds = FaultRun.often(40, long: 600)
                let lengths = (0..<rounds).map { _ in
                    (Int.random(in: 1...8, using: &random), Int.random(in: 1...8, using: &random))
                }
                let loops = Int.random(in: 1...2, using: &random)
                try await withFaults(loops: loops, limits: { $0.session.messageBurst = 2_000 }) {
                    bench in
                    let ways = [try await bench.proxy(), try await bench.proxy()]
                    let panel = try await bench.peer(bench.building.panel(), by: ways[0])
                    let device = try await bench.peer(bench.building.device(), by: ways[1])
                    var answered = 0
                    for (round, length) in lengths.enumerated() {
                        try await ways[0].order("up delay \(length.0)ms")
                        try await ways[1].order("up delay \(length.1)ms")
                        if try await meet(bench, panel, device, round) { answered += 1 }
                    }
                    print("faults: \(answered) of \(rounds) calls were answered before the cancel")
                    #expect(answered > 0 && answered < rounds)
                }
            }
        }

        /// Whether the answer came first.
        private func meet(
            _ bench: FaultBench,
            _ panel: Peer,
            _ device: Peer,
            _ round: Int
        ) async throws -> Bool {
            let start = ClientRequest.callStart(unit: bench.building.unit(), key: "\(round)")
            let call = try #require(try await panel.asks(start).call)
            _ = try await device.incoming()
            let (cancel, answer) = (panel.newID(), device.newID())
            try await bench.clients.loop.run {
                panel.sendNow(Peer.text(.callCancel(call), id: cancel))
                device.sendNow(Peer.text(.callAnswer(call), id: answer))
            }
            _ = try await panel.result(of: cancel).get()
            let ended = try await panel.panelState(call, .ended)
            let isAnswered: Bool
            switch try await device.result(of: answer) {
            case .success: isAnswered = true
            case .failure(let refusal):
                #expect(refusal.code == .callEnded)
                isAnswered = false
            }
            var last = try await device.callState(call)
            while last.state != .ended { last = try await device.callState(call) }
            #expect(ended.outcome == (isAnswered ? .completed : .cancelled))
            #expect(last.outcome == ended.outcome)
            var query = CallQuery()
            query.call = call
            let asked = query
            let record = try await bench.server.store { try await $0.calls(asked).first }
            #expect(record?.outcome?.rawValue == ended.outcome?.rawValue)
            #expect((record?.answeredBy != nil) == isAnswered)
            _ = (try await panel.takeUnheard(), try await device.takeUnheard())
            return isAnswered
        }

        @Test func `of two sockets of one session that come in any order exactly one stays`()
            async throws
        {
            try await FaultRun.drawing { random in
                let (loops, seed) = (Int.random(in: 1...2, using: &random), random.next())
                try await withFaults(loops: loops) { bench in
                    let proxy = try await bench.proxy(seed: seed)
                    let talk = try await bench.server.talk()
                    let id = bench.building.device()
                    try await proxy.order("reorder 2 within 20s")
                    for round in 0..<FaultRun.often(20, long: 300) {
                        let resume = try await talk.device.resume()
                        let hello = Peer.hello(
                            bench.building.token(id),
                            as: id.text,
                            resume: resume,
                            id: "hello-\(round)"
                        )
                        let pair = [Peer(bench.clients), Peer(bench.clients)]
                        for peer in pair {
                            let place = proxy.place.port
                            try await peer.connect(
                                to: .init(isSecure: false, host: "127.0.0.1", port: place)
                            )
                            if let resume {
                                try await peer.expects(eventsAfter: resume.seq)
                            }
                        }
                        for peer in pair { try await peer.isOpen() }
                        let inOrder = Bool.random(using: &random) ? pair : pair.reversed()
                        try await bench.clients.send(hello, over: inOrder)
                        let closed = try await bench.clients.firstClosed(of: pair)
                        #expect(try await pair[closed].closing() == 4409)
                        let stays = pair[1 - closed]
                        #expect(try await stays.welcomed().resumed)
                        talk.device = stays
                        try await talk.device.asks(.ping)
                        try await talk.panel.asks(.ping)
                        try await talk.flows(times: 1)
                    }
                    try await talk.hangsUp()
                    #expect(try await bench.server.onlyCall().outcome == .completed)
                }
            }
        }
    }
}
