// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// The panel's call and its directory.
@Suite struct PanelTests {
    @Test func `a press starts a call under a fresh key`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.press(Sample.unit))
        guard case .callStart(let unit, let first)? = bench.last(.callStart)?.request else {
            Issue.record("no call.start")
            return
        }
        #expect(unit == Sample.unit)
        #expect(bench.machine.screen == .starting(unit: Sample.unit))
        bench.refuse(.callStart, Refusal(.unreachable, call: Sample.call))
        #expect(
            bench.machine.screen
                == .ended(
                    call: Sample.call,
                    .failed(.refused(Refusal(.unreachable, call: Sample.call)))
                )
        )
        bench.order(.press(Sample.unit))
        guard case .callStart(_, let second)? = bench.last(.callStart)?.request else { return }
        #expect(first != second)
        #expect(first.utf8.count == 26)
    }

    @Test func `a second press does nothing while there is a call`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.press(Sample.unit))
        bench.order(.press(Sample.unit))
        #expect(bench.count(.callStart) == 1)
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        bench.order(.press(Sample.unit))
        #expect(bench.count(.callStart) == 1)
    }

    @Test func `a call rings, is answered, and ends`() {
        var bench = Bench<PanelClient>.ringingPanel()
        #expect(bench.machine.screen == .ringing(call: Sample.call, unit: Sample.unit))
        bench.callState(1, .ringing)
        bench.callState(2, .active)
        #expect(
            bench.machine.screen
                == .active(call: Sample.call, answeredBy: Sample.anna, media: nil)
        )
        bench.callState(3, .ended, outcome: .completed)
        #expect(bench.machine.screen == .ended(call: Sample.call, .outcome(.completed)))
    }

    @Test func `only a picture is sent while it rings, sound too once it is answered`() {
        var bench = Bench<PanelClient>.ringingPanel()
        #expect(
            bench.machine.mayDo
                == MediaRight(
                    call: Sample.call,
                    handle: 77,
                    audio: false,
                    video: true,
                    bitsPerSecond: 300_000
                )
        )
        bench.callState(1, .active)
        #expect(bench.machine.mayDo?.audio == true)
        #expect(bench.machine.mayDo?.bitsPerSecond == 4_000_000)
        bench.give(.closed(socket: 1, code: nil))
        #expect(bench.machine.mayDo == nil)
        #expect(bench.reports.last == .media(nil))
    }

    @Test func `a state that comes before the answer is not lost`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.press(Sample.unit))
        bench.callState(1, .ended, outcome: .declined)
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        #expect(bench.machine.screen == .ended(call: Sample.call, .outcome(.declined)))
    }

    @Test func `a call given up before it had a name is cancelled when it has one`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.press(Sample.unit))
        bench.order(.hangUp)
        #expect(bench.machine.screen == .ended(call: nil, .here))
        #expect(bench.count(.callCancel) == 0)
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        #expect(bench.last(.callCancel)?.request == .callCancel(Sample.call))
        #expect(bench.machine.mayDo == nil)
    }

    @Test func `hanging up ends the media at once and reaches the server later too`() {
        var bench = Bench<PanelClient>.ringingPanel()
        bench.callState(1, .active)
        bench.give(.closed(socket: 1, code: nil))
        bench.order(.hangUp)
        #expect(bench.machine.screen == .ended(call: Sample.call, .here))
        bench.pass(.seconds(1))
        bench.give(.opened(socket: bench.socket))
        let entry = CallEntry(offer: Sample.offer(), state: .active, mine: true)
        bench.welcome {
            $0.resumed = true
            $0.seq = 1
            $0.calls = [entry]
        }
        #expect(bench.last(.callHangup)?.request == .callHangup(Sample.call))
        #expect(bench.machine.mayDo == nil)
    }

    @Test func `a call survives a lost connection`() {
        var bench = Bench<PanelClient>.ringingPanel()
        bench.callState(1, .active)
        let entry = CallEntry(
            offer: Sample.offer(),
            state: .active,
            mine: true,
            answeredBy: Sample.anna
        )
        bench.reconnect(seq: 1) { $0.calls = [entry] }
        #expect(bench.machine.mayDo?.handle == 77)
        #expect(bench.machine.mayDo?.audio == true)
        #expect(bench.count(.callHangup) == 0)
    }

    @Test func `a call survives a restart of the server`() {
        var bench = Bench<PanelClient>.ringingPanel()
        let entry = CallEntry(offer: Sample.offer(), state: .active, mine: true)
        bench.reconnect(seq: 0) {
            $0.resumed = false
            $0.session = SessionID(high: 1, low: 5)
            $0.calls = [entry]
        }
        #expect(bench.machine.mayDo?.audio == true)
        bench.callState(1, .ended, outcome: .completed)
        #expect(bench.machine.screen == .ended(call: Sample.call, .outcome(.completed)))
    }

    @Test func `a call that ended meanwhile is told by its tombstone`() {
        var bench = Bench<PanelClient>.ringingPanel()
        let entry = CallEntry(
            offer: Sample.offer(),
            state: .ended,
            mine: true,
            outcome: .missed
        )
        bench.reconnect(seq: 1) { $0.calls = [entry] }
        #expect(bench.machine.screen == .ended(call: Sample.call, .outcome(.missed)))
    }

    @Test func `a call that the server no longer knows is over`() {
        var bench = Bench<PanelClient>.ringingPanel()
        bench.reconnect(seq: 1)
        #expect(bench.machine.screen == .ended(call: Sample.call, .outcome(nil)))
    }

    @Test func `a press whose answer was lost is repeated and gets it`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.press(Sample.unit))
        let first = bench.last(.callStart)
        let entry = CallEntry(offer: Sample.offer(), state: .ringing, mine: true)
        bench.reconnect(seq: 0) { $0.calls = [entry] }
        #expect(bench.last(.callStart) == first)
        #expect(bench.count(.callHangup) == 0 && bench.count(.callCancel) == 0)
        bench.ok(.callStart, .started(Sample.call, handle: 77, ringTimeout: 30))
        #expect(bench.machine.screen == .ringing(call: Sample.call, unit: Sample.unit))
    }

    @Test func `a live call that the panel has no memory of is ended`() {
        var bench = Bench<PanelClient>.panel()
        let entry = CallEntry(offer: Sample.offer(), state: .ringing, mine: true)
        bench.reconnect(seq: 0) { $0.calls = [entry] }
        #expect(bench.last(.callCancel)?.request == .callCancel(Sample.call))
    }

    @Test func `a call without a connection is over after its patience`() {
        var bench = Bench<PanelClient>.ringingPanel()
        bench.give(.closed(socket: 1, code: nil))
        bench.pass(.seconds(29))
        #expect(bench.machine.screen == .ringing(call: Sample.call, unit: Sample.unit))
        bench.pass(.seconds(2))
        #expect(bench.machine.screen == .ended(call: Sample.call, .connectionLost))
    }

    @Test func `what concerns another call is not told`() {
        var bench = Bench<PanelClient>.ringingPanel()
        bench.reports = []
        bench.event(1, .mediaRate(call: Sample.otherCall, kbps: 100))
        bench.event(2, .mediaRate(call: Sample.call, kbps: 200))
        bench.event(3, .mediaKeyframe(call: Sample.call, maxBytes: 9_000))
        bench.event(4, .callPeer(call: Sample.call, present: false, graceMs: 15_000))
        bench.event(5, .callEnding(call: Sample.call, remainingMs: 15_000))
        #expect(
            bench.reports == [
                .rate(call: Sample.call, kilobits: 200),
                .keyFrameWanted(call: Sample.call, maxBytes: 9_000),
                .peer(call: Sample.call, present: false, grace: .seconds(15)),
                .ending(call: Sample.call, remaining: .seconds(15)),
            ]
        )
    }

    @Test func `the directory is loaded page by page, and again when it changes`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.loadDirectory)
        #expect(bench.last(.directoryGet)?.request == .directoryGet(DirectoryGet()))
        let lines = (1...3).map {
            DirectoryEntry(unit: UnitID(high: 3, low: $0), label: "\($0)", name: "N")
        }
        bench.ok(
            .directoryGet,
            .directory(DirectoryPage(version: 5, entries: [lines[0], lines[1]], next: "c"))
        )
        #expect(bench.last(.directoryGet)?.request == .directoryGet(DirectoryGet(cursor: "c")))
        bench.ok(.directoryGet, .directory(DirectoryPage(version: 5, entries: [lines[2]])))
        let whole = PanelDirectory(version: 5, entries: lines)
        #expect(bench.reports.last == .directory(whole))
        bench.event(1, .directoryChanged(version: 6))
        #expect(bench.last(.directoryGet)?.request == .directoryGet(DirectoryGet(have: 5)))
        bench.ok(.directoryGet, .directory(DirectoryPage(version: 5, entries: nil)))
        #expect(bench.count(.directoryGet) == 3)
    }

    @Test func `a directory that changes meanwhile is loaded from its start`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.loadDirectory)
        bench.ok(
            .directoryGet,
            .directory(
                DirectoryPage(
                    version: 5,
                    entries: [DirectoryEntry(unit: Sample.unit, label: "1", name: "N")],
                    next: "c"
                )
            )
        )
        bench.refuse(.directoryGet, Refusal(.changedMeanwhile))
        #expect(bench.last(.directoryGet)?.request == .directoryGet(DirectoryGet()))
        for _ in 0..<20 { bench.refuse(.directoryGet, Refusal(.changedMeanwhile)) }
        #expect(bench.count(.directoryGet) == 10, "it gives up rather than ask for ever")
    }
}
