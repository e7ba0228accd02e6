// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// A press whose answer is lost, late or never comes: the panel shows what is, and no call is left
/// to nobody.
@Suite struct LostPressTests {
    private func entry(
        _ state: CallState,
        call: CallID = Sample.call,
        outcome: Outcome? = nil
    ) -> CallEntry {
        CallEntry(
            offer: Sample.offer(call),
            state: state,
            mine: true,
            answeredBy: state == .active ? Sample.anna : nil,
            outcome: outcome
        )
    }

    private func pressed() -> Bench<PanelClient> {
        var bench = Bench<PanelClient>.panel()
        bench.order(.press(Sample.unit))
        return bench
    }

    @Test func `a call that was answered before its press was is active, with sound`() {
        var bench = pressed()
        bench.reconnect(seq: 0) { $0.calls = [entry(.active)] }
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        #expect(
            bench.machine.screen
                == .active(call: Sample.call, answeredBy: Sample.anna, media: nil)
        )
        #expect(bench.machine.mayDo?.audio == true)
    }

    @Test func `a call that ended before its press was answered does not ring`() {
        var bench = pressed()
        bench.reconnect(seq: 0) { $0.calls = [entry(.ended, outcome: .declined)] }
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        #expect(bench.machine.screen == .ended(call: Sample.call, .outcome(.declined)))
        #expect(bench.count(.callCancel) == 0)
    }

    @Test func `an event between welcome and answer is newer than the welcome`() {
        var bench = pressed()
        bench.reconnect(seq: 0) { $0.calls = [entry(.ringing)] }
        bench.callState(1, .active)
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        #expect(bench.machine.mayDo?.audio == true)
    }

    @Test func `what an event told of a screen is not forgotten by the welcome`() {
        var bench = pressed()
        let media = MediaAbilities(screen: true, microphone: true)
        let state = PanelCallState(
            call: Sample.call,
            state: .active,
            answeredBy: Sample.anna,
            media: media
        )
        bench.event(1, .panelCallState(state))
        bench.reconnect(seq: 1) { $0.calls = [entry(.active)] }
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        #expect(
            bench.machine.screen
                == .active(call: Sample.call, answeredBy: Sample.anna, media: media)
        )
    }

    @Test func `older tombstones do not hide the call`() {
        var bench = pressed()
        let old = (10..<60).map { entry(.ended, call: CallID(high: 4, low: $0)) }
        bench.reconnect(seq: 0) { $0.calls = [entry(.active)] + old }
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        #expect(bench.machine.mayDo?.audio == true)
    }

    @Test func `a call whose press is never answered is ended`() {
        var bench = pressed()
        bench.reconnect(seq: 0) { $0.calls = [entry(.active)] }
        bench.pass(.seconds(31))
        // Pings go unanswered here, so the connection is lost meanwhile: what matters is the order.
        #expect(bench.machine.screen == .ended(call: nil, .failed(.unanswered)))
        bench.connectAgain()
        bench.welcome {
            $0.resumed = true
            $0.calls = [entry(.active)]
        }
        #expect(bench.last(.callHangup)?.request == .callHangup(Sample.call))
        #expect(bench.count(.callHangup) == 1, "asked for once, and sent once")
    }

    @Test func `a call of which only an event told is ended when its press fails`() {
        var bench = pressed()
        bench.callState(1, .ringing)
        bench.refuse(.callStart, Refusal(.busyServer))
        #expect(bench.last(.callCancel)?.request == .callCancel(Sample.call))
    }

    @Test func `the call that a refusal names has ended already`() {
        var bench = pressed()
        bench.callState(1, .ringing)
        bench.refuse(.callStart, Refusal(.unreachable, call: Sample.call))
        #expect(bench.count(.callCancel) == 0)
    }

    @Test func `another live call than the one begun is ended`() {
        var bench = pressed()
        bench.callState(1, .ringing)
        bench.ok(.callStart, .started(Sample.otherCall, handle: 78, ringTimeout: 30))
        #expect(bench.machine.screen == .ringing(call: Sample.otherCall, unit: Sample.unit))
        #expect(bench.last(.callCancel)?.request == .callCancel(Sample.call))
    }

    @Test func `a live call that an event names when nobody called is ended, once`() {
        var bench = Bench<PanelClient>.panel()
        bench.callState(1, .ringing)
        #expect(bench.machine.screen == .idle)
        #expect(bench.last(.callCancel)?.request == .callCancel(Sample.call))
        bench.callState(2, .active)
        #expect(bench.count(.callCancel) + bench.count(.callHangup) == 1, "one is under way")
        bench.ok(.callCancel)
        bench.callState(3, .ended, outcome: .cancelled)
        #expect(bench.count(.callCancel) + bench.count(.callHangup) == 1)
    }

    @Test func `while a press is under way silence is noticed as in a call`() {
        var bench = pressed()
        bench.pass(.seconds(3))
        #expect(bench.count(.ping) == 1)
        bench.pass(.seconds(5))
        #expect(bench.closes.map(\.code) == [4408])
    }

    @Test func `a press that was given up stays given up when it fails`() {
        var bench = pressed()
        bench.order(.hangUp)
        bench.refuse(.callStart, Refusal(.busy))
        #expect(bench.machine.screen == .ended(call: nil, .here))
    }

    @Test func `a call that was given up and ended meanwhile is not cancelled`() {
        var bench = pressed()
        bench.order(.hangUp)
        bench.callState(1, .ended, outcome: .declined)
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        #expect(bench.count(.callCancel) == 0)
    }

    // MARK: A panel that restarts

    private func restarted(_ change: (inout Welcome) -> Void) -> Bench<PanelClient> {
        let memory = Resume(session: Sample.session, seq: 0)
        var bench = Bench(
            PanelClient(settings: Sample.settings(), token: Secret("t"), resume: memory)
        )
        bench.connect()
        bench.welcome {
            $0.resumed = true
            change(&$0)
        }
        return bench
    }

    @Test func `a panel that restarts with its memory comes back to its call`() {
        let active = restarted { $0.calls = [entry(.active)] }
        #expect(
            active.machine.screen
                == .active(call: Sample.call, answeredBy: Sample.anna, media: nil)
        )
        #expect(active.machine.mayDo?.handle == 77)
        #expect(active.count(.callHangup) == 0)
        let ringing = restarted { $0.calls = [entry(.ringing)] }
        #expect(ringing.machine.screen == .ringing(call: Sample.call, unit: Sample.unit))
    }

    @Test func `without the session there is nothing to come back to`() {
        let bench = restarted {
            $0.resumed = false
            $0.calls = [entry(.active)]
        }
        #expect(bench.machine.screen == .idle)
        #expect(bench.last(.callHangup)?.request == .callHangup(Sample.call))
    }

    @Test func `a tombstone is nothing to come back to, nor one of two calls`() {
        let ended = restarted { $0.calls = [entry(.ended, outcome: .missed)] }
        #expect(ended.machine.screen == .idle)
        #expect(ended.count(.callCancel) + ended.count(.callHangup) == 0)
        let two = restarted {
            $0.calls = [entry(.ringing), entry(.ringing, call: Sample.otherCall)]
        }
        #expect(two.machine.screen == .idle)
        #expect(two.count(.callCancel) == 2)
    }

    @Test func `memory is for the first welcome only`() {
        var bench = restarted { _ in }
        bench.reconnect(seq: 0) { $0.calls = [entry(.ringing)] }
        #expect(bench.machine.screen == .idle)
        #expect(bench.count(.callCancel) == 1)
    }
}
