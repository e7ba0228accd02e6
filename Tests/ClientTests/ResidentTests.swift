// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// A resident's device: ringing, talking, opening.
@Suite struct ResidentTests {
    private func entry(
        _ state: CallState,
        _ you: Part?,
        mine: Bool = false,
        remaining: Int = 20_000,
        outcome: Outcome? = nil
    ) -> CallEntry {
        CallEntry(
            offer: Sample.offer(remaining: remaining),
            state: state,
            you: you,
            mine: mine,
            outcome: outcome
        )
    }

    @Test func `an offered call rings and is acknowledged`() {
        let bench = Bench<ResidentClient>.ringingResident()
        #expect(bench.machine.calls.first?.isRinging == true)
        #expect(bench.last(.callRinging)?.request == .callRinging(Sample.call))
        guard case .incoming(let call)? = bench.reports.last else {
            Issue.record("nothing rings")
            return
        }
        #expect(call.panel.name == "Front")
        #expect(call.doors.map(\.id) == [Sample.door])
    }

    @Test func `an app may acknowledge by itself`() {
        var bench = Bench(
            ResidentClient(
                settings: Sample.settings(),
                token: Secret("t"),
                acknowledgesRinging: false
            )
        )
        bench.connect()
        bench.welcome()
        bench.event(1, .callIncoming(Sample.offer()))
        #expect(bench.count(.callRinging) == 0)
    }

    @Test func `the winner may send from its ok`() {
        var bench = Bench<ResidentClient>.ringingResident()
        #expect(bench.machine.mayDo == nil)
        bench.order(.answer(Sample.call, tag: 1))
        #expect(bench.machine.mayDo == nil)
        bench.ok(.callAnswer, .handle(77))
        #expect(
            bench.machine.mayDo
                == MediaRight(
                    call: Sample.call,
                    handle: 77,
                    audio: true,
                    video: true,
                    bitsPerSecond: 4_000_000
                )
        )
        bench.callState(2, .active, .talking)
        #expect(bench.machine.mayDo?.handle == 77)
    }

    @Test func `a loser learns who was first and sends nothing`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.answer(Sample.call, tag: 1))
        bench.refuse(.callAnswer, Refusal(.alreadyAnswered, answeredBy: Sample.anna))
        #expect(bench.machine.calls.first?.isRinging == false)
        #expect(bench.machine.calls.first?.answeredBy == Sample.anna)
        #expect(bench.machine.mayDo == nil)
    }

    @Test func `a call answered elsewhere stops ringing`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.callState(2, .active, .out, .answeredElsewhere)
        #expect(bench.machine.calls.first?.isRinging == false)
        #expect(bench.machine.calls.first?.reason == .answeredElsewhere)
        bench.callState(3, .ended, .out, outcome: .completed)
        #expect(bench.machine.calls.first?.outcome == .completed)
    }

    @Test func `hanging up stops the media before anyone answers`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.answer(Sample.call))
        bench.ok(.callAnswer, .handle(77))
        bench.order(.hangUp(Sample.call))
        #expect(bench.machine.mayDo == nil)
        #expect(bench.last(.callHangup)?.request == .callHangup(Sample.call))
    }

    @Test func `each press on unlock has a key of its own`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.unlock(Sample.call, tag: 1))
        bench.order(.unlock(Sample.call, door: Sample.door, tag: 2))
        bench.order(.unlockDoor(Sample.door, tag: 3))
        let keys = bench.sent.compactMap { sent -> String? in
            switch sent.message.request {
            case .callUnlock(let unlock): unlock.key
            case .doorUnlock(_, let key): key
            default: nil
            }
        }
        #expect(Set(keys).count == 3)
        bench.ok(.doorUnlock, .door(Sample.command(1), .opened))
        #expect(
            bench.reports.last
                == .answered(tag: 3, .success(.door(Sample.command(1), .opened)))
        )
    }

    @Test func `an unlock whose answer was lost is repeated under its key`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.unlock(Sample.call, tag: 1))
        let first = bench.last(.callUnlock)
        bench.reconnect(seq: 1) { $0.calls = [entry(.ringing, .ringing)] }
        #expect(bench.count(.callUnlock) == 2)
        #expect(bench.last(.callUnlock) == first)
    }

    @Test func `the screen is drawn from the welcome alone`() {
        var bench = Bench(ResidentClient(settings: Sample.settings(), token: Secret("t")))
        bench.connect()
        bench.welcome { $0.calls = [entry(.ringing, .ringing)] }
        #expect(bench.machine.calls.first?.isRinging == true)
        #expect(bench.count(.callRinging) == 1)
        guard case .incoming? = bench.reports.last else {
            Issue.record("nothing rings")
            return
        }
    }

    @Test func `a tombstone rings nowhere`() {
        var bench = Bench(ResidentClient(settings: Sample.settings(), token: Secret("t")))
        bench.connect()
        bench.welcome { $0.calls = [entry(.ended, .out, outcome: .cancelled)] }
        #expect(bench.machine.calls.first?.isRinging == false)
        #expect(bench.machine.calls.first?.outcome == .cancelled)
        #expect(bench.count(.callRinging) == 0)
        guard case .changed(let call)? = bench.reports.last else {
            Issue.record("the tombstone was not told")
            return
        }
        #expect(call.state == .ended)
    }

    @Test func `a device whose call is mine goes on sending after a restart`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.answer(Sample.call))
        bench.ok(.callAnswer, .handle(77))
        bench.give(.closed(socket: 1, code: 1012))
        #expect(bench.machine.mayDo == nil)
        bench.pass(.seconds(1))
        bench.connect()
        bench.welcome {
            $0.session = SessionID(high: 1, low: 2)
            $0.calls = [entry(.active, .talking, mine: true)]
        }
        #expect(bench.machine.mayDo?.handle == 77)
        #expect(bench.reports.last == .media(bench.machine.mayDo))
    }

    @Test func `a call that the welcome no longer lists is over`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.reconnect(seq: 1)
        #expect(bench.machine.calls.isEmpty)
        guard case .changed(let call)? = bench.reports.last else {
            Issue.record("the end was not told")
            return
        }
        #expect(call.state == .ended && call.outcome == nil)
    }

    @Test func `a ring stops by itself when nobody tells it to`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.give(.closed(socket: 1, code: nil))
        bench.pass(.seconds(31))
        #expect(bench.machine.calls.first?.isRinging == true)
        bench.pass(.seconds(1))
        #expect(bench.machine.calls.first?.state == .ended)
    }

    @Test func `a device that ignores is told that it is silent, and the call goes on`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.ignore(Sample.call))
        bench.callState(2, .ringing, .silent, .ignored)
        #expect(bench.machine.calls.first?.isRinging == false)
        #expect(bench.machine.calls.first?.state == .ringing)
    }

    @Test func `a preview shows until the call is answered`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.preview(Sample.call, tag: 1))
        bench.ok(.callPreview, .handle(77))
        #expect(bench.machine.calls.first?.isPreviewing == true)
        #expect(bench.machine.mayDo == nil, "a preview sends nothing")
        bench.callState(2, .active, .out, .answeredElsewhere)
        #expect(bench.machine.calls.first?.isPreviewing == false)
    }

    @Test func `a panel's events mean nothing to a resident`() {
        var bench = Bench<ResidentClient>.resident()
        bench.reports = []
        bench.event(1, .doorVoid(command: Sample.command(1)))
        bench.event(2, .directoryChanged(version: 1))
        #expect(bench.reports.isEmpty)
        #expect(bench.machine.resume?.seq == 2)
    }

    @Test func `a device that is revoked falls silent at once`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.reports = []
        bench.give(.closed(socket: 1, code: 4403))
        #expect(bench.machine.calls.first?.isRinging == false)
        guard case .changed(let call)? = bench.reports.last else {
            Issue.record("the end was not told")
            return
        }
        #expect(call.state == .ended && call.you == .out && call.reason == .revoked)
        #expect(bench.machine.nextDeadline == nil)
    }

    @Test func `a device that another process took over falls silent, and rings on there`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.give(.closed(socket: 1, code: 4409))
        #expect(bench.machine.calls.first?.isRinging == false)
        bench.reports = []
        bench.give(.start)
        bench.connect()
        bench.welcome { $0.calls = [entry(.ringing, .ringing)] }
        let rings = bench.reports.contains { if case .incoming = $0 { true } else { false } }
        #expect(rings, "this process is the device again")
    }

    @Test func `a device whose credential ran out rings on while it fetches another`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.give(.closed(socket: 1, code: 4401))
        #expect(bench.machine.calls.first?.isRinging == true)
    }

    @Test func `calls are remembered up to a bound, ended ones forgotten first`() {
        var bench = Bench<ResidentClient>.resident()
        for number in 1...80 as ClosedRange<UInt64> {
            let call = CallID(high: 4, low: number)
            bench.event(Int(number), .callIncoming(Sample.offer(call)))
        }
        #expect(bench.machine.calls.count == 64)
        #expect(bench.machine.calls.last?.call == CallID(high: 4, low: 80))
    }
}
