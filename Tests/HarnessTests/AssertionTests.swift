// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHarness

@Suite struct AssertionTests {
    /// Rings of 1 to 100 ms, a cost of 18.1 µs, a drop in a thousand.
    private var figures: Figures {
        var ring = Latency()
        for milliseconds in 1...100 as ClosedRange<Int64> {
            ring.record(
                from: Moment(nanoseconds: 0),
                to: Moment(nanoseconds: milliseconds * 1_000_000)
            )
        }
        var figures = Figures()
        figures.add("ring", ring.percentiles)
        figures.add("door", Latency().percentiles)
        figures["cpu"] = 18.1
        figures["drops"] = 0.001
        figures["calls"] = 200
        return figures
    }

    @Test(arguments: [
        "ring.p99<100ms", "ring.p50 < 0.06s", "ring.max>=99ms", "ring.count>=100", "cpu<20us",
        "cpu<=18.1µs", "drops<=0.1%", "calls>199", "door.count<1",
    ])
    func `what holds is no complaint`(_ text: String) throws {
        #expect(try Assertion(text).complaint(about: figures) == nil)
    }

    @Test(arguments: [
        ("ring.p50<50us", "ring.p50<50us: it is 50.0 ms"),
        ("cpu<18us", "cpu<18us: it is 18.1 µs"),
        ("drops<0.1%", "drops<0.1%: it is 0.100 %"),
        ("calls>=201", "calls>=201: it is 200"),
        ("door.p99<1s", "door.p99<1s: nothing was measured"),
        ("unlock.p99<1s", "unlock.p99<1s: nothing was measured"),
    ])
    func `what does not hold says what is`(_ text: String, _ words: String) throws {
        #expect(try Assertion(text).complaint(about: figures) == words)
    }

    @Test(arguments: [
        "", "ring.p99", "ring.p99=50ms", "ring<50ms", "ring.p98<50ms", "bell.p99<50ms",
        "ring.p99<50", "ring.p99<ms", "ring.p99<fastms", "drops<1ms", "calls>3ms", "cpu<nanus",
        "<50ms",
    ])
    func `what is none is refused`(_ text: String) {
        #expect(throws: AssertionFailure.self) { try Assertion(text) }
    }
}
