// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHarness

/// Named figures of single scenarios: bounds, assertions, words.
@Suite struct ExtraTests {
    @Test(
        arguments: [
            (4_000.0, nil),
            (4_096, nil),
            (
                4_097,
                "idle.bytes: resident memory of a quiet connection is 4.10 kB, to reach is at most 4.10 kB"
            ),
            (
                nil,
                "idle.bytes: resident memory of a quiet connection is –, to reach is at most 4.10 kB"
            ),
        ] as [(Double?, String?)]
    )
    func `a figure is held against its bound, and nothing measured reaches none`(
        _ value: Double?,
        _ complaint: String?
    ) {
        var extra = Extra()
        extra.add(
            "idle.bytes",
            "resident memory of a quiet connection",
            value,
            .size,
            atMost: Judgement.idleBytes
        )
        #expect(extra.unmet == (complaint.map { [$0] } ?? []))
    }

    @Test func `a figure without a bound is only stated, and a failure of a part is told`() {
        var extra = Extra()
        extra.add("idle.devices", "quiet devices", 10_000, .number)
        var evidence = Evidence()
        evidence.unmet = ["lost"]
        extra.take(Verdict(evidence), of: "run 1")
        #expect(extra.unmet == ["run 1: lost"])
        #expect(extra.figures[0].isReached == nil)
        #expect(extra.figures[0].text == "10,000")
    }

    /// A part in which something must-not happened, and a drop; refused or not.
    private func part(isRefused: Bool) -> Verdict {
        var evidence = Evidence()
        evidence.faults = [FaultCount(fault: .silentGap, count: 2, first: "2 missing")]
        evidence.unmet = ["a bound"]
        evidence.framesNotSent = isRefused ? 1 : 0
        return Verdict(evidence)
    }

    @Test(arguments: [true, false])
    func `what must not happen in a part fails the whole, refused or not`(_ isRefused: Bool) {
        var extra = Extra()
        extra.take(part(isRefused: isRefused), of: "run 1")
        #expect(extra.mustNots == ["run 1: silentGap × 2: 2 missing"])
        #expect(extra.unmet == (isRefused ? [] : ["run 1: a bound"]))
        var whole = Evidence()
        whole.mustNots = extra.mustNots
        whole.framesNotSent = 5
        #expect(Verdict(whole).status == 1)
        #expect(Verdict(whole).isRefused)
    }

    @Test func `of a row whose generator was late only what must not happen counts`() {
        var extra = Extra()
        extra.take(part(isRefused: false), of: "400 calls", isFigure: false)
        #expect(extra.mustNots == ["400 calls: silentGap × 2: 2 missing"])
        #expect(extra.unmet == [])
    }

    @Test(arguments: [
        "idle.bytes<=4kB", "idle.ratio<1.3", "storm.back<=10s", "storm.resumed>=100%",
        "slow.audio<250ms", "soak.descriptors<=1", "idle.bytes<4100B", "slow.memory<1MB",
    ])
    func `the figures of scenarios can be asserted`(_ text: String) throws {
        _ = try Assertion(text)
    }

    @Test(arguments: [
        ("idle.bytes", 5_120.0, "idle.bytes<4kB", "idle.bytes<4kB: it is 5.12 kB"),
        ("idle.ratio", 1.314, "idle.ratio<=1.3", "idle.ratio<=1.3: it is 1.31"),
    ])
    func `what does not hold says what is, in its unit`(
        _ name: String,
        _ value: Double,
        _ text: String,
        _ words: String
    ) throws {
        var figures = Figures()
        figures[name] = value
        #expect(try Assertion(text).complaint(about: figures) == words)
    }

    @Test(arguments: [
        (0.0, "0 B"), (512, "512 B"), (999.6, "1.00 kB"), (174_000, "174 kB"),
        (999_600, "1.00 MB"), (23_456_000, "23.5 MB"), (-4_096, "-4.10 kB"),
    ])
    func `sizes have three digits`(_ bytes: Double, _ words: String) {
        #expect(Figures.Measure.size.words(bytes) == words)
    }
}

/// How scenarios judge what they found.
@Suite struct JudgementTests {
    @Test func `a ratio is to the mean of the others, and of nothing there is none`() {
        #expect(Judgement.ratio(24, to: [18, 22]) == 1.2)
        #expect(Judgement.ratio(nil, to: [18]) == nil)
        #expect(Judgement.ratio(24, to: []) == nil)
    }

    @Test(arguments: [
        (alone: 1_000, beside: 2_000, isSame: true),
        (alone: 1_000, beside: 2_001, isSame: false),
        (alone: 4_000, beside: 6_000, isSame: true),
        (alone: 4_000, beside: 6_010, isSame: false),
        (alone: 4_000, beside: 1_000, isSame: true),
    ])
    func `others are unchanged within half as much again or a millisecond`(
        _ row: (alone: Int, beside: Int, isSame: Bool)
    ) throws {
        let found = Judgement.others(alone: row.alone, beside: row.beside)
        #expect((try #require(found.value) <= found.most) == row.isSame)
    }

    private func times(_ count: Int, _ milliseconds: Int) -> Percentiles {
        var latency = Latency()
        let due = Moment(nanoseconds: 0)
        for _ in 0..<count { latency.record(from: due, to: due + .milliseconds(milliseconds)) }
        return latency.percentiles
    }

    @Test(arguments: [
        (presses: 100, ring: 19, door: 9, unmet: 0), (presses: 100, ring: 21, door: 9, unmet: 1),
        (presses: 99, ring: 21, door: 9, unmet: 0), (presses: 99, ring: 21, door: 11, unmet: 1),
    ])
    func `a ring has a bound where a hundred press a second, and a door always`(
        _ row: (presses: Int, ring: Int, door: Int, unmet: Int)
    ) {
        var extra = Extra()
        let (ring, door) = (times(100, row.ring), times(100, row.door))
        extra.addGoals(ring: ring, door: door, presses: row.presses)
        #expect(extra.unmet.count == row.unmet)
    }

    @Test func `a handful of times has no p99 to be held against`() {
        var extra = Extra()
        extra.addGoals(ring: times(99, 80), door: times(99, 80), presses: 500)
        #expect(extra.unmet == [])
        #expect(extra.figures.map(\.isReached) == [nil, nil])
    }

    @Test func `the worst of several is not known where one of them is not`() {
        #expect(Judgement.worst([1, 3, 2]) == 3)
        #expect(Judgement.worst([1, nil]) == nil)
        #expect(Judgement.worst([]) == nil)
        #expect(Judgement.least([1, 3]) == 1)
        #expect(Judgement.least([nil, 3]) == nil)
    }

    @Test func `nothing measured of the others is no verdict for them`() {
        #expect(Judgement.others(alone: 0, beside: 900).value == nil)
    }

    @Test func `memory may grow by a twentieth and by what calls leave`() {
        #expect(Judgement.soakMemory(middle: 50e6, calls: 0) == 0.05)
        #expect(abs(Judgement.soakMemory(middle: 50e6, calls: 5_000) - 0.15) < 1e-9)
    }

    @Test func `the last third is held against the middle, the first fills what is bounded`() throws
    {
        let flat = try #require(Flatness([1, 50, 100, 100, 100, 100, 100, 100, 100]))
        #expect(flat.growth == 0)
        let leak = try #require(Flatness([100, 100, 100, 100, 110, 120]))
        #expect(leak.middle == 100)
        #expect(leak.last == 115)
        #expect(abs(leak.growth - 0.15) < 1e-9)
        #expect(leak.most == 120)
    }

    @Test func `a handful of looks says nothing of growth`() {
        #expect(Flatness([1, 2, 3, 4, 5]) == nil)
    }
}
