// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleTestKit
import VestibuleWire

/// When a loop has too much to do for new calls, and what that means to who presses.
@Suite struct LoadGaugeTests {
    /// Whether it is full after each of these seconds.
    private func full(_ looks: [(percent: Int, lag: Int)]) -> [Bool] {
        var gauge = LoadGauge(OverloadLimits())
        return looks.map { look in
            gauge.take(
                LoadGauge.Look(
                    elapsed: .seconds(1),
                    used: .milliseconds(look.percent * 10),
                    lag: .milliseconds(look.lag)
                )
            )
            return gauge.isFull
        }
    }

    @Test func `three strained seconds in a row fill it`() {
        #expect(full([(95, 0), (95, 0), (95, 0)]) == [false, false, true])
        #expect(full([(95, 0), (95, 0), (50, 0), (95, 0), (95, 0)]).last == false)
    }

    @Test func `a late loop is strained though others have its core`() {
        #expect(full([(10, 250), (10, 300), (10, 250)]).last == true)
        #expect(full([(10, 249), (10, 249), (10, 249)]).last == false)
    }

    @Test func `one good second puts it at ease, and one that is not so bad does not`() {
        let strained = Array(repeating: (percent: 90, lag: 0), count: 3)
        #expect(full(strained + [(79, 0)]).last == false)
        #expect(full(strained + [(85, 0), (85, 0)]).last == true)
        #expect(full(strained + [(20, 400)]).last == true)
    }

    @Test func `a second that took longer counts as one`() {
        var gauge = LoadGauge(OverloadLimits())
        gauge.take(LoadGauge.Look(elapsed: .seconds(60), used: .seconds(1), lag: .seconds(59)))
        #expect(!gauge.isFull)
    }

    // MARK: At the board

    @Test func `an overloaded board refuses new calls, and the same press may be tried again`()
        async
    {
        let porch = Porch()
        await porch.open()
        let key = porch.key()
        porch.world.boards[0].isOverloaded = true
        let refused = await porch.press(key: key)
        #expect(porch.door.refusal(of: refused) == .busyServer)
        porch.world.boards[0].isOverloaded = false
        let taken = await porch.press(key: key)
        #expect(porch.door.answer(to: taken)?.call != nil)
        #expect(porch.state(of: porch.anna) == .ringing)
    }

    @Test func `a calm board refuses a call that could only be taken on one that is full`() async {
        let porch = Porch()
        await porch.open()
        let key = porch.key()
        porch.world.boards[1].isOverloaded = true
        let refused = await porch.press(key: key)
        #expect(porch.door.refusal(of: refused) == .busyServer)
        // One of the devices is on the calm one.
        porch.bert.hangUpSocket()
        await porch.pass(.milliseconds(100))
        porch.bert.connect(to: 0)
        await porch.pass(.milliseconds(300))
        let taken = await porch.press(key: key)
        #expect(porch.door.answer(to: taken)?.call != nil)
    }

    @Test func `a board that is at ease again is called again`() async {
        let porch = Porch()
        await porch.open()
        porch.world.boards[1].isOverloaded = true
        porch.world.boards[1].isOverloaded = false
        let taken = await porch.press()
        #expect(porch.door.answer(to: taken)?.call != nil)
    }

    @Test func `a call that nobody is connected for is not refused`() async {
        let porch = Porch()
        await porch.open()
        porch.anna.hangUpSocket()
        porch.bert.hangUpSocket()
        await porch.pass(.milliseconds(100))
        porch.world.boards[1].isOverloaded = true
        let taken = await porch.press()
        #expect(porch.door.refusal(of: taken) != .busyServer)
    }

    @Test func `a running call goes on, to its door and its end`() async {
        let porch = Porch()
        await porch.open()
        await porch.talk()
        for board in porch.world.boards { board.isOverloaded = true }
        let unlock = porch.anna.say(
            .callUnlock(CallUnlock(call: porch.call, door: nil, key: porch.key()))
        )
        await porch.pass(.milliseconds(300))
        #expect(porch.anna.answer(to: unlock)?.outcome == .opened)
        porch.anna.say(.callHangup(porch.call))
        await porch.pass(.milliseconds(300))
        #expect(porch.outcome(of: porch.door) == .completed)
    }

    @Test func `a press that was taken is answered again, though the board is full by then`() async
    {
        let porch = Porch()
        await porch.open()
        let key = porch.key()
        await porch.press(key: key)
        porch.world.boards[0].isOverloaded = true
        let again = porch.door.say(.callStart(unit: porch.unit, key: key))
        await porch.pass(.milliseconds(200))
        #expect(porch.door.answer(to: again)?.call == porch.call)
    }
}
