// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleTestKit
import VestibuleWire

/// What boards tell of how long people and frames waited.
@Suite struct TimesTests {
    private func times(_ porch: Porch) -> BoardTimes {
        porch.world.boards.reduce(into: BoardTimes()) { $0.add($1.times) }
    }

    @Test func `a call with a door counts one of each, and a ring for each connected device`() async
    {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let id = porch.anna.say(
            .callUnlock(CallUnlock(call: porch.call, door: nil, key: porch.key()))
        )
        await porch.pass(.milliseconds(300))
        #expect(porch.anna.answer(to: id)?.outcome == .opened)
        let times = times(porch)
        #expect(times.ring.count == 2)
        #expect(times.answer.count == 1)
        #expect(times.doorCommand.count == 1)
        #expect(times.unlock.count == 1)
        // The record is written before, and the world's store takes its time.
        #expect(times.ring.sum > .zero && times.ring.sum < .milliseconds(400))
        #expect(times.unlock.sum > times.doorCommand.sum)
    }

    @Test func `a refused press counts nothing`() async {
        var limits = Limits()
        limits.call.live = 0
        let porch = Porch(limits: limits)
        await porch.open()
        await porch.press()
        #expect(times(porch) == BoardTimes())
    }

    @Test func `only the winner's answer is one`() async {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        let late = await porch.answers(porch.bert)
        #expect(porch.bert.refusal(of: late) == .alreadyAnswered)
        #expect(times(porch).answer.count == 1)
    }

    @Test func `a door that says nothing in time counts when that is told, and once`() async {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        porch.door.obeys = false
        porch.anna.say(.callUnlock(CallUnlock(call: porch.call, door: nil, key: porch.key())))
        await porch.pass(.seconds(8))
        #expect(times(porch).doorCommand.count == 1)
        #expect(times(porch).unlock.count == 1)
        #expect(times(porch).unlock.sum >= Limits().door.deadline)
        #expect(times(porch).unlock.sum < .seconds(8))
    }

    // MARK: Frames

    private func within(_ time: Duration, _ times: LatencyHistogram) -> Int {
        times.cumulative.last { $0.bound <= time }?.count ?? 0
    }

    @Test func `a frame that is written at once is as old as nothing`() {
        var call = RelayCall.answered()
        for _ in 0..<5 { call.world.send(call.camera.audio(), from: call.panel) }
        let ages = call.world.relays[0].queueAges(.audio)
        #expect(ages.count == 5)
        #expect(ages.sum == .zero)
        #expect(within(.zero, ages) == 5)
    }

    @Test func `a frame that waited counts for as long`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 1_000
        call.world.send(call.camera.inter(60), from: call.panel)
        call.world.send(call.camera.audio(), from: call.panel)
        call.world.pass(100)
        let audio = call.world.relays[0].queueAges(.audio)
        #expect(audio.count == call.resident.headers(.audio).count)
        #expect(audio.count == 1)
        #expect(audio.sum >= .milliseconds(50) && audio.sum <= .milliseconds(80))
        #expect(within(.milliseconds(25), audio) == 0)
        #expect(within(.milliseconds(100), audio) == 1)
    }

    @Test func `a dropped frame has no age`() {
        var call = RelayCall.answered()
        call.resident.bytesPerSecond = 1_000
        call.world.send(call.camera.inter(220), from: call.panel)
        call.world.send(call.camera.audio(), from: call.panel)
        call.world.pass(300)
        #expect(call.outlet?.counts.dropped(.audio, .expired) == 1)
        #expect(call.world.relays[0].queueAges(.audio).count == 0)
    }

    @Test func `a frame from another loop is as old as its way`() {
        var call = RelayCall.answered(residentOn: 1)
        call.world.isMailLate = true
        call.world.send(call.camera.audio(), from: call.panel)
        call.world.pass(20)
        call.world.isMailLate = false
        call.world.settle()
        let ages = call.world.relays[1].queueAges(.audio)
        #expect(ages.count == 1)
        #expect(ages.sum == .milliseconds(20))
    }
}
