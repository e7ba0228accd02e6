// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop

/// A door that lets nobody through until it is opened.
final class Gate: Sendable {
    private let isOpen = Locked(false)

    func open() { isOpen.withLock { $0 = true } }

    func pass() { while !isOpen.withLock({ $0 }) {} }
}

actor Clerk {
    private let worker: Worker
    private var count = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { worker.asUnownedSerialExecutor() }

    init(worker: Worker) {
        self.worker = worker
    }

    func work() -> (isAtDesk: Bool, count: Int) {
        count += 1
        return (worker.isCurrent, count)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct WorkerTests {
    @Test func `jobs run one by one in their order, on the worker`() async throws {
        let worker = Worker(name: "w", capacity: 1_000)
        let notes = Notes<Int>()
        for number in 0..<500 { #expect(worker.submit { notes.add(number) }) }
        #expect(try await worker.run { worker.isCurrent })
        #expect(notes.all == Array(0..<500))
        await worker.stop()
    }

    @Test func `a full inbox refuses, by name`() async throws {
        let worker = Worker(name: "full", capacity: 2)
        let gate = Gate()
        let began = Gate()
        #expect(
            worker.submit {
                began.open()
                gate.pass()
            }
        )
        began.pass()
        #expect(worker.submit {})
        #expect(worker.submit {})
        #expect(!worker.submit {})
        await #expect(throws: WorkerError.full) { try await worker.run {} }
        gate.open()
        await worker.stop()
    }

    @Test func `stopping finishes what waits and refuses what comes`() async throws {
        let worker = Worker(name: "stop", capacity: 100)
        let notes = Notes<Int>()
        for number in 0..<100 { _ = worker.submit { notes.add(number) } }
        await worker.stop()
        await worker.stop()
        #expect(notes.all == Array(0..<100))
        #expect(!worker.submit {})
        await #expect(throws: WorkerError.stopped) { try await worker.run {} }
    }

    @Test func `a worker that is abandoned forgets what waits, and nobody waits for it`() async {
        let worker = Worker(name: "left", capacity: 10)
        let gate = Gate()
        let (began, ended) = (Gate(), Gate())
        let notes = Notes<Int>()
        _ = worker.submit {
            began.open()
            gate.pass()
            ended.open()
        }
        began.pass()
        for number in 0..<5 { _ = worker.submit { notes.add(number) } }
        let clerk = Clerk(worker: worker)
        worker.abandon()
        worker.abandon()
        #expect(!worker.submit {})
        async let work = clerk.work()
        gate.open()
        ended.pass()
        // What an actor was promised is done all the same.
        #expect(await work == (true, 1))
        await worker.stop()
        #expect(notes.all.isEmpty)
    }

    @Test func `an actor works on it, also after it was stopped`() async {
        let worker = Worker(name: "clerk", capacity: 1)
        let clerk = Clerk(worker: worker)
        #expect(await clerk.work() == (true, 1))
        await worker.stop()
        #expect(await clerk.work() == (true, 2))
        #expect(await clerk.work() == (true, 3))
    }
}
