// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleFaultProxy

@Suite struct GateTests {
    private let now = Moment(nanoseconds: 1_000_000_000)

    @Test func `without a rule everybody goes on at once`() {
        var gate = Gate(seed: 1)
        let orders = (1...3).map { gate.admit($0, at: now) }
        #expect(orders == [[1], [2], [3]])
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `a group goes on whole, in an order that is another and follows from the seed`(
        seed: UInt64
    ) {
        func draw() -> [Int] {
            var gate = Gate(seed: seed)
            let early = gate.set(Reorder(count: 3)) + gate.admit(1, at: now)
            let still = gate.admit(2, at: now)
            #expect(early + still == [])
            return gate.admit(3, at: now)
        }
        let drawn = draw()
        #expect(drawn.sorted() == [1, 2, 3])
        #expect(drawn != [1, 2, 3])
        #expect(draw() == drawn)
    }

    @Test func `those who wait go on after their time, or when the rule ends`() {
        var gate = Gate(seed: 1)
        _ = gate.set(Reorder(count: 9, within: .milliseconds(200)))
        _ = gate.admit(1, at: now)
        _ = gate.admit(2, at: now + .milliseconds(150))
        #expect(gate.deadline == now + .milliseconds(200))
        let early = gate.tick(at: now + .milliseconds(199))
        let late = gate.tick(at: now + .milliseconds(200))
        #expect(early == [])
        #expect(late == [2, 1])
        #expect(gate.deadline == nil)
        _ = gate.admit(3, at: now)
        let rest = gate.set(nil)
        #expect(rest == [3])
    }

    @Test func `one who has gone away is not waited for`() {
        var gate = Gate(seed: 1)
        _ = gate.set(Reorder(count: 3))
        _ = gate.admit(1, at: now)
        gate.remove(1)
        #expect(gate.deadline == nil)
        #expect(gate.count == 0)
    }
}
