// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// How long a request is worth something, whoever asks; and credentials, which are renewed.
@Suite struct PatienceTests {
    private let pass = ClientRequest.passPresent(
        PassPresentation(credential: .pin(Secret("4711"), unit: nil))
    )

    private static let doors: [ClientRequest] = [
        .doorUnlock(door: Sample.door, key: "k"),
        .callUnlock(CallUnlock(call: Sample.call, door: nil, key: "k")),
    ]

    @Test(arguments: doors)
    func `a door asked for by any method is not sent beyond its deadline`(
        _ request: ClientRequest
    ) {
        var bench = Bench<ResidentClient>.resident()
        bench.give(.closed(socket: 1, code: nil))
        bench.order(.ask(request, tag: 9))
        bench.pass(.seconds(6))
        bench.connect()
        bench.welcome { $0.resumed = true }
        #expect(bench.count(request.name) == 0)
        bench.pass(.seconds(5))
        #expect(bench.reports.contains(.answered(tag: 9, .failure(.unanswered))))
    }

    @Test func `a pass is not sent beyond a door's deadline`() {
        var bench = Bench<PanelClient>.panel()
        bench.give(.closed(socket: 1, code: nil))
        bench.order(.ask(pass, tag: 9))
        bench.pass(.seconds(6))
        bench.connect()
        bench.welcome { $0.resumed = true }
        #expect(bench.count(.passPresent) == 0)
    }

    @Test func `a pass is repeated in its session`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.ask(pass, tag: 9))
        let first = bench.last(.passPresent)
        bench.reconnect(seq: 0)
        #expect(bench.count(.passPresent) == 2)
        #expect(bench.last(.passPresent) == first)
    }

    @Test func `a pass is not repeated in another session, where it would count again`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.ask(pass, tag: 9))
        bench.reconnect(seq: 0) {
            $0.resumed = false
            $0.session = SessionID(high: 1, low: 2)
        }
        #expect(bench.count(.passPresent) == 1)
        #expect(bench.reports.contains(.answered(tag: 9, .failure(.unanswered))))
    }

    @Test func `a pass that was never sent may go in another session`() {
        var bench = Bench<PanelClient>.panel()
        bench.give(.closed(socket: 1, code: nil))
        bench.order(.ask(pass, tag: 9))
        bench.pass(.seconds(1))
        bench.connect()
        bench.welcome { $0.session = SessionID(high: 1, low: 2) }
        #expect(bench.count(.passPresent) == 1)
    }

    @Test func `an end asked for by any method arrives later, too`() {
        var bench = Bench<ResidentClient>.ringingResident()
        bench.give(.closed(socket: 1, code: nil))
        bench.order(.ask(.callHangup(Sample.call), tag: 1))
        bench.connectAgain(after: .seconds(40))
        bench.welcome { $0.resumed = true }
        #expect(bench.count(.callHangup) == 1)
    }

    // MARK: Credentials

    @Test func `a new token counts once it was taken`() {
        var bench = Bench<PanelClient>.panel()
        bench.give(.token(Secret("fresh")))
        bench.ok(.authRenew)
        #expect(bench.reports.contains(.tokenRenewed))
        bench.give(.closed(socket: 1, code: nil))
        bench.pass(.seconds(1))
        #expect(bench.connect()?.token == Secret("fresh"))
    }

    @Test func `a refused token is told, and the older one stays`() {
        var panel = Bench<PanelClient>.panel()
        panel.give(.token(Secret("stolen")))
        panel.refuse(.authRenew, Refusal(.notYours))
        #expect(panel.reports.contains(.tokenNotRenewed(.refused(Refusal(.notYours)))))
        panel.give(.closed(socket: 1, code: nil))
        panel.pass(.seconds(1))
        #expect(panel.connect()?.token == Secret("t"))
        var resident = Bench<ResidentClient>.resident()
        resident.give(.token(Secret("stolen")))
        resident.refuse(.authRenew, Refusal(.badToken))
        #expect(resident.reports.contains(.tokenNotRenewed(.refused(Refusal(.badToken)))))
    }

    @Test func `a renewal outlives its socket`() {
        var bench = Bench<ResidentClient>.resident()
        bench.give(.token(Secret("fresh")))
        bench.reconnect(seq: 0)
        #expect(bench.count(.authRenew) == 2)
        bench.ok(.authRenew)
        #expect(bench.reports.contains(.tokenRenewed))
    }

    @Test func `without a connection the next hello carries the new token`() {
        var bench = Bench<ResidentClient>.resident()
        bench.give(.closed(socket: 1, code: 4401))
        bench.give(.token(Secret("fresh")))
        bench.give(.start)
        #expect(bench.connect()?.token == Secret("fresh"))
    }

    @Test func `of two tokens the newer one stays`() {
        var bench = Bench<ResidentClient>.resident()
        bench.give(.token(Secret("second")))
        bench.give(.closed(socket: 1, code: nil))
        bench.give(.token(Secret("third")))
        #expect(bench.reports.contains(.tokenNotRenewed(.unanswered)))
        bench.pass(.seconds(1))
        #expect(bench.connect()?.token == Secret("third"))
        bench.welcome { $0.resumed = true }
        #expect(bench.count(.authRenew) == 1, "the older one is not told again")
    }
}
