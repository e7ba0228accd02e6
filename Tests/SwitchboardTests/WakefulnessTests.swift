// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleStorage
import VestibuleTestKit
import VestibuleWire

/// A server that stood still finds old words in its sockets.
@Suite struct WakefulnessTests {
    /// Anna presses while the server stands still for so long; her request.
    private func press(_ porch: Porch, while still: Duration) async -> String {
        await porch.open()
        await porch.talk()
        await porch.pass(.seconds(10))
        porch.world.stallServer(for: still)
        await porch.pass(.milliseconds(100))
        let id = porch.anna.say(.callUnlock(CallUnlock(call: porch.call, key: "still")))
        await porch.pass(still + .milliseconds(500))
        return id
    }

    @Test(arguments: [1, 2])
    func `a press that waited longer than its deadline opens nothing`(boards: Int) async {
        let porch = Porch(boards: boards)
        let id = await press(porch, while: .seconds(7))
        #expect(porch.anna.refusal(of: id) == .notRecorded)
        #expect(porch.door.opened.isEmpty)
        await porch.pass(.seconds(1))
        let again = porch.anna.say(.callUnlock(CallUnlock(call: porch.call, key: "again")))
        await porch.pass(.milliseconds(500))
        #expect(porch.anna.answer(to: again)?.outcome == .opened)
    }

    @Test func `the time a press waited counts against its deadline`() async throws {
        let porch = Porch(boards: 1)
        let id = await press(porch, while: .seconds(3))
        #expect(porch.anna.answer(to: id)?.outcome == .opened)
        let open = try #require(
            porch.door.events.compactMap { event in
                if case .doorOpen(let open) = event { open } else { nil }
            }.first
        )
        let attempt = try await porch.world.store.doorAttempts(DoorQuery()).first?.attempt
        let allowed = (attempt?.deadline.milliseconds ?? 0) - (attempt?.at.milliseconds ?? 0)
        #expect(open.notAfterMs > 0 && allowed < 3_000 && allowed > 0, "\(allowed) ms")
    }

    @Test func `a server that only had nothing to do takes a press for what it is`() async throws {
        let porch = Porch(boards: 1)
        await porch.open()
        await porch.talk()
        await porch.pass(.seconds(2))
        let id = porch.anna.say(.callUnlock(CallUnlock(call: porch.call, key: "idle")))
        await porch.pass(.milliseconds(500))
        #expect(porch.anna.answer(to: id)?.outcome == .opened)
        let attempt = try await porch.world.store.doorAttempts(DoorQuery()).first?.attempt
        #expect(
            attempt.map { $0.deadline.milliseconds - $0.at.milliseconds } == 5_000
        )
    }
}
