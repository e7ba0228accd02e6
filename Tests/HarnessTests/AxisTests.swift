// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleHarness

@Suite struct AxisTests {
    @Test(arguments: [
        (most: 0.47, ticks: [0, 0.2, 0.4, 0.6]),
        (most: 26_010, ticks: [0, 10_000, 20_000, 30_000]),
        (most: 200, ticks: [0, 50, 100, 150, 200]),
        (most: 0, ticks: [0, 0.5, 1]),
        (most: .infinity, ticks: [0, 0.5, 1]),
    ])
    func `a scale from nought has round steps and holds its most`(
        _ row: (most: Double, ticks: [Double])
    ) {
        let axis = Axis.linear(to: row.most)
        #expect(axis.ticks.count == row.ticks.count)
        for (tick, wanted) in zip(axis.ticks, row.ticks) { #expect(abs(tick - wanted) < 1e-9) }
        #expect(axis.low == 0)
        #expect(axis.high == axis.ticks.last)
    }

    @Test func `whole things have whole ticks`() {
        #expect(Axis.linear(to: 2, isWhole: true).ticks == [0, 1, 2])
        #expect(Axis.linear(to: 1, isWhole: true).ticks == [0, 1])
    }

    @Test func `time ends where it ends`() {
        let axis = Axis.exact(from: 1, to: 22)
        #expect(axis.ticks == [5, 10, 15, 20])
        #expect(axis.place(1) == 0)
        #expect(axis.place(22) == 1)
        #expect(Axis.exact(from: 3, to: 3).place(3) == 0)
    }

    @Test(arguments: [
        (values: [136, 2_090.0], ticks: [100, 200, 500, 1_000, 2_000, 5_000.0]),
        (values: [30, 70_000.0], ticks: [20, 100, 1_000, 10_000, 100_000.0]),
        (values: [7], ticks: [5, 10.0]),
        (values: [100], ticks: [100, 200.0]),
    ])
    func `a logarithmic scale has one, two and five, or powers and ends where those are many`(
        _ row: (values: [Double], ticks: [Double])
    ) {
        let axis = Axis.logarithmic(row.values)
        #expect(axis.ticks.count == row.ticks.count, "\(axis.ticks)")
        for (tick, wanted) in zip(axis.ticks, row.ticks) {
            #expect(abs(tick - wanted) < wanted * 1e-9)
        }
        for value in row.values { #expect((axis.low...axis.high).contains(value)) }
    }

    @Test func `nothing is outside of a scale`() {
        let axis = Axis.logarithmic([10, 1_000])
        #expect(axis.place(100) == 0.5)
        #expect(axis.place(0) == 0)
        #expect(axis.place(1e9) == 1)
        #expect(Axis.logarithmic([]).ticks.count >= 2)
    }

    @Test(
        arguments: [
            (unit: ChartUnit.time, value: 0, words: "0"),
            (unit: .time, value: 200, words: "200 µs"),
            (unit: .time, value: 2_500, words: "2.5 ms"),
            (unit: .time, value: 10_000_000, words: "10 s"),
            (unit: .share, value: 0.4, words: "40 %"),
            (unit: .bytes, value: 50_000_000, words: "50 MB"),
            (unit: .bytes, value: 0, words: "0"),
            (unit: .rate, value: 30_000, words: "30,000"),
            (unit: .number, value: 0.5, words: "0.5"),
        ] as [(unit: ChartUnit, value: Double, words: String)]
    )
    func `a tick has its unit and no more digits than it needs`(
        _ row: (unit: ChartUnit, value: Double, words: String)
    ) {
        #expect(row.unit.tick(row.value) == row.words)
    }
}
