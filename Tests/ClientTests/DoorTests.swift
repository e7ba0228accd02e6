// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleClient
import VestibuleWire

/// The last metre: at most once, never late, told until heard.
@Suite struct DoorTests {
    private func open(_ number: UInt64, notAfter: Int = 60_000, seconds: Double = 5) -> ServerEvent
    {
        .doorOpen(
            DoorOpen(
                command: Sample.command(number),
                door: Sample.door,
                seconds: seconds,
                notAfter: Sample.time,
                notAfterMs: notAfter
            )
        )
    }

    private func opened(_ number: UInt64, hold: Duration = .seconds(5)) -> PanelEvent {
        .openDoor(command: Sample.command(number), door: Sample.door, hold: hold)
    }

    @Test func `a command in time opens the door once and is answered`() {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, open(1))
        #expect(bench.reports.last == opened(1))
        bench.order(.doorDid(Sample.command(1), .opened, detail: nil))
        #expect(
            bench.last(.doorResult)?.request
                == .doorResult(DoorResult(command: Sample.command(1), outcome: .opened))
        )
    }

    @Test func `a command that comes late fails and opens nothing`() {
        var bench = Bench<PanelClient>.panel()
        bench.pass(.milliseconds(5_001))
        bench.event(1, open(1, notAfter: 5_000))
        #expect(!bench.reports.contains(opened(1)))
        #expect(
            bench.last(.doorResult)?.request
                == .doorResult(
                    DoorResult(command: Sample.command(1), outcome: .failed, detail: "late")
                )
        )
    }

    @Test func `the deadline counts from the sending of hello, not from the welcome`() {
        var bench = Bench(PanelClient(settings: Sample.settings(), token: Secret("t")))
        bench.connect()
        bench.pass(.seconds(4))
        bench.welcome()
        bench.pass(.seconds(2))
        bench.event(1, open(1, notAfter: 5_000))
        #expect(!bench.reports.contains(opened(1)), "six seconds since hello")
        bench.event(2, open(2, notAfter: 6_100))
        #expect(bench.reports.contains(opened(2)))
    }

    @Test func `a ping's answer tightens the reading of the server's clock`() {
        var bench = Bench(PanelClient(settings: Sample.settings(), token: Secret("t")))
        bench.connect()
        bench.pass(.seconds(4))
        bench.welcome()
        bench.pass(.seconds(15))
        // The server counts 15 s since its welcome, the panel 19 since its hello.
        bench.pass(.milliseconds(20))
        bench.ok(.ping, .clock(Sample.time, clockMs: 15_010))
        bench.pass(.milliseconds(970))
        bench.event(1, open(1, notAfter: 15_980))
        #expect(!bench.reports.contains(opened(1)), "sixteen seconds since the ping left")
        bench.event(2, open(2, notAfter: 16_020))
        #expect(bench.reports.contains(opened(2)))
    }

    @Test func `a command that comes twice opens once`() {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, open(1))
        bench.event(2, open(1))
        bench.give(.received(.event(seq: 2, open(1)), socket: 1))
        #expect(bench.reports.filter { $0 == opened(1) }.count == 1)
    }

    @Test func `a command is remembered beyond the connection`() {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, open(1))
        bench.reconnect(seq: 1)
        bench.event(2, open(1))
        #expect(bench.reports.filter { $0 == opened(1) }.count == 1)
    }

    @Test func `the last 256 commands are remembered`() {
        var bench = Bench<PanelClient>.panel()
        for number in 1...300 as ClosedRange<UInt64> {
            bench.event(Int(number), open(number))
        }
        bench.reports = []
        bench.event(301, open(45))
        #expect(bench.reports.isEmpty)
        bench.event(302, open(44))
        #expect(bench.reports == [opened(44)], "memory is bounded, and deadlines hold beyond it")
    }

    @Test func `what an older socket delivers opens nothing`() {
        var bench = Bench<PanelClient>.panel()
        bench.reconnect(seq: 0)
        bench.event(1, open(1), on: 1)
        #expect(!bench.reports.contains(opened(1)))
        #expect(bench.count(.doorResult) == 0)
    }

    @Test func `a voided command opens nothing, should it still come`() {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, .doorVoid(command: Sample.command(1)))
        bench.event(2, open(1))
        #expect(!bench.reports.contains(opened(1)))
    }

    @Test func `a replayed command opens nothing`() {
        var bench = Bench<PanelClient>.panel()
        bench.reconnect(seq: 2)
        bench.event(1, open(1))
        bench.event(2, .doorVoid(command: Sample.command(2)))
        bench.event(3, open(1))
        #expect(!bench.reports.contains(opened(1)))
        #expect(bench.reports.contains(.log(.doorVoid(command: Sample.command(2)))))
    }

    @Test func `a result is told again until it is answered, across connections`() {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, open(1))
        bench.order(.doorDid(Sample.command(1), .opened, detail: nil))
        let first = bench.last(.doorResult)
        bench.pass(.seconds(10))
        #expect(bench.count(.doorResult) == 2, "again on the same connection")
        bench.reconnect(seq: 1)
        #expect(bench.count(.doorResult) == 3)
        #expect(bench.last(.doorResult) == first)
        bench.ok(.doorResult)
        bench.pass(.seconds(60))
        #expect(bench.count(.doorResult) == 3)
    }

    @Test func `a result survives even a final close`() {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, open(1))
        bench.order(.doorDid(Sample.command(1), .opened, detail: nil))
        bench.give(.closed(socket: 1, code: 4401))
        bench.give(.token(Secret("fresh")))
        bench.give(.start)
        bench.connect()
        bench.sent = bench.sent.suffix(1)
        bench.welcome { $0.resumed = true }
        #expect(bench.count(.doorResult) == 1)
    }

    @Test func `a result that a busy server refuses is told later, an unknown one not`() {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, open(1))
        bench.order(.doorDid(Sample.command(1), .failed, detail: "relay"))
        bench.refuse(.doorResult, Refusal(.busyServer))
        bench.pass(.seconds(2))
        #expect(bench.count(.doorResult) == 2)
        bench.refuse(.doorResult, Refusal(.unknownCommand))
        bench.pass(.seconds(60))
        #expect(bench.count(.doorResult) == 2)
    }

    @Test func `a result of nothing that was asked is not told`() {
        var bench = Bench<PanelClient>.panel()
        bench.order(.doorDid(Sample.command(9), .opened, detail: nil))
        bench.event(1, open(1))
        bench.order(.doorDid(Sample.command(1), .opened, detail: nil))
        bench.order(.doorDid(Sample.command(1), .failed, detail: nil))
        #expect(bench.count(.doorResult) == 1)
    }

    @Test(
        arguments: [
            (5, .seconds(5)), (-3, .zero), (1e300, .seconds(60)), (.nan, .seconds(5)),
            (.infinity, .seconds(5)), (0.25, .milliseconds(250)),
        ] as [(Double, Duration)]
    )
    func `a relay is held for what is reasonable`(seconds: Double, hold: Duration) {
        var bench = Bench<PanelClient>.panel()
        bench.event(1, open(1, seconds: seconds))
        #expect(bench.reports.last == opened(1, hold: hold))
    }

    /// True time runs on the server; the panel's crystal is off.
    ///
    /// For 28 hours, with nothing but
    /// the pings that the panel sends by itself, no command is acted on late and none with half a
    /// second to spare is refused.
    @Test(arguments: [-200, -50, 0, 50, 200])
    func `a panel whose clock drifts is never late and seldom strict`(ppm: Int64) {
        let seed = UInt64(1_000 + ppm)
        var random = SeededGenerator(seed: seed)
        var bench = Bench<PanelClient>.panel()
        let start = bench.now
        var answered = 0
        var command: UInt64 = 0
        for step in 1...20_160 {
            let real = Int64(step) * 5_000_000_000
            bench.now = start + .nanoseconds(real + real / 1_000_000 * ppm)
            bench.machine.heard(socket: 1, at: bench.now)
            bench.give(.tick)
            if bench.count(.ping) > answered {
                answered += 1
                // Read 40 ms after the ping left, received 40 ms later.
                let clock = Int(real / 1_000_000) + 40
                bench.now = bench.now + .milliseconds(80)
                bench.ok(.ping, .clock(Sample.time, clockMs: clock))
                continue
            }
            let spare = Int.random(in: -400...900, using: &random)
            command += 1
            bench.reports = []
            bench.event(Int(command), open(command, notAfter: Int(real / 1_000_000) + spare))
            let acted = bench.reports.contains(opened(command))
            if acted { #expect(spare >= 0, "seed \(seed), step \(step): late by \(-spare) ms") }
            if spare >= 500 { #expect(acted, "seed \(seed), step \(step): \(spare) ms to spare") }
            if let id = bench.last(.doorResult)?.id, !acted {
                bench.give(.received(.ok(re: id, .done), socket: 1))
            }
            bench.sent.removeAll { $0.message.request.name == .doorResult }
        }
        #expect(answered >= 168, "a panel reads the clock every ten minutes at least")
    }
}
