// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// Signs of life, closing, coming back.
@Suite struct ReconnectTests {
    @Test func `after a heartbeat of silence the client pings`() {
        var bench = Bench<PanelClient>.panel()
        bench.pass(.milliseconds(14_999))
        #expect(bench.count(.ping) == 0)
        bench.pass(.milliseconds(1))
        #expect(bench.count(.ping) == 1)
        bench.ok(.ping, .clock(Sample.time, clockMs: 15_000))
        bench.pass(.seconds(14))
        #expect(bench.closes.isEmpty)
    }

    @Test func `media is a sign of life`() {
        var bench = Bench<PanelClient>.panel()
        for _ in 0..<20 {
            bench.pass(.seconds(10))
            bench.machine.heard(socket: 1, at: bench.now)
        }
        #expect(bench.count(.ping) == 0)
    }

    @Test func `in a live call silence is noticed sooner`() {
        var bench = Bench<PanelClient>.ringingPanel()
        bench.pass(.seconds(3))
        #expect(bench.count(.ping) == 1)
        bench.pass(.seconds(5))
        #expect(bench.closes.map(\.code) == [4408])
    }

    @Test func `a ping that is not answered in five seconds ends the connection`() {
        var bench = Bench<PanelClient>.panel()
        bench.pass(.milliseconds(19_999))
        #expect(bench.closes.isEmpty)
        bench.pass(.milliseconds(1))
        #expect(bench.closes.map(\.socket) == [1])
        bench.pass(.milliseconds(500))
        #expect(bench.connects == [1, 2])
    }

    @Test func `bytes that still come buy an answer time, not for ever`() {
        var bench = Bench<PanelClient>.panel()
        bench.pass(.seconds(15))
        for _ in 0..<9 {
            bench.pass(.seconds(1))
            bench.machine.heard(socket: 1, at: bench.now)
        }
        #expect(bench.closes.isEmpty)
        for _ in 0..<6 {
            bench.pass(.seconds(1))
            bench.machine.heard(socket: 1, at: bench.now)
        }
        #expect(bench.closes.map(\.code) == [4408])
    }

    @Test func `a process that was stopped itself waits one more round`() {
        var bench = Bench<PanelClient>.panel()
        bench.pass(.seconds(15))
        #expect(bench.count(.ping) == 1)
        bench.now = bench.now + .seconds(60)
        bench.give(.tick)
        #expect(bench.closes.isEmpty)
        bench.pass(.seconds(5))
        #expect(bench.closes.map(\.code) == [4408])
    }

    @Test(
        arguments: [
            (4401, ConnectionEnd.notAuthenticated), (4403, .revoked), (4409, .replaced),
        ] as [(UInt16, ConnectionEnd)]
    )
    func `some closes are final`(code: UInt16, end: ConnectionEnd) {
        var bench = Bench<PanelClient>.panel()
        bench.order(.ask(.panelCode, tag: 5))
        bench.give(.closed(socket: 1, code: code))
        #expect(bench.reports.contains(.connection(.closed(end))))
        #expect(bench.reports.contains(.answered(tag: 5, .failure(.closed))))
        #expect(bench.machine.nextDeadline == nil)
        bench.pass(.seconds(3600))
        #expect(bench.connects == [1])
        bench.order(.ask(.panelCode, tag: 6))
        #expect(bench.reports.contains(.answered(tag: 6, .failure(.notPossible))))
    }

    @Test func `after a final close a new token starts again, with its memory`() {
        var bench = Bench<PanelClient>.panel()
        bench.give(.closed(socket: 1, code: 4401))
        bench.give(.token(Secret("fresh")))
        bench.give(.start)
        let hello = bench.connect()
        #expect(hello?.token == Secret("fresh"))
        #expect(hello?.resume?.session == Sample.session)
    }

    @Test func `a client that asked too much stays away for long`() {
        for seed in 1...50 as ClosedRange<UInt64> {
            var bench = Bench<PanelClient>.panel(seed: seed)
            bench.give(.closed(socket: 1, code: 4429))
            let wait = bench.machine.nextDeadline.map { $0 - bench.now } ?? .zero
            #expect(wait >= .seconds(30) && wait <= .seconds(60), "seed \(seed)")
        }
    }

    @Test func `a server that restarts is met again when it said`() {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, .serverRestarting(reconnectAfterMs: 730))
        bench.give(.closed(socket: 1, code: 1012))
        #expect(bench.machine.nextDeadline == bench.now + .milliseconds(730))
        bench.pass(.milliseconds(730))
        #expect(bench.connects == [1, 2])
        bench.give(.closed(socket: 2, code: nil))
        let wait = bench.machine.nextDeadline.map { $0 - bench.now } ?? .zero
        #expect(wait <= .milliseconds(500), "the second try backs off like any other")
    }

    @Test func `waits are drawn evenly up to a bound that doubles and then stays`() {
        let seed: UInt64 = 7
        var random = SeededGenerator(seed: seed)
        let bounds = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
        var sums = Array(repeating: 0, count: bounds.count)
        for _ in 0..<2_000 {
            var backoff = Backoff()
            for (index, bound) in bounds.enumerated() {
                let wait = backoff.next(using: &random)
                #expect(wait >= .zero && wait <= .milliseconds(bound), "seed \(seed)")
                sums[index] += Int(wait.milliseconds)
            }
        }
        for (sum, bound) in zip(sums, bounds) {
            let mean = sum / 2_000
            #expect(abs(mean - bound / 2) < bound / 20, "seed \(seed): mean \(mean) of \(bound)")
        }
    }

    @Test func `a connection that does not hold is still a failure`() {
        var bench = Bench<PanelClient>.panel()
        for _ in 0..<6 {
            bench.give(.closed(socket: bench.socket, code: nil))
            bench.pass(.seconds(31))
            bench.connect()
            bench.welcome()
        }
        bench.give(.closed(socket: bench.socket, code: nil))
        // Seven tries without a connection of five seconds: the bound has grown to 30 s.
        var bounded = Bench<PanelClient>.panel()
        bounded.pass(.seconds(6))
        bounded.give(.closed(socket: 1, code: nil))
        let wait = bounded.machine.nextDeadline.map { $0 - bounded.now } ?? .zero
        #expect(wait <= .milliseconds(500), "one that held begins anew")
        let long = bench.machine.nextDeadline.map { $0 - bench.now } ?? .zero
        #expect(long > .milliseconds(500), "drawn from 30 s with this seed")
    }

    @Test func `what an older socket delivers is ignored`() {
        var bench = Bench<ResidentClient>.resident()
        bench.give(.closed(socket: 1, code: nil))
        bench.pass(.seconds(1))
        bench.connect()
        bench.welcome()
        bench.reports = []
        bench.event(1, .doorsChanged, on: 1)
        bench.give(.closed(socket: 1, code: 4409))
        bench.give(.opened(socket: 1))
        #expect(bench.reports.isEmpty)
        #expect(bench.machine.openSocket == 2)
        #expect(bench.machine.counters.stale == 3)
    }

    @Test func `a handshake or a welcome that does not come is given up`() {
        var bench = Bench(PanelClient(settings: Sample.settings(), token: Secret("t")))
        bench.give(.start)
        bench.pass(.seconds(10))
        #expect(bench.closes.map(\.socket) == [1])
        bench.pass(.milliseconds(500))
        #expect(bench.connects == [1, 2])
        bench.give(.opened(socket: 2))
        bench.pass(.seconds(10))
        #expect(bench.closes.map(\.socket) == [1, 2])
    }

    @Test func `a hello that is refused for want of room comes again, for want of rights not`() {
        var busy = Bench(PanelClient(settings: Sample.settings(), token: Secret("t")))
        busy.connect()
        busy.refuse(.hello, Refusal(.busyServer))
        busy.pass(.seconds(1))
        #expect(busy.connects == [1, 2])
        var stranger = Bench(PanelClient(settings: Sample.settings(), token: Secret("t")))
        stranger.connect()
        stranger.refuse(.hello, Refusal(.badToken))
        #expect(stranger.reports.last == .connection(.closed(.notAuthenticated)))
    }

    @Test func `a client that is told to stop stays away`() {
        var bench = Bench<ResidentClient>.resident()
        bench.give(.stop)
        #expect(bench.closes.map(\.code) == [1000])
        #expect(bench.reports.last == .connection(.closed(.stopped)))
        bench.pass(.seconds(60))
        #expect(bench.connects == [1])
    }
}
