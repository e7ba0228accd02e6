// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleFaultProxy

@Suite struct PipeTests {
    private func rules(_ change: (inout PipeRules) -> Void) -> PipeRules {
        var rules = PipeRules()
        change(&rules)
        return rules
    }

    @Test func `without rules everything passes at once`() {
        var bench = PipeBench()
        bench.send(300_000)
        bench.turn()
        #expect(bench.out == pattern(300_000))
        #expect(bench.pipe.wake(at: bench.now) == nil)
        #expect(bench.pipe.held == 0)
    }

    @Test func `a bandwidth bounds every stretch of time`() {
        var bench = PipeBench(rules { $0.bandwidth = Bandwidth(rate: 1_000, burst: 100) })
        bench.send(20_000)
        bench.pass(.seconds(10))
        #expect((9_900...10_000).contains(bench.out.count))
        #expect(bench.out == pattern(bench.out.count))
        for (index, first) in bench.arrivals.enumerated() {
            var sum = 0
            for arrival in bench.arrivals[index...] {
                sum += arrival.count
                let time = (arrival.at - first.at).nanoseconds
                #expect(Int64(sum) <= 100 + time / 1_000_000)
            }
        }
    }

    @Test func `a bandwidth leaves the queue at the sender`() {
        var bench = PipeBench(rules { $0.bandwidth = Bandwidth(rate: 1_000) })
        bench.send(60_000)
        bench.pass(.seconds(1))
        #expect(bench.pipe.held == 0)
        #expect(bench.source.count >= 59_000)
    }

    @Test func `a silence saves up no more than the burst`() {
        var bench = PipeBench(rules { $0.bandwidth = Bandwidth(rate: 1_000, burst: 300) })
        bench.pass(.seconds(3_600))
        bench.send(10_000)
        bench.turn()
        #expect(bench.out.count == 300)
    }

    @Test func `a byte a second is a byte a second`() {
        var bench = PipeBench(rules { $0.bandwidth = Bandwidth(rate: 1) })
        bench.send(100)
        bench.pass(.seconds(60))
        #expect(bench.out.count == 60)
    }

    @Test func `a bandwidth may change and go on the way`() {
        var bench = PipeBench(rules { $0.bandwidth = Bandwidth(rate: 1_000) })
        bench.send(100_000)
        bench.pass(.seconds(2))
        bench.pipe.set(bandwidth: Bandwidth(rate: 10_000), at: bench.now)
        bench.pass(.seconds(2))
        #expect((21_000...22_000).contains(bench.out.count))
        bench.pipe.set(bandwidth: nil, at: bench.now)
        bench.turn()
        #expect(bench.out == pattern(100_000))
    }

    @Test func `a delay holds each byte for its time`() {
        var bench = PipeBench(rules { $0.delay = Delay(.milliseconds(80)) })
        bench.send(1_000)
        bench.pass(.milliseconds(79))
        #expect(bench.out.isEmpty)
        bench.send(500)
        bench.pass(.milliseconds(1))
        #expect(bench.out == pattern(1_000))
        bench.pass(.milliseconds(79))
        #expect(bench.out == pattern(1_500))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `jitter changes the times and never the order`(seed: UInt64) {
        let rule = rules {
            $0.delay = Delay(.milliseconds(20), jitter: .milliseconds(100))
        }
        var bench = PipeBench(rule, seed: seed)
        for _ in 0..<200 {
            bench.send(10)
            bench.pass(.milliseconds(5))
        }
        bench.pass(.milliseconds(120))
        #expect(bench.out == pattern(2_000))
        let spans = zip(bench.arrivals, bench.arrivals.dropFirst()).map { $1.at - $0.at }
        #expect(Set(spans).count > 5, "the times are drawn")
        var again = PipeBench(rule, seed: seed)
        for _ in 0..<200 {
            again.send(10)
            again.pass(.milliseconds(5))
        }
        again.pass(.milliseconds(120))
        #expect(again.arrivals.map(\.at) == bench.arrivals.map(\.at), "the seed decides")
    }

    @Test func `a shorter delay does not let bytes overtake`() {
        var bench = PipeBench(rules { $0.delay = Delay(.milliseconds(500)) })
        bench.send(10)
        bench.turn()
        bench.pipe.set(delay: nil)
        bench.send(10)
        bench.pass(.milliseconds(499))
        #expect(bench.out.isEmpty)
        bench.pass(.milliseconds(1))
        #expect(bench.out == pattern(20))
    }

    @Test func `a stall holds and lets go byte by byte the same`() {
        var bench = PipeBench(rules { $0.delay = Delay(.milliseconds(10)) })
        bench.send(1_000)
        bench.turn()
        bench.pipe.set(stall: .until(bench.now + .seconds(3)))
        bench.send(1_000)
        bench.pass(.milliseconds(2_999))
        #expect(bench.out.isEmpty)
        #expect(bench.pipe.held == 1_000, "what comes during a stall stays with its sender")
        bench.pass(.milliseconds(11))
        #expect(bench.out == pattern(2_000))
        bench.pipe.set(stall: .open)
        bench.send(5)
        bench.pass(.seconds(86_400))
        #expect(bench.out.count == 2_000)
        bench.pipe.set(stall: nil)
        bench.pass(.milliseconds(10))
        #expect(bench.out == pattern(2_005))
    }

    @Test func `a receiver that is slow is felt by the sender`() {
        var bench = PipeBench(limit: 4_096)
        bench.isTaking = false
        bench.send(100_000)
        bench.pass(.seconds(5))
        #expect(bench.pipe.held == 4_096)
        #expect(bench.source.count == 100_000 - 4_096)
        bench.isTaking = true
        bench.turn()
        #expect(bench.out == pattern(100_000))
    }

    @Test func `an end comes after the bytes before it and after their delay`() {
        var bench = PipeBench(rules { $0.delay = Delay(.milliseconds(50)) })
        bench.send(100)
        bench.turn()
        bench.pipe.sourceEnded(.fin, at: bench.now)
        bench.pass(.milliseconds(49))
        #expect(bench.end == nil)
        bench.pass(.milliseconds(1))
        #expect(bench.out == pattern(100))
        #expect(bench.end == .fin)
        #expect(bench.pipe.isOver)
    }

    @Test func `a source that is lost after its end is lost`() {
        var bench = PipeBench(rules { $0.delay = Delay(.milliseconds(50)) })
        bench.pipe.sourceEnded(.fin, at: bench.now)
        bench.pipe.sourceEnded(.reset, at: bench.now)
        bench.pass(.milliseconds(50))
        #expect(bench.end == .reset)
    }

    @Test(arguments: [0, 1, 4_095, 65_536, 65_537, 99_999])
    func `a cut lets exactly so many bytes out`(offset: Int) {
        var bench = PipeBench(rules { $0.cut = CutPoint(offset: offset, end: .fin) })
        bench.send(100_000)
        bench.turn()
        #expect(bench.out == pattern(offset))
        #expect(bench.end == .fin)
        bench.turn()
        #expect(bench.pipe.swallowed == 100_000 - offset, "the rest goes nowhere")
        #expect(!bench.pipe.isOver, "the source may still send")
        bench.pipe.sourceEnded(.fin, at: bench.now)
        #expect(bench.pipe.isOver)
    }

    @Test func `a cut that is not reached does nothing`() {
        var bench = PipeBench(rules { $0.cut = CutPoint(offset: 101, end: .reset) })
        bench.send(100)
        bench.turn()
        #expect(bench.end == nil)
        bench.pipe.sourceEnded(.fin, at: bench.now)
        bench.turn()
        #expect(bench.end == .fin)
    }

    @Test func `a cut counts what came out, not what is held`() {
        var bench = PipeBench(rules { $0.delay = Delay(.milliseconds(10)) })
        bench.send(1_000)
        bench.pass(.milliseconds(10))
        bench.send(1_000)
        bench.turn()
        let isSetBehind = bench.pipe.set(cut: CutPoint(offset: 999, end: .reset))
        #expect(!isSetBehind, "that is past")
        let isSet = bench.pipe.set(cut: CutPoint(offset: 1_500, end: .reset))
        #expect(isSet)
        bench.pass(.milliseconds(10))
        #expect(bench.out == pattern(1_500))
        #expect(bench.end == .reset)
        #expect(bench.pipe.isOver)
        #expect(bench.pipe.swallowed == 500)
        #expect(bench.pipe.received == 2_000)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `whatever the rules, what comes out is what went in`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bench = PipeBench(limit: 3_000, seed: seed)
        var sent = 0
        for _ in 0..<400 {
            switch Int.random(in: 0..<9, using: &random) {
            case 0:
                bench.pipe.set(
                    bandwidth: Bandwidth(rate: .random(in: 1...9_999, using: &random)),
                    at: bench.now
                )
            case 1: bench.pipe.set(bandwidth: nil, at: bench.now)
            case 2:
                let time = Duration.milliseconds(Int.random(in: 0...300, using: &random))
                bench.pipe.set(delay: Delay(time, jitter: time))
            case 3: bench.pipe.set(delay: nil)
            case 4: bench.pipe.set(stall: .until(bench.now + .milliseconds(100)))
            case 5: bench.isTaking.toggle()
            default:
                let count = Int.random(in: 0...2_000, using: &random)
                bench.send(count)
                sent += count
            }
            bench.pass(.milliseconds(Int.random(in: 0...200, using: &random)))
            #expect(bench.pipe.held <= 3_000)
            #expect(bench.pipe.received == bench.pipe.delivered + bench.pipe.held)
        }
        bench.isTaking = true
        bench.pipe.set(bandwidth: nil, at: bench.now)
        bench.pipe.set(delay: nil)
        bench.pass(.seconds(1))
        bench.pipe.sourceEnded(.fin, at: bench.now)
        bench.pass(.seconds(1))
        #expect(bench.out == pattern(sent))
        #expect(bench.end == .fin)
        #expect(bench.pipe.swallowed == 0)
    }
}
