// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop

/// What a test collects from the loop's thread.
final class Notes<Element: Sendable>: Sendable {
    private let list = Locked<[Element]>([])

    func add(_ element: Element) { list.withLock { $0.append(element) } }

    var all: [Element] { list.withLock { $0 } }
}

/// Runs `body` with a loop that is started before and stopped after it.
@discardableResult
func withLoop<Result>(
    name: String = "test",
    pace: Duration = .zero,
    _ body: (EventLoop) async throws -> Result
) async throws -> Result {
    let loop = try EventLoop(name: name, pace: pace)
    loop.start()
    do {
        let result = try await body(loop)
        await loop.stop()
        return result
    } catch {
        await loop.stop()
        throw error
    }
}

/// An actor whose executor is a loop.
actor Resident {
    private let loop: EventLoop
    private var heard: [Int] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) {
        self.loop = loop
    }

    func hear(_ number: Int) { heard.append(number) }

    func isAtHome() -> Bool { loop.isCurrent }

    var all: [Int] { heard }
}

@Suite(.timeLimit(.minutes(1)))
struct EventLoopTests {
    @Test func `a job runs on the loop's thread and answers`() async throws {
        try await withLoop { loop in
            #expect(!loop.isCurrent)
            let isThere = try await loop.run { loop.isCurrent }
            #expect(isThere)
            #expect(loop.isIsolatingCurrentContext() == false)
        }
    }

    @Test func `a job that throws answers with its error`() async throws {
        try await withLoop { loop in
            let job: @Sendable () throws -> Void = {
                throw EventLoopError.unavailable("on purpose")
            }
            try await loop.run {}
            await #expect(throws: EventLoopError.unavailable("on purpose")) {
                try await loop.run(job)
            }
        }
    }

    @Test func `jobs run in the order they were submitted`() async throws {
        try await withLoop { loop in
            let notes = Notes<Int>()
            for number in 0..<10_000 { loop.submit { notes.add(number) } }
            try await loop.run {}
            #expect(notes.all == Array(0..<10_000))
        }
    }

    @Test func `jobs that jobs submit come after those submitted before`() async throws {
        try await withLoop { loop in
            let notes = Notes<String>()
            try await loop.run {
                loop.submit {
                    notes.add("first")
                    loop.submit { notes.add("third") }
                }
                loop.submit { notes.add("second") }
            }
            try await loop.run {}
            try await loop.run {}
            #expect(notes.all == ["first", "second", "third"])
        }
    }

    @Test func `a batch of jobs wakes the loop once`() async throws {
        try await withLoop { loop in
            let notes = Notes<Int>()
            try await loop.run {}
            let before = loop.wakes
            // While the loop is busy, all that is submitted is one batch.
            try await loop.run {
                let others = Worker(name: "other", capacity: 200)
                let done = Locked(false)
                for number in 0..<100 {
                    _ = others.submit { loop.submit { notes.add(number) } }
                }
                _ = others.submit { done.withLock { $0 = true } }
                while !done.withLock({ $0 }) {}
                loop.submit { Task { await others.stop() } }
            }
            try await loop.run {}
            #expect(notes.all == Array(0..<100))
            #expect(loop.wakes - before <= 3, "one for run, one for the batch, one for run")
        }
    }

    @Test func `an actor lives on the loop and hears in order`() async throws {
        try await withLoop { loop in
            let resident = Resident(loop: loop)
            #expect(await resident.isAtHome())
            for number in 0..<100 { await resident.hear(number) }
            #expect(await resident.all == Array(0..<100))
        }
    }

    @Test func `a callback on the loop may assume the actor's isolation`() async throws {
        try await withLoop { loop in
            let resident = Resident(loop: loop)
            try await loop.run { resident.assumeIsolated { $0.hear(7) } }
            #expect(await resident.all == [7])
        }
    }

    @Test func `a task that prefers the loop runs on it`() async throws {
        try await withLoop { loop in
            let home = await Task(executorPreference: loop) { loop.isCurrent }.value
            #expect(home)
        }
    }

    @Test func `what is submitted before the start runs after it`() async throws {
        let loop = try EventLoop(name: "late")
        let notes = Notes<Int>()
        loop.submit { notes.add(1) }
        loop.start()
        try await loop.run {}
        #expect(notes.all == [1])
        await loop.stop()
    }

    @Test func `stopping twice and a loop never started are fine`() async throws {
        let idle = try EventLoop(name: "idle")
        await idle.stop()
        let loop = try EventLoop(name: "twice")
        loop.start()
        async let first: Void = loop.stop()
        async let second: Void = loop.stop()
        _ = await (first, second)
        await loop.stop()
    }

    @Test func `a job that comes after the end still runs, as if on the loop`() async throws {
        let loop = try EventLoop(name: "gone")
        let resident = Resident(loop: loop)
        loop.start()
        await loop.stop()
        #expect(try await loop.run { loop.isCurrent })
        await resident.hear(1)
        #expect(await resident.all == [1])
        #expect(await resident.isAtHome())
    }

    @Test func `a loop can be stopped from itself`() async throws {
        let loop = try EventLoop(name: "self")
        loop.start()
        await Task(executorPreference: loop) { await loop.stop() }.value
    }

    @Test func `a hook runs at the end of each turn until it is removed`() async throws {
        try await withLoop { loop in
            let notes = Notes<String>()
            let token = try await loop.run {
                loop.atEndOfTurn { notes.add("hook") }
            }
            try await loop.run { notes.add("job") }
            try await loop.run { loop.remove(token) }
            let all = notes.all
            let job = try #require(all.firstIndex(of: "job"))
            #expect(all[(job + 1)...].first == "hook")
            try await loop.run {}
            try await loop.run {}
            #expect(notes.all == all)
        }
    }

    @Test func `a long turn is seen by everybody who asks, for a while`() async throws {
        try await withLoop { loop in
            try await loop.run {
                let end = EventLoop.readMoment() + .milliseconds(20)
                while EventLoop.readMoment() < end {}
            }
            try await loop.run {}
            let now = EventLoop.readMoment()
            for _ in 0..<2 { #expect(loop.stalls.most(at: now) >= 15_000_000) }
            #expect(loop.stalls.most(at: now + .seconds(12)) == 0)
            #expect(loop.stalls.greatest >= 15_000_000)
        }
    }

    @Test func `a long turn is seen although it armed a timer at its end`() async throws {
        try await withLoop { loop in
            try await loop.run {}
            try await loop.run {
                let end = EventLoop.readMoment() + .milliseconds(20)
                while EventLoop.readMoment() < end {}
                // Arming sets libuv's clock, from which a turn is measured.
                _ = loop.schedule(after: .milliseconds(1)) {}
            }
            try await loop.run {}
            #expect(loop.stalls.greatest >= 15_000_000)
        }
    }

    @Test func `a paced loop naps only while it is loaded, and no longer than its pace`() {
        let millisecond: Int64 = 1_000_000
        var pacer = Pacer(pace: .milliseconds(1))
        var now: Int64 = 5_000 * millisecond
        #expect(pacer.nap(at: now) == 0)
        pacer.note(Pacer.threshold + 1)
        now += 999 * millisecond
        #expect(pacer.nap(at: now) == 0, "the second is not over")
        now += millisecond
        #expect(pacer.nap(at: now) == 0, "a turn took longer than the pace anyway")
        now += millisecond / 4
        #expect(pacer.nap(at: now) == millisecond * 3 / 4)
        pacer.woke(at: now + millisecond * 3 / 4)
        #expect(pacer.nap(at: now + millisecond) == millisecond * 3 / 4)
        now += 1_000 * millisecond
        _ = pacer.nap(at: now)
        #expect(pacer.nap(at: now) == 0, "a second without frames ends it")
    }

    @Test func `a pace for now counts where it is the longer one`() {
        let millisecond: Int64 = 1_000_000
        for (own, least, length) in [(0, 2, 2), (3, 2, 3), (3, 0, 3)] as [(Int, Int, Int64)] {
            var pacer = Pacer(pace: .milliseconds(own))
            pacer.note(Pacer.threshold + 1)
            let now: Int64 = 5_000 * millisecond
            _ = pacer.nap(at: now)
            #expect(
                pacer.nap(at: now, least: .milliseconds(least)) == length * millisecond
            )
        }
    }

    /// The time limit is what fails: each of the naps would be five seconds long.
    @Test func `a loop that naps under load still answers at once`() async throws {
        try await withLoop(pace: .seconds(5)) { loop in
            // Loaded is what the last second says, so one has to pass.
            await withHandoff { continuation in
                loop.submit {
                    _ = loop.schedule(after: .milliseconds(1_050)) { continuation.resume() }
                    _ = loop.schedule(after: .milliseconds(900)) { loop.noteFrames(1_000_000) }
                }
            }
            for number in 0..<50 {
                try await loop.run { loop.noteFrames(1_000_000) }
                #expect(try await loop.run { number } == number)
            }
        }
    }

    @Test func `time goes on and both clocks are read`() {
        let first = EventLoop.readNow()
        let second = EventLoop.readNow()
        #expect(second.moment >= first.moment)
        #expect(first.time.milliseconds > 1_700_000_000_000)
    }
}
