// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleClient
import VestibuleEventLoop
import VestibuleFaultProxy
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleWire

/// A panel and two phones of one unit, each behind a proxy of its own.
final class Household: Sendable {
    let bench: FaultBench
    let number: Int

    /// Before the panel, the first phone, the second.
    let proxies: [FaultProxy]
    private let people = Locked<(panel: DoorPanel, phones: [Phone])?>(nil)

    private init(_ bench: FaultBench, _ number: Int, _ proxies: [FaultProxy]) {
        self.bench = bench
        self.number = number
        self.proxies = proxies
    }

    /// Household `number` of the building, with nobody connected yet.
    static func make(_ bench: FaultBench, _ number: Int = 0) async throws -> Household {
        var proxies: [FaultProxy] = []
        for _ in 0..<3 { proxies.append(try await bench.proxy()) }
        return Household(bench, number, proxies)
    }

    var unit: UnitID { bench.building.unit(number) }

    /// Connects all three.
    func connect() async throws {
        async let panel = bench.panel(number, by: proxies[0])
        async let first = bench.phone(0, ofUnit: number, by: proxies[1])
        async let second = bench.phone(1, ofUnit: number, by: proxies[2])
        let all = (try await panel, [try await first, try await second])
        people.withLock { $0 = all }
    }

    func everybody() throws -> (panel: DoorPanel, phones: [Phone]) {
        guard let people = people.withLock({ $0 }) else { throw Disappointment("nobody is there") }
        return people
    }

    /// Waits until all three are online.
    func isOnline() async throws {
        let (panel, phones) = try everybody()
        try await panel.isOnline(bench.clients)
        for phone in phones { try await phone.isOnline(bench.clients) }
    }

    func disconnect() async throws {
        let (panel, phones) = try everybody()
        await panel.shell.disconnect()
        for phone in phones { await phone.shell.disconnect() }
    }

    // MARK: A call, step by step

    /// Presses the button; both phones ring.
    func ring() async throws -> CallID {
        let (panel, phones) = try everybody()
        panel.shell.press(unit)
        let call = try await panel.screen("that it rings") { screen -> CallID? in
            switch screen {
            case .ringing(let call, _), .active(let call, _, _): call
            default: nil
            }
        }
        for phone in phones {
            try await phone.call("that rings", call) { $0.state == .ringing }
        }
        return call
    }

    /// Both answer at once; the first of the result talks, the other was told who.
    func answer(_ call: CallID) async throws -> (winner: Int, device: DeviceID?) {
        let (panel, phones) = try everybody()
        async let first = phones[0].wins(call)
        async let second = phones[1].wins(call)
        let won = [try await first, try await second]
        #expect(won.count { $0 } == 1, "one winner, not \(won)")
        let winner = won[0] ? 0 : 1
        let talks = phones[winner].device
        let told = try await panel.screen("that somebody answered") { screen -> DeviceID?? in
            if case .active(call, let by, _) = screen { .some(by?.device) } else { nil }
        }
        #expect(told == talks, "the panel was told another winner")
        try await phones[winner].call("that is mine", call) { $0.isMine }
        let lost = try await phones[1 - winner].call("answered elsewhere", call) {
            $0.state == .active
        }
        #expect(lost.you == .out && lost.answeredBy?.device == talks)
        return (winner, talks)
    }

    /// Sends sound and picture both ways until `isEnough`, and then until more came on both sides.
    func talk(_ winner: Int, until isEnough: () async -> Bool = { true }) async throws {
        let (panel, phones) = try everybody()
        let phone = phones[winner]
        let patience = Duration.seconds(25) * TestTimes.factor
        try await bench.clients.eventually("sound and picture come through", within: patience) {
            panel.send()
            phone.send()
            return await isEnough()
        }
        let before = (panel.frames.withLock { $0 }, phone.frames.withLock { $0 })
        try await bench.clients.eventually("they come through on both sides", within: patience) {
            panel.send()
            phone.send()
            return panel.frames.withLock { $0 } >= before.0 + 5
                && phone.frames.withLock { $0 } >= before.1 + 5
        }
    }

    /// Hangs up; everybody is told the same end.
    func hangUp(_ call: CallID, _ winner: Int) async throws {
        let (panel, phones) = try everybody()
        try await phones[winner].shell.hangUp(call)
        let told = try await panel.screen("that it ended") { screen -> PanelEnding? in
            if case .ended(call, let ending) = screen { ending } else { nil }
        }
        #expect(told == .outcome(.completed))
        for phone in phones {
            let last = try await phone.call("that ended", call) { $0.state == .ended }
            #expect(last.outcome == .completed)
        }
    }

    /// What was told agrees with what is written: one winner, one end, and each click of the relay is
    /// the one result of a command, within its deadline.
    func agrees(_ call: CallID, answeredBy device: DeviceID?) async throws {
        let (panel, phones) = try everybody()
        let (record, log, doors) = try await bench.server.store { store in
            var calls = CallQuery()
            calls.call = call
            var doors = DoorQuery()
            doors.call = call
            return (
                try await store.calls(calls).first, try await store.log(of: call),
                try await store.doorAttempts(doors)
            )
        }
        #expect(record?.outcome == .completed && record?.answeredBy?.device == device)
        #expect(log.count { if case .answered = $0.event { true } else { false } } == 1)
        #expect(log.count { if case .ended = $0.event { true } else { false } } == 1)
        let clicks = panel.clicks
        #expect(Set(clicks.map(\.command)).count == clicks.count, "a relay clicked twice")
        for click in clicks {
            let attempt = doors.first { $0.attempt.command == click.command }
            #expect(attempt?.result?.outcome == .opened, "a door opened that is not in the record")
            if let deadline = attempt?.attempt.deadline {
                #expect(click.at.time <= deadline, "a door opened late")
            }
        }
        for door in doors where door.result?.outcome == .opened {
            #expect(clicks.contains { $0.command == door.attempt.command })
        }
        let counters =
            [await panel.shell.counters] + [await phones[0].shell.counters]
            + [await phones[1].shell.counters]
        #expect(counters.allSatisfy { $0?.gaps == 0 && $0?.duplicates == 0 }, "\(counters)")
    }
}

extension DoorPanel {
    /// A packet of sound and a key frame, where they may go.
    func send() {
        shell.send(audio: Payload.voice)
        shell.send(video: Payload.picture, isKey: true)
    }
}

extension Phone {
    func send() {
        shell.send(audio: Payload.voice)
        shell.send(video: Payload.picture, isKey: true)
    }
}

/// What the server takes for Opus and for a VP8 key frame.
private enum Payload {
    static let voice: [UInt8] = [0xF8, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    static let picture: [UInt8] =
        [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 2, 0xE0, 1] + [UInt8](repeating: 7, count: 200)
}
