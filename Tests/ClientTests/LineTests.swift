// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// Hello, requests, events: what a line does while its connections hold.
@Suite struct LineTests {
    @Test func `a client without memory says hello without resume`() {
        var bench = Bench(PanelClient(settings: Sample.settings(), token: Secret("t")))
        let hello = bench.connect()
        #expect(hello?.resume == nil)
        #expect(hello?.token == Secret("t"))
        #expect(hello?.device.id == Sample.device.text)
    }

    @Test func `a client with memory resumes after its newest event`() {
        var bench = Bench<ResidentClient>.resident()
        bench.event(1, .doorsChanged)
        bench.event(2, .doorsChanged)
        bench.give(.closed(socket: 1, code: nil))
        bench.pass(.seconds(1))
        let hello = bench.connect()
        #expect(hello?.resume == Resume(session: Sample.session, seq: 2))
    }

    @Test func `memory of an earlier process is used at the first hello`() {
        let memory = Resume(session: Sample.session, seq: 41)
        let bench = Bench<PanelClient>.panel(resume: memory)
        guard case .hello(let hello)? = bench.sent.first?.message.request else {
            Issue.record("no hello")
            return
        }
        #expect(hello.resume == memory)
    }

    @Test func `an unanswered request is sent again under its id`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.answer(Sample.call, tag: 1))
        let first = bench.last(.callAnswer)
        bench.sent = []
        bench.reconnect(seq: 1) {
            $0.calls = [
                CallEntry(offer: Sample.offer(), state: .ringing, you: .ringing, mine: false)
            ]
        }
        #expect(bench.last(.callAnswer) == first)
        bench.reports = []
        bench.ok(.callAnswer, .handle(77))
        #expect(bench.reports.contains(.answered(tag: 1, .success(.handle(77)))))
    }

    @Test func `requests made while offline go out after the welcome, in their order`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.give(.closed(socket: 1, code: nil))
        bench.order(.ignore(Sample.call))
        bench.order(.unlockDoor(Sample.door))
        bench.sent = []
        bench.pass(.seconds(1))
        bench.give(.opened(socket: bench.socket))
        bench.welcome()
        #expect(bench.takeSent().map(\.request.name) == [.hello, .callIgnore, .doorUnlock])
    }

    @Test func `a press on a door is not sent when it is older than its deadline`() {
        var bench = Bench<ResidentClient>.resident()
        bench.give(.closed(socket: 1, code: nil))
        bench.order(.unlockDoor(Sample.door, tag: 9))
        bench.pass(.seconds(6))
        bench.give(.opened(socket: bench.socket))
        bench.welcome()
        #expect(bench.count(.doorUnlock) == 0)
        bench.pass(.seconds(5))
        #expect(bench.reports.contains(.answered(tag: 9, .failure(.unanswered))))
    }

    @Test func `what is fleeting does not outlive its socket`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.wantKeyFrame(Sample.call))
        #expect(bench.count(.mediaKeyframe) == 1)
        bench.sent = []
        bench.reconnect(seq: 1)
        #expect(bench.count(.mediaKeyframe) == 0)
        #expect(bench.count(.callRinging) == 0)
    }

    @Test func `an answer counts once, and only for what was asked`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.order(.ask(.callIgnore(Sample.call), tag: 4))
        bench.ok(.callIgnore)
        bench.ok(.callIgnore)
        bench.give(.received(.ok(re: "nobody", .done), socket: 1))
        let answers = bench.reports.filter { $0 == .answered(tag: 4, .success(.done)) }
        #expect(answers.count == 1)
        #expect(bench.machine.counters.strayAnswers == 2)
    }

    @Test func `a request that nobody answers fails by itself`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.ask(.panelCode, tag: 3))
        bench.pass(.seconds(14))
        #expect(!bench.reports.contains(.answered(tag: 3, .failure(.unanswered))))
        bench.give(.received(.event(seq: 1, .unknown(type: "x")), socket: bench.socket))
        bench.pass(.seconds(7))
        #expect(bench.reports.contains(.answered(tag: 3, .failure(.unanswered))))
    }

    @Test func `no more than a bounded number of requests wait`() {
        var bench = Bench<PanelClient>.panel()
        for tag in 1...65 { bench.order(.ask(.panelCode, tag: tag)) }
        #expect(bench.count(.panelCode) == 64)
        #expect(bench.reports.contains(.answered(tag: 65, .failure(.notPossible))))
    }

    @Test func `an event that comes twice counts once`() {
        var bench = Bench<ResidentClient>.resident()
        bench.event(1, .doorsChanged)
        bench.event(1, .doorsChanged)
        #expect(bench.reports.filter { $0 == .doorsChanged }.count == 1)
        #expect(bench.machine.counters.duplicates == 1)
    }

    @Test func `an event of a later version counts in the order`() {
        var bench = Bench<ResidentClient>.resident()
        bench.event(1, .unknown(type: "weather.changed"))
        bench.event(2, .doorsChanged)
        #expect(bench.reports.contains(.doorsChanged))
        #expect(bench.machine.counters.gaps == 0)
    }

    @Test func `a gap between events makes the client resume where it was`() {
        var bench = Bench<ResidentClient>.resident()
        bench.event(1, .doorsChanged)
        bench.reports = []
        bench.event(3, .doorsChanged)
        #expect(!bench.reports.contains(.doorsChanged))
        #expect(bench.closes.map(\.socket) == [1])
        bench.pass(.seconds(1))
        let hello = bench.connect()
        #expect(hello?.resume?.seq == 1)
    }

    @Test func `a gap that resuming does not fill is passed over`() {
        var bench = Bench<ResidentClient>.resident()
        bench.event(2, .doorsChanged)
        bench.pass(.seconds(1))
        bench.give(.opened(socket: bench.socket))
        bench.welcome { $0.resumed = true }
        bench.reports = []
        bench.event(2, .doorsChanged)
        #expect(bench.reports == [.doorsChanged])
        #expect(bench.machine.resume?.seq == 2)
    }

    @Test func `a replayed event that the welcome includes is for the log`() {
        var bench = Bench<ResidentClient>.resident()
        bench.reconnect(seq: 1)
        bench.reports = []
        bench.event(1, .callIncoming(Sample.offer()))
        bench.event(2, .doorsChanged)
        #expect(bench.reports == [.log(.callIncoming(Sample.offer())), .doorsChanged])
        #expect(bench.machine.calls.isEmpty)
    }

    @Test func `a session that is not resumed counts from one again`() {
        var bench = Bench<ResidentClient>.resident()
        for seq in 1...5 { bench.event(seq, .doorsChanged) }
        bench.give(.closed(socket: 1, code: 1012))
        bench.pass(.seconds(1))
        bench.connect()
        bench.welcome { $0.session = SessionID(high: 1, low: 9) }
        bench.reports = []
        bench.event(1, .doorsChanged)
        #expect(bench.reports == [.doorsChanged])
        #expect(bench.machine.resume == Resume(session: SessionID(high: 1, low: 9), seq: 1))
    }

    @Test func `ids differ between requests and between processes`() {
        var first = Bench<PanelClient>.panel(seed: 1)
        let second = Bench<PanelClient>.panel(seed: 2)
        first.order(.ask(.panelCode, tag: 1))
        first.order(.ask(.panelCode, tag: 2))
        let ids = first.sent.map(\.message.id) + second.sent.map(\.message.id)
        #expect(Set(ids).count == 4)
        #expect(ids.allSatisfy { $0.utf8.count <= WireProtocol.idLength })
    }

    @Test func `a new token is told at once and used at the next hello`() {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, .authExpiring(remainingMs: 120_000))
        #expect(bench.reports.contains(.tokenExpiring(.seconds(120))))
        bench.give(.token(Secret("fresh")))
        #expect(bench.last(.authRenew)?.request == .authRenew(token: Secret("fresh")))
        bench.ok(.authRenew)
        bench.give(.closed(socket: 1, code: nil))
        bench.pass(.seconds(1))
        let hello = bench.connect()
        #expect(hello?.token == Secret("fresh"))
    }
}
