// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleSwitchboard
import VestibuleTestKit
import VestibuleWire

/// Hello, welcome, resume, the end of sockets.
@Suite struct SessionsTests {
    @Test func `a resumed session hears each missed event once`() async throws {
        let porch = Porch(boards: 1)
        await porch.open()
        let point = try #require(porch.anna.point)
        porch.anna.hangUpSocket()
        await porch.press()
        porch.anna.connect(to: 0, resuming: point)
        await porch.pass(.milliseconds(200))
        let welcome = try #require(porch.anna.welcome)
        #expect(welcome.resumed)
        #expect(welcome.seq == point.seq + 1)
        let rings = porch.anna.events.filter { if case .callIncoming = $0 { true } else { false } }
        #expect(rings.count == 1)
    }

    @Test func `a door is not opened by a replay, its command is void`() async throws {
        let porch = Porch(boards: 1)
        await porch.open()
        await porch.talk()
        let point = try #require(porch.door.point)
        // The path to the door dies unheard: the command is told, and never arrives.
        if let link = porch.door.link { porch.world.damage(link, .silent, for: .zero) }
        let unlock = porch.anna.say(
            .callUnlock(CallUnlock(call: porch.call, door: nil, key: porch.key()))
        )
        await porch.pass(.milliseconds(200))
        porch.door.connect(to: 0, resuming: point)
        await porch.pass(.milliseconds(200))
        #expect(porch.door.welcome?.resumed == true)
        #expect(porch.door.opened.isEmpty)
        #expect(
            porch.door.events.contains { if case .doorVoid = $0 { true } else { false } }
        )
        await porch.pass(.seconds(8))
        #expect(porch.anna.answer(to: unlock)?.outcome == .unknown)
    }

    @Test func `after a restart nothing resumes, and the call goes on`() async throws {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let points = (try #require(porch.door.point), try #require(porch.anna.point))
        await porch.kill()
        porch.door.connect(to: 1, resuming: points.0)
        porch.anna.connect(to: 0, resuming: points.1)
        await porch.pass(.milliseconds(500))
        #expect(porch.anna.welcome?.resumed == false)
        #expect(porch.anna.welcome?.seq == 0)
        #expect(porch.anna.welcome?.calls.first?.mine == true)
        #expect(porch.door.welcome?.calls.first?.state == .active)
        porch.anna.say(.callHangup(porch.call))
        await porch.pass(.milliseconds(200))
        #expect(porch.outcome(of: porch.door) == .completed)
        #expect(await porch.history().map(\.outcome) == [.completed])
    }

    @Test func `a group left alone by a removal during the restart rings the next one once`()
        async throws
    {
        let porch = Porch()
        let people = porch.world.household.rows.residents.map(\.id)
        let unit = porch.unit
        porch.world.household.change { rows in
            for (position, person) in people.enumerated() {
                rows.ringGroups.append(
                    RingGroupRow(
                        id: RingGroupID(high: 9, low: UInt64(position)),
                        unit: unit,
                        name: "\(position)",
                        position: position,
                        members: [person]
                    )
                )
            }
        }
        let log = RingLog()
        porch.world.witness.checkers.append(log)
        await porch.open()
        await porch.press()
        #expect(porch.state(of: porch.anna) == .ringing)
        #expect(porch.state(of: porch.bert) == nil)
        porch.world.household.set(people[0], enabled: false)
        await porch.kill()
        guard case .device(let bert) = porch.bert.principal else { return }
        #expect(log.rings.filter { $0 == bert }.count == 1)
    }

    @Test func `panels hear of who moves by time alone`() async throws {
        let porch = Porch()
        let leaving = Timestamp(milliseconds: porch.world.civil + 20_000)
        porch.world.household.change { rows in rows.occupancies[0].until = leaving }
        await porch.open()
        let before = porch.door.say(.directoryGet(DirectoryGet()))
        await porch.pass(.milliseconds(200))
        let listed = try #require(porch.door.answer(to: before)?.directory)
        await porch.pass(.seconds(20))
        let told = porch.door.events.compactMap { event in
            if case .directoryChanged(let version) = event { version } else { nil }
        }
        #expect(told.count == 1)
        let after = porch.door.say(.directoryGet(DirectoryGet(have: listed.version)))
        await porch.pass(.milliseconds(200))
        let page = try #require(porch.door.answer(to: after)?.directory)
        #expect(page.version == told.first)
        let count = (listed.entries?.count ?? 0) - 1
        #expect(page.entries?.count == count)
    }

    @Test func `whom a crowded call leaves out is written down`() async throws {
        var limits = Limits()
        limits.call.offered = 2
        let porch = Porch(limits: limits)
        await porch.open()
        await porch.press()
        #expect(porch.state(of: porch.anna) == .ringing)
        #expect(porch.state(of: porch.bert) == nil)
        let log = try await porch.world.store.log(of: porch.call)
        guard case .started(let plan)? = log.first?.event else {
            Issue.record("a log that does not begin with its start")
            return
        }
        #expect(plan.skipped.map(\.reason) == [.tooMany])
    }

    @Test func `a panel that says hello without resume has forgotten its call`() async {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        porch.door.connect(to: 0)
        await porch.pass(.milliseconds(300))
        #expect(porch.outcome(of: porch.anna) == .panelLost)
        #expect(porch.door.welcome?.calls.first?.state == .ended)
    }

    @Test func `a call that ended lately stands in the welcome as its tombstone`() async {
        let porch = Porch()
        await porch.open()
        await porch.press()
        porch.door.say(.callCancel(porch.call))
        await porch.pass(.seconds(60))
        porch.tablet.connect(to: 0)
        await porch.pass(.milliseconds(300))
        #expect(porch.tablet.welcome?.calls.map(\.outcome) == [.cancelled])
        await porch.pass(.seconds(300))
        porch.tablet.connect(to: 0)
        await porch.pass(.milliseconds(300))
        #expect(porch.tablet.welcome?.calls.isEmpty == true)
    }

    @Test func `the tenth message that is none closes the socket`() async {
        let porch = Porch(boards: 1)
        await porch.open()
        for _ in 0..<9 { porch.anna.sayNonsense() }
        await porch.pass(.milliseconds(200))
        #expect(porch.anna.closeCode() == nil)
        porch.anna.sayNonsense()
        await porch.pass(.milliseconds(200))
        #expect(porch.anna.closeCode() == 1008)
        #expect(porch.bert.closeCode() == nil)
    }

    @Test func `who says nothing for five seconds is closed`() async {
        let porch = Porch(boards: 1)
        await porch.open()
        porch.tablet.saysHello = false
        porch.tablet.connect(to: 0)
        await porch.pass(.milliseconds(4_900))
        #expect(porch.tablet.closeCode() == nil)
        await porch.pass(.milliseconds(400))
        #expect(porch.tablet.closeCode() == 4401)
    }

    @Test func `a wrong token and another's device are not let in`() async {
        let porch = Porch(boards: 1)
        await porch.open()
        porch.tablet.token = "nobody's"
        porch.tablet.connect(to: 0)
        await porch.pass(.milliseconds(200))
        #expect(porch.tablet.closeCode() == 4401)
        porch.tablet.token = porch.world.household.token(porch.bert.principal)
        porch.tablet.connect(to: 0)
        await porch.pass(.milliseconds(200))
        #expect(porch.tablet.closeCode() == 4401)
        #expect(porch.bert.closeCode() == nil)
    }

    @Test func `a revoked device is out at once, and its call ends`() async {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        guard case .device(let device) = porch.anna.principal else { return }
        porch.world.household.set(device, revoked: true)
        porch.world.publishDirectory()
        await porch.pass(.milliseconds(200))
        #expect(porch.anna.closeCode() == 4403)
        #expect(porch.outcome(of: porch.door) == .revoked)
    }

    @Test func `a peer without a sign of life is given up`() async {
        let porch = Porch(boards: 1)
        await porch.open()
        if let link = porch.bert.link { porch.world.damage(link, .silent, for: .zero) }
        await porch.pass(.seconds(29))
        #expect(porch.world.counters(\.silent) == 0)
        await porch.pass(.seconds(2))
        #expect(porch.world.counters(\.silent) == 1)
    }

    @Test func `a server that was stopped itself waits one more round`() async {
        let porch = Porch(boards: 1)
        await porch.open()
        for peer in [porch.anna, porch.bert, porch.door] {
            if let link = peer.link { porch.world.damage(link, .stall, for: .seconds(40)) }
        }
        porch.world.stallServer(for: .seconds(40))
        await porch.pass(.seconds(41))
        #expect(porch.world.counters(\.ownStalls) == 1)
        #expect(porch.world.counters(\.silent) == 0)
    }

    @Test func `a flood is refused, then closed, and others go on`() async {
        let porch = Porch(boards: 1)
        await porch.open()
        for _ in 0..<61 { porch.anna.say(.callRinging(.nothing)) }
        await porch.pass(.milliseconds(100))
        #expect(porch.anna.closeCode() == nil)
        #expect(porch.world.counters(\.rateLimited) > 0)
        for _ in 0..<200 { porch.anna.say(.callRinging(.nothing)) }
        await porch.pass(.milliseconds(200))
        #expect(porch.anna.closeCode() == 4429)
        await porch.press()
        #expect(porch.state(of: porch.bert) == .ringing)
    }
}

/// Which devices a ring was pushed to.
private final class RingLog: Checker {
    var rings: [DeviceID] = []

    func pushed(_ order: PushOrder, in world: World) {
        if order.kind == .ring { rings += order.devices }
    }
}
