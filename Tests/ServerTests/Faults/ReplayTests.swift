// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleFaultProxy
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleWire

extension FaultTests {
    /// What was said once is said again, by a thief or by a network that repeats: it is answered as
    /// the first time or refused, and done once.
    @Suite struct ReplayTests {
        @Test func `a captured unlock opens nothing again`() async throws {
            try await FaultRun.drawing { random in
                let loops = Int.random(in: 1...2, using: &random)
                try await withFaults(loops: loops) { bench in
                    let (building, proxy) = (bench.building, try await bench.proxy())
                    let panel = try await bench.peer(building.panel(), by: proxy)
                    let id = building.device()
                    let hello = Peer.hello(building.token(id), as: id.text)
                    let unit = building.unit()
                    // All that the device's line carries, byte for byte.
                    let (unlock, command) = try await RawSocket.with(port: proxy.place.port) {
                        socket in
                        try await socket.upgrade()
                        await socket.send(text: hello)
                        _ = try await socket.text(with: "\"welcome\"")
                        let press = ClientRequest.callStart(unit: unit, key: "press")
                        let call = try await panel.asks(press).call
                        _ = try await socket.text(with: "call.incoming")
                        let answer = ClientRequest.callAnswer(call ?? .nothing)
                        await socket.send(text: Peer.text(answer, id: "2"))
                        _ = try await socket.text(with: "\"re\":\"2\"")
                        let unlock = CallUnlock(call: call ?? .nothing, key: "captured")
                        let text = Peer.text(.callUnlock(unlock), id: "3")
                        await socket.send(text: text)
                        let open = try await panel.opensDoor()
                        let answered = try await socket.text(with: "\"re\":\"3\"")
                        #expect(answered.contains("opened"))
                        return (text, open.command)
                    }
                    // On new connections: the victim's own bytes, and its words in another's mouth.
                    for _ in 0..<FaultRun.often(3, long: 20) {
                        try await RawSocket.with(port: proxy.place.port) { thief in
                            try await thief.upgrade()
                            await thief.send(text: hello)
                            _ = try await thief.text(with: "\"welcome\"")
                            await thief.send(text: unlock)
                            let answer = try await thief.text(with: "\"re\":\"3\"")
                            #expect(answer.contains(command.text) && answer.contains("opened"))
                        }
                    }
                    for (unit, number) in [(0, 1), (1, 0)] {
                        let other = try await bench.peer(
                            building.device(number, ofUnit: unit),
                            by: proxy
                        )
                        try await other.send(text: unlock)
                        if case .success = try await other.result(of: "3") {
                            Issue.record("another's unlock was taken")
                        }
                    }
                    #expect(try await panel.unheardEvents().allSatisfy { !$0.isDoorOpen })
                    let doors = try await bench.server.store {
                        try await $0.doorAttempts(DoorQuery())
                    }
                    #expect(doors.map(\.attempt.command) == [command])
                }
            }
        }

        @Test func `every message twice, and nothing is done twice`() async throws {
            try await FaultRun.drawing { random in
                let loops = Int.random(in: 1...2, using: &random)
                try await withFaults(loops: loops) { bench in
                    let (building, proxy) = (bench.building, try await bench.proxy())
                    try await proxy.order("delay 1ms jitter 5ms")
                    let panel = try await bench.peer(building.panel(), by: proxy)
                    let device = try await bench.peer(building.device(), by: proxy)
                    let other = try await bench.peer(building.device(1), by: proxy)
                    let start = ClientRequest.callStart(unit: building.unit(), key: "press")
                    let call = try await panel.twice(start).call ?? .nothing
                    #expect(try await device.incoming().call == call)
                    try await device.twice(.callRinging(call))
                    let handle = try await device.twice(.callAnswer(call)).handle ?? 0
                    _ = try await panel.panelState(call, .active)

                    let unlock = CallUnlock(call: call, key: "open")
                    let text = Peer.text(.callUnlock(unlock), id: "unlock")
                    try await device.send(texts: [text, text])
                    let open = try await panel.doorOpen()
                    let result = DoorResult(command: open.command, outcome: .opened)
                    try await panel.twice(.doorResult(result))
                    #expect(try await device.result(of: "unlock").get().outcome == .opened)

                    // Media is a stream: it is passed on as it comes, twice, and is no fault.
                    var frames = Frames(handle: handle)
                    let sent = [frames.key(), frames.audio()].flatMap { [$0, $0] }
                    try await device.send(frames: sent)
                    for frame in sent { #expect(try await panel.frame().asSent == frame) }

                    try await device.twice(.callHangup(call))
                    _ = try await panel.panelState(call, .ended)
                    for peer in [panel, device, other] { try await peer.asks(.ping) }
                    let told = try await panel.unheardEvents()
                    #expect(told.allSatisfy { !$0.isDoorOpen && !$0.isAnswerOrEnd }, "\(told)")
                    let ends = try await other.unheardEvents().count { event in
                        if case .callState(let state) = event {
                            state.state == .ended
                        } else {
                            false
                        }
                    }
                    #expect(ends == 1)
                    let record = try await bench.server.onlyCall()
                    #expect(record.outcome == .completed && record.unlocks.count == 1)
                    let log = try await bench.server.store { try await $0.log(of: call) }
                    #expect(log.count { if case .answered = $0.event { true } else { false } } == 1)
                    #expect(log.count { if case .rang = $0.event { true } else { false } } == 1)
                }
            }
        }
    }
}

extension Peer {
    /// Says a request twice under one id, in one turn; its answer.
    @discardableResult
    fileprivate func twice(_ request: ClientRequest) async throws -> Answer {
        let id = newID()
        let text = Self.text(request, id: id)
        try await send(texts: [text, text])
        return try await result(of: id).get()
    }
}

extension ServerEvent {
    /// Beyond the one of each that was waited for.
    fileprivate var isAnswerOrEnd: Bool {
        if case .panelCallState(let told) = self { told.state != .ringing } else { false }
    }
}
