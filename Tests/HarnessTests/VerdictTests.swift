// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHarness

@Suite struct VerdictTests {
    private func account(sent: Int = 1_000, arrived: Int = 1_000, dropped: Int = 0) -> Account {
        Account(
            flow: "audio",
            sent: sent,
            arrived: arrived,
            takenByServer: sent,
            dropped: dropped == 0 ? [:] : ["age": dropped]
        )
    }

    /// A run in which nothing was wrong, and everything quiet.
    private var good: Evidence {
        var evidence = Evidence()
        evidence.accounts = [account()]
        evidence.stated = ("audio p99", 2_090)
        evidence.lateness = 230
        evidence.generatorCores = 0.6
        evidence.serverWaited = 0.01
        return evidence
    }

    private func verdict(_ change: (inout Evidence) -> Void) -> Verdict {
        var evidence = good
        change(&evidence)
        return Verdict(evidence)
    }

    @Test func `a quiet run in which all arrived passes`() {
        let verdict = Verdict(good)
        #expect(verdict.failures == [])
        #expect(verdict.refusals == [])
        #expect(verdict.status == 0)
    }

    @Test func `a fault on a busy machine is a fault, and the run is refused beside it`() {
        let verdict = verdict { evidence in
            evidence.faults = [FaultCount(fault: .silentGap, count: 3, first: "3 missing")]
            evidence.lateness = 70_000
        }
        #expect(verdict.failures == ["silentGap × 3: 3 missing"])
        #expect(verdict.refusals.count == 1)
        #expect(verdict.status == 1)
        #expect(verdict.isRefused)
    }

    @Test(arguments: Fault.allCases)
    func `whatever must not happen wins over a refusal`(_ fault: Fault) {
        let verdict = verdict { evidence in
            evidence.faults = [FaultCount(fault: fault, count: 1, first: "once")]
            evidence.generatorCores = 1
        }
        #expect(verdict.status == 1)
    }

    @Test func `frames that nobody accounts for fail a refused run too`() {
        let verdict = verdict { evidence in
            evidence.accounts = [account(arrived: 990, dropped: 9)]
            evidence.serverWaited = 0.67
        }
        #expect(verdict.failures == ["1 audio frames are not accounted for"])
        #expect(verdict.status == 1)
    }

    @Test(arguments: [(990, 10, 0), (990, 9, 1), (1_001, 10, 1), (1_000, 0, 0)])
    func `what went down with a closed connection is excused, and no more than that`(
        _ arrived: Int,
        _ excused: Int,
        _ status: Int32
    ) {
        let verdict = verdict { evidence in
            evidence.accounts = [account(arrived: arrived)]
            evidence.excused = excused
        }
        #expect(verdict.status == status)
    }

    @Test func `named drops fail while the generator is healthy`() {
        let verdict = verdict { $0.accounts = [account(arrived: 900, dropped: 100)] }
        #expect(verdict.failures == ["the server dropped 100 frames of a healthy generator"])
        #expect(verdict.status == 1)
    }

    @Test func `a scenario about drops allows them`() {
        let verdict = verdict { evidence in
            evidence.accounts = [account(arrived: 900, dropped: 100)]
            evidence.allowsDrops = true
        }
        #expect(verdict.status == 0)
        #expect(verdict.dropped == 100)
    }

    @Test func `named drops under a late generator refuse the run and do not fail it`() {
        let verdict = verdict { evidence in
            evidence.accounts = [account(arrived: 900, dropped: 100)]
            evidence.lateness = 70_000
        }
        #expect(verdict.failures == [])
        #expect(verdict.status == 2)
        #expect(verdict.dropped == 100)
    }

    @Test(arguments: [
        (stated: 2_090, late: 500, refused: false),
        (stated: 2_090, late: 501, refused: true),
        (stated: 10_000, late: 2_000, refused: false),
        (stated: 10_000, late: 2_001, refused: true),
        (stated: 0, late: 500, refused: false),
    ])
    func `the generator may be late by a fifth of what is stated, and always by 500 µs`(
        _ row: (stated: Int, late: Int, refused: Bool)
    ) {
        let verdict = verdict { evidence in
            evidence.stated = ("audio p99", row.stated)
            evidence.lateness = row.late
        }
        #expect(verdict.isRefused == row.refused)
        #expect(verdict.status == (row.refused ? 2 : 0))
    }

    @Test func `a reason says what was too much, and how much is`() {
        let verdict = verdict { $0.lateness = 20_000 }
        #expect(
            verdict.refusals == [
                "the generator was 20.0 ms late (p99), more than 500 µs (a fifth of audio p99, at least 500 µs)"
            ]
        )
    }

    @Test(arguments: [(0.05, false), (0.051, true), (nil, false)] as [(Double?, Bool)])
    func `stolen server time refuses above a twentieth of the window`(
        _ share: Double?,
        _ isRefused: Bool
    ) {
        #expect(verdict { $0.serverWaited = share }.isRefused == isRefused)
    }

    @Test func `a generator at the end of its core, or of its sockets, is refused`() {
        #expect(verdict { $0.generatorCores = 0.96 }.status == 2)
        #expect(verdict { $0.framesNotSent = 1 }.status == 2)
    }

    @Test(arguments: [
        (count: 10_000, p999: 100_000, fails: false), (count: 10_000, p999: 100_001, fails: true),
        (count: 9_999, p999: 300_000, fails: false),
    ])
    func `a server that stands still now and then shows in one frame of a thousand`(
        _ row: (count: Int, p999: Int, fails: Bool)
    ) {
        let verdict = verdict { $0.sound = [.init(nil, row.count, p999: row.p999)] }
        #expect(verdict.status == (row.fails ? 1 : 0))
        let words = "audio p99.9 is 100 ms, more than 100 ms: something stood still"
        #expect(verdict.failures == (row.fails ? [words] : []))
    }

    @Test func `each window is looked at for a standstill, and the one that had it is named`() {
        let verdict = verdict { evidence in
            evidence.sound = [
                .init("alone", 20_000, p999: 3_000),
                .init("beside the slow", 20_000, p999: 150_000),
            ]
        }
        let words =
            "audio p99.9, beside the slow, is 150 ms, more than 100 ms: something stood still"
        #expect(verdict.failures == [words])
    }

    @Test(arguments: [(1_000, 0), (999, 1)] as [(Int, Int32)])
    func `healthy calls beside slow ones lose nothing, neither by name nor by excuse`(
        _ arrived: Int,
        _ status: Int32
    ) {
        let verdict = verdict { evidence in
            evidence.accounts = [account(sent: 2_000, arrived: 1_000 + arrived - 300, dropped: 200)]
            evidence.allowsDrops = true
            evidence.excused = 600
            evidence.healthy = [account(arrived: arrived)]
        }
        #expect(verdict.status == status)
        let words = ["1 audio frames of healthy calls are missing"]
        #expect(verdict.failures == (status == 0 ? [] : words))
    }

    @Test func `an assertion fails a run whose figures mean something`() {
        #expect(verdict { $0.unmet = ["ring.p99<1ms"] }.failures == ["ring.p99<1ms"])
        let refused = verdict { evidence in
            evidence.unmet = ["ring.p99<1ms"]
            evidence.generatorCores = 1
        }
        #expect(refused.failures == [])
        #expect(refused.status == 2)
    }
}

@Suite struct NumbersTests {
    private func numbers(isRefused: Bool, hasMedia: Bool = true) -> [String] {
        var ring = Latency()
        ring.record(from: Moment(nanoseconds: 0), to: Moment(nanoseconds: 3_000_000))
        return Numbers(
            cost: Numbers.Cost(microseconds: 18.14, user: 0.081, system: 0.391),
            hasMedia: hasMedia,
            ring: ring.percentiles,
            isRefused: isRefused
        ).lines
    }

    @Test func `two numbers end a run`() {
        #expect(
            numbers(isRefused: false) == [
                "server: 47.2 % of a core (user 8.1, system 39.1)",
                "server CPU: 18.1 µs per relayed frame",
                "ring p99: 3.00 ms",
            ]
        )
    }

    @Test func `a refused run shows neither`() {
        #expect(
            numbers(isRefused: true) == [
                "server CPU and ring p99: withheld, the run was refused"
            ]
        )
    }

    @Test func `short calls have no price of a frame`() {
        #expect(numbers(isRefused: false, hasMedia: false) == ["ring p99: 3.00 ms"])
    }
}
