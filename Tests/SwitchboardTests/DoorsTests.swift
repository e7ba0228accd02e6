// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleTestKit
import VestibuleWire

/// The door desk: permitted, written, commanded once, and the panel's own result.
@Suite struct DoorsTests {
    private func unlock(
        _ porch: Porch,
        _ peer: RawPeer,
        _ door: DoorID? = nil,
        key: String? = nil
    )
        async -> String
    {
        let id = peer.say(
            .callUnlock(CallUnlock(call: porch.call, door: door, key: key ?? porch.key()))
        )
        await porch.pass(.milliseconds(300))
        return id
    }

    @Test func `the answering device opens the door as often as it likes`() async {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        for _ in 0..<2 {
            let id = await unlock(porch, porch.anna)
            #expect(porch.anna.answer(to: id)?.outcome == .opened)
        }
        #expect(porch.door.opened.count == 2)
        #expect(porch.state(of: porch.door) == .active)
        #expect(await porch.history().first?.unlocks.map(\.outcome) == [.opened, .opened])
    }

    @Test func `while it rings everybody offered may open, then the one who answered`() async {
        let porch = Porch()
        await porch.open()
        await porch.press()
        let early = await unlock(porch, porch.bert)
        #expect(porch.bert.answer(to: early)?.outcome == .opened)
        _ = await porch.answers(porch.anna)
        let late = await unlock(porch, porch.bert)
        #expect(porch.bert.refusal(of: late) == .notPermitted)
        porch.door.say(.callHangup(porch.call))
        await porch.pass(.milliseconds(200))
        let over = await unlock(porch, porch.anna)
        #expect(porch.anna.refusal(of: over) == .callEnded)
    }

    @Test(
        arguments: [
            (assigned: true, fromCall: true, inCall: true, refusal: nil as ErrorCode?),
            (true, false, true, nil), (false, true, true, nil),
            (false, false, true, .notPermitted), (true, false, false, nil),
            (false, true, false, .notPermitted),
        ])
    func `a door opens to whom it is assigned, or from a call where it is marked so`(
        row: (assigned: Bool, fromCall: Bool, inCall: Bool, refusal: ErrorCode?)
    ) async {
        let porch = Porch()
        let door = porch.doors[1]
        porch.world.household.change { rows in
            if !row.assigned { rows.doorAssignments = [] }
            rows.doors[1].openFromCall = row.fromCall
        }
        await porch.open()
        await porch.talk()
        let id: String
        if row.inCall {
            id = await unlock(porch, porch.anna, door)
        } else {
            id = porch.anna.say(.doorUnlock(door: door, key: porch.key()))
            await porch.pass(.milliseconds(300))
        }
        #expect(porch.anna.refusal(of: id) == row.refusal)
        #expect(porch.door.opened.count == (row.refusal == nil ? 1 : 0))
    }

    @Test func `an unknown door, and a panel that is away`() async {
        let porch = Porch()
        await porch.open()
        let nonsense = porch.anna.say(.doorUnlock(door: .nothing, key: porch.key()))
        porch.door.hangUpSocket()
        await porch.pass(.milliseconds(200))
        let away = porch.anna.say(.doorUnlock(door: porch.doors[0], key: porch.key()))
        await porch.pass(.milliseconds(200))
        #expect(porch.anna.refusal(of: nonsense) == .unknownDoor)
        #expect(porch.anna.refusal(of: away) == .panelOffline)
    }

    @Test func `a late store: not recorded, not opened, and the call goes on`() async {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        porch.world.lockStore(.locked, for: .seconds(2))
        let id = await unlock(porch, porch.anna)
        #expect(porch.anna.refusal(of: id) == .notRecorded)
        await porch.pass(.seconds(3))
        #expect(porch.door.opened.isEmpty)
        let again = await unlock(porch, porch.anna)
        #expect(porch.anna.answer(to: again)?.outcome == .opened)
    }

    @Test func `no result is unknown, and a late one amends it`() async throws {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        porch.door.obeys = false
        let key = porch.key()
        let id = await unlock(porch, porch.anna, key: key)
        await porch.pass(.seconds(8))
        #expect(porch.anna.answer(to: id)?.outcome == .unknown)
        let command = try #require(porch.anna.answer(to: id)?.command)
        let told = porch.door.say(.doorResult(DoorResult(command: command, outcome: .opened)))
        await porch.pass(.milliseconds(300))
        #expect(porch.door.answer(to: told) != nil)
        let again = await unlock(porch, porch.anna, key: key)
        #expect(porch.anna.answer(to: again)?.outcome == .opened)
        #expect(porch.anna.answer(to: again)?.command == command)
        #expect(await porch.history().first?.unlocks.map(\.outcome) == [.opened])
    }

    @Test func `a repeated result is answered and counts once`() async throws {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let id = await unlock(porch, porch.anna)
        let command = try #require(porch.anna.answer(to: id)?.command)
        let told = porch.door.say(.doorResult(DoorResult(command: command, outcome: .failed)))
        await porch.pass(.milliseconds(300))
        #expect(porch.door.answer(to: told) != nil)
        #expect(await porch.history().first?.unlocks.map(\.outcome) == [.opened])
    }

    @Test func `another panel's command is unknown`() async throws {
        let porch = Porch(panels: 2)
        await porch.open()
        let rows = porch.world.household.rows
        let other = RawPeer(.panel(rows.panels[1].id), name: "garage", in: porch.world)
        other.connect(to: 1)
        await porch.talk()
        let id = await unlock(porch, porch.anna)
        let command = try #require(porch.anna.answer(to: id)?.command)
        let told = other.say(.doorResult(DoorResult(command: command, outcome: .opened)))
        await porch.pass(.milliseconds(200))
        #expect(other.refusal(of: told) == .unknownCommand)
    }

    @Test func `a repeated key opens nothing again, also after a restart`() async throws {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let key = porch.key()
        let first = await unlock(porch, porch.anna, key: key)
        let again = await unlock(porch, porch.anna, key: key)
        #expect(porch.anna.answer(to: first) == porch.anna.answer(to: again))
        let points = (try #require(porch.door.point), try #require(porch.anna.point))
        await porch.kill()
        porch.door.connect(to: 0, resuming: points.0)
        porch.anna.connect(to: 1, resuming: points.1)
        await porch.pass(.milliseconds(500))
        let after = await unlock(porch, porch.anna, key: key)
        #expect(porch.anna.answer(to: after) == porch.anna.answer(to: first))
        #expect(porch.door.opened.count == 1)
    }

    @Test func `a repeated press is the same call, also after a restart`() async throws {
        let porch = Porch()
        await porch.open()
        let key = porch.key()
        let first = await porch.press(key: key)
        let again = await porch.press(key: key)
        #expect(porch.door.answer(to: first) == porch.door.answer(to: again))
        let busy = await porch.press()
        #expect(porch.door.refusal(of: busy) == .busy)
        let point = try #require(porch.door.point)
        await porch.kill()
        porch.door.connect(to: 1, resuming: point)
        await porch.pass(.milliseconds(300))
        let after = await porch.press(key: key)
        #expect(porch.door.answer(to: after) == porch.door.answer(to: first))
    }

    @Test func `a restart between the audit and the command opens nothing`() async throws {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let points = (try #require(porch.door.point), try #require(porch.anna.point))
        let key = porch.key()
        // The group reaches the disk, its answer nobody.
        porch.world.commitTime = .seconds(1) ... .seconds(1)
        porch.anna.say(.callUnlock(CallUnlock(call: porch.call, door: nil, key: key)))
        await porch.pass(.milliseconds(50))
        porch.world.kill(downtime: .seconds(1), keeping: 1)
        porch.world.commitTime = .milliseconds(2) ... .milliseconds(2)
        await porch.pass(.seconds(2))
        porch.door.connect(to: 0, resuming: points.0)
        porch.anna.connect(to: 1, resuming: points.1)
        await porch.pass(.milliseconds(500))
        let after = await unlock(porch, porch.anna, key: key)
        #expect(porch.anna.answer(to: after)?.outcome == .unknown)
        #expect(porch.door.opened.isEmpty)
    }

    @Test func `what is not written within its deadline is never sent`() async {
        var limits = Limits()
        limits.door.deadline = .milliseconds(40)
        let porch = Porch(limits: limits)
        await porch.open()
        await porch.talk()
        porch.world.commitTime = .milliseconds(60) ... .milliseconds(60)
        let id = await unlock(porch, porch.anna)
        #expect(porch.anna.refusal(of: id) != nil)
        #expect(porch.door.opened.isEmpty)
    }

    @Test(arguments: [false, true])
    func `a refused press keeps its key, also after a restart`(sending: Bool) async throws {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let key = porch.key()
        let code: ErrorCode
        if sending {
            // Nothing reaches the disk in time.
            porch.world.lockStore(.locked, for: .seconds(2))
            code = .notRecorded
        } else {
            porch.door.hangUpSocket()
            code = .panelOffline
        }
        let point = try #require(porch.anna.point)
        let panel = try #require(porch.door.point)
        await porch.pass(.milliseconds(100))
        let first = await unlock(porch, porch.anna, key: key)
        #expect(porch.anna.refusal(of: first) == code)
        await porch.pass(.seconds(4))
        await porch.kill()
        porch.door.connect(to: 0, resuming: panel)
        porch.anna.connect(to: 1, resuming: point)
        await porch.pass(.milliseconds(500))
        let again = await unlock(porch, porch.anna, key: key)
        #expect(porch.anna.refusal(of: again) == code)
        let new = await unlock(porch, porch.anna)
        #expect(porch.anna.answer(to: new)?.outcome == .opened)
        #expect(porch.door.opened.count == 1)
    }

    @Test func `a command withheld at the last moment keeps its reason after a restart`()
        async throws
    {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let points = (try #require(porch.door.point), try #require(porch.anna.point))
        let key = porch.key()
        porch.world.commitTime = .milliseconds(50) ... .milliseconds(50)
        let first = porch.anna.say(
            .callUnlock(CallUnlock(call: porch.call, door: nil, key: key))
        )
        await porch.pass(.milliseconds(20))
        porch.door.hangUpSocket()
        await porch.pass(.milliseconds(500))
        #expect(porch.anna.refusal(of: first) == .panelOffline)
        await porch.kill()
        porch.door.connect(to: 0, resuming: points.0)
        porch.anna.connect(to: 1, resuming: points.1)
        await porch.pass(.milliseconds(500))
        let again = await unlock(porch, porch.anna, key: key)
        #expect(porch.anna.refusal(of: again) == .panelOffline)
        #expect(porch.door.opened.isEmpty)
    }

    @Test func `keys of other days hold after a restart, and are not counted as today's`() async {
        var limits = Limits()
        limits.door.keysPerDevice = 3
        let porch = Porch(limits: limits)
        await porch.open()
        let keys = (0..<3).map { _ in porch.key() }
        for key in keys {
            porch.anna.say(.doorUnlock(door: porch.doors[0], key: key))
            await porch.pass(.milliseconds(300))
        }
        porch.world.civil += 3 * 86_400_000
        await porch.kill()
        porch.door.connect(to: 0)
        porch.anna.connect(to: 1)
        await porch.pass(.milliseconds(500))
        let repeated = porch.anna.say(.doorUnlock(door: porch.doors[0], key: keys[0]))
        let new = porch.anna.say(.doorUnlock(door: porch.doors[0], key: porch.key()))
        await porch.pass(.milliseconds(500))
        #expect(porch.anna.answer(to: repeated)?.command != nil)
        #expect(porch.anna.answer(to: new)?.outcome == .opened)
        #expect(porch.door.opened.count == 4)
    }

    @Test func `a press that met a full server may be tried again`() async {
        var limits = Limits()
        limits.call.live = 0
        let porch = Porch(limits: limits)
        await porch.open()
        let key = porch.key()
        for _ in 0..<2 {
            let id = await porch.press(key: key)
            #expect(porch.door.refusal(of: id) == .busyServer)
        }
        let log = porch.world.store.metrics
        #expect(log.entries == 0)
    }

    @Test func `a device has so many keys a day and no more`() async {
        var limits = Limits()
        limits.door.keysPerDevice = 3
        let porch = Porch(limits: limits)
        await porch.open()
        for _ in 0..<3 {
            let id = porch.anna.say(.doorUnlock(door: porch.doors[0], key: porch.key()))
            await porch.pass(.milliseconds(300))
            #expect(porch.anna.answer(to: id)?.outcome == .opened)
        }
        let fourth = porch.anna.say(.doorUnlock(door: porch.doors[0], key: porch.key()))
        let others = porch.bert.say(.doorUnlock(door: porch.doors[0], key: porch.key()))
        await porch.pass(.milliseconds(300))
        #expect(porch.anna.refusal(of: fourth) == .rateLimited)
        #expect(porch.bert.answer(to: others)?.outcome == .opened)
    }
}
