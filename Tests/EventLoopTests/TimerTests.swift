// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop

@Suite(.timeLimit(.minutes(1)))
struct TimerTests {
    /// Arms timers on the loop and waits for what they note.
    private func fired(
        _ arm: @escaping @Sendable (EventLoop, Notes<Int>) -> Void
    ) async throws -> [Int] {
        try await withLoop { loop in
            let notes = Notes<Int>()
            try await loop.run { arm(loop, notes) }
            await withHandoff { continuation in
                loop.submit {
                    _ = loop.schedule(after: .milliseconds(60)) { continuation.resume() }
                }
            }
            return notes.all
        }
    }

    @Test func `timers fire in the order of their deadlines`() async throws {
        let order = try await fired { loop, notes in
            _ = loop.schedule(after: .milliseconds(30)) { notes.add(3) }
            _ = loop.schedule(after: .milliseconds(10)) { notes.add(1) }
            _ = loop.schedule(after: .milliseconds(20)) { notes.add(2) }
            _ = loop.schedule(after: .zero) { notes.add(0) }
        }
        #expect(order == [0, 1, 2, 3])
    }

    @Test func `timers of one deadline fire in the order they were armed`() async throws {
        let order = try await fired { loop, notes in
            let deadline = EventLoop.readMoment() + .milliseconds(5)
            for number in 0..<50 { _ = loop.schedule(at: deadline) { notes.add(number) } }
        }
        #expect(order == Array(0..<50))
    }

    @Test func `a timer never fires before its time, also when armed late in a turn`() async throws
    {
        let early = Notes<Duration>()
        _ = try await fired { loop, notes in
            let busy = EventLoop.readMoment() + .milliseconds(10)
            while EventLoop.readMoment() < busy {}
            let armed = EventLoop.readMoment()
            for delay in [1, 3, 7, 20] {
                _ = loop.schedule(after: .milliseconds(delay)) {
                    let waited = EventLoop.readMoment() - armed
                    if waited < .milliseconds(delay) { early.add(waited) }
                    notes.add(delay)
                }
            }
        }
        #expect(early.all.isEmpty)
    }

    @Test func `a timer armed from a job fires without any other event`() async throws {
        let order = try await fired { loop, notes in
            _ = loop.schedule(after: .milliseconds(5)) { notes.add(1) }
        }
        #expect(order == [1])
    }

    @Test func `a cancelled timer does not fire, twice cancelled neither`() async throws {
        let order = try await fired { loop, notes in
            let kept = loop.schedule(after: .milliseconds(10)) { notes.add(1) }
            let dropped = loop.schedule(after: .milliseconds(5)) { notes.add(2) }
            loop.cancel(dropped)
            loop.cancel(dropped)
            let again = loop.schedule(after: .milliseconds(6)) { notes.add(3) }
            loop.cancel(dropped)
            #expect(kept != again)
        }
        #expect(order == [3, 1])
    }

    @Test func `a timer may cancel another that is due with it`() async throws {
        let order = try await fired { loop, notes in
            let deadline = EventLoop.readMoment() + .milliseconds(5)
            let tokens = Locked<[TimerToken]>([])
            _ = loop.schedule(at: deadline) {
                notes.add(1)
                for token in tokens.withLock({ $0 }) { loop.cancel(token) }
            }
            let second = loop.schedule(at: deadline) { notes.add(2) }
            tokens.withLock { $0 = [second] }
        }
        #expect(order == [1])
    }

    @Test func `a timer that arms itself for at once does not hold the loop up`() async throws {
        try await withLoop { loop in
            let notes = Notes<Int>()
            let between = Notes<Int>()
            await withHandoff { (continuation: Handoff<Void, Never>) in
                loop.submit {
                    @Sendable func again() {
                        notes.add(1)
                        if notes.all.count == 10 { loop.submit { between.add(notes.all.count) } }
                        if notes.all.count == 1_000 {
                            continuation.resume()
                        } else {
                            _ = loop.schedule(after: .zero) { again() }
                        }
                    }
                    again()
                }
            }
            // Each of them was a turn of its own, so a job had its turn in between.
            #expect(between.all == [10])
        }
    }

    @Test func `many timers armed and cancelled at random fire exactly when left`() async throws {
        let seed: UInt64 = 20_240_917
        let expected = Notes<Int>()
        let order = try await fired { loop, notes in
            var random = SeededGenerator(seed: seed)
            let start = EventLoop.readMoment()
            var live: [(number: Int, deadline: Int, token: TimerToken)] = []
            for number in 0..<2_000 {
                let deadline = Int.random(in: 0..<30, using: &random)
                let token = loop.schedule(at: start + .milliseconds(deadline)) {
                    notes.add(number)
                }
                live.append((number, deadline, token))
                if Int.random(in: 0..<3, using: &random) == 0 {
                    let index = Int.random(in: 0..<live.count, using: &random)
                    loop.cancel(live.remove(at: index).token)
                }
            }
            let sorted = live.sorted { ($0.deadline, $0.number) < ($1.deadline, $1.number) }
            for timer in sorted { expected.add(timer.number) }
        }
        #expect(order == expected.all, "seed \(seed)")
    }

    @Test func `timers do not keep a stopped loop alive`() async throws {
        let loop = try EventLoop(name: "armed")
        loop.start()
        try await loop.run { _ = loop.schedule(after: .seconds(3_600)) {} }
        await loop.stop()
    }
}
