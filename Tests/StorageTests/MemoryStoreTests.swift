// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleTestKit

@Suite struct MemoryStoreTests {
    private let clock = HandClock()
    private let answers = Answers()
    private let limits: Limits = {
        var limits = Limits()
        limits.ledger.backlog = 4
        return limits
    }()

    private func store() -> MemoryStore {
        MemoryStore(limits: limits, clock: { [clock] in clock.now })
    }

    private func append(
        _ count: Int,
        to store: MemoryStore,
        _ fixtures: inout StoreFixtures,
        within life: Duration? = nil
    ) {
        for _ in 0..<count {
            let notAfter = life.map { clock.now.moment + $0 }
            let attempt = fixtures.attempt()
            store.append(
                LedgerGroup([.doorAttempt(attempt)], notAfter: notAfter),
                answer: answers.note
            )
        }
    }

    private func written(_ store: MemoryStore) async throws -> Int {
        try await store.doorAttempts(DoorQuery()).count
    }

    @Test func `a prompt store answers before append returns`() async throws {
        let store = store()
        var fixtures = StoreFixtures(seed: 1, at: clock.now.time)
        append(1, to: store, &fixtures)
        #expect(answers.all == [.written])
        #expect(try await written(store) == 1)
    }

    @Test func `a held store answers as many as are released, in order`() async throws {
        let store = store()
        var fixtures = StoreFixtures(seed: 2, at: clock.now.time)
        store.hold()
        append(3, to: store, &fixtures)
        #expect(answers.all.isEmpty && store.waiting == 3)
        store.release(2)
        #expect(answers.all == [.written, .written] && store.waiting == 1)
        #expect(try await written(store) == 2)
        store.become(.prompt)
        #expect(answers.all.count == 3 && store.waiting == 0)
    }

    @Test(arguments: [MemoryStore.Condition.locked, .full])
    func `a store that cannot write keeps all, and lets what expires go`(
        _ condition: MemoryStore.Condition
    ) async throws {
        let store = store()
        var fixtures = StoreFixtures(seed: 3, at: clock.now.time)
        store.become(condition)
        append(1, to: store, &fixtures, within: .seconds(1))
        append(1, to: store, &fixtures)
        append(1, to: store, &fixtures, within: .seconds(1))
        store.release()
        #expect(answers.all.isEmpty && store.waiting == 3)
        clock.advance(by: .seconds(2))
        store.release()
        #expect(answers.all == [.expired], "an answer overtook one that waits")
        await #expect(throws: StoreError.self) { try await store.save(fixtures.building) }
        store.become(.prompt)
        #expect(answers.all == [.expired, .written, .expired])
        #expect(try await written(store) == 1)
        #expect(store.metrics.expired == 2 && store.metrics.failures > 0)
        #expect(store.metrics.turnedAway.isEmpty)
        #expect(store.metrics.lastError == (condition == .full ? .full : .locked))
    }

    @Test func `a full backlog refuses by name, at once`() {
        let store = store()
        var fixtures = StoreFixtures(seed: 4, at: clock.now.time)
        store.hold()
        append(4, to: store, &fixtures)
        append(2, to: store, &fixtures)
        #expect(answers.all == [.backlogFull, .backlogFull])
        #expect(store.metrics.turnedAway == [.doorAttempt: 2])
        #expect(store.metrics.waitingGroups == 4 && store.metrics.waitingEntries == 4)
        #expect(store.metrics.oldestWaiting == clock.now.moment)
        store.release()
        append(1, to: store, &fixtures)
        #expect(store.waiting == 1, "what was written makes room")
    }

    @Test func `the next ones fail for good where a test says so`() async throws {
        let store = store()
        var fixtures = StoreFixtures(seed: 5, at: clock.now.time)
        store.failNext(2, reason: "worn out")
        append(3, to: store, &fixtures)
        #expect(
            answers.all == [
                .refused(reason: "worn out"), .refused(reason: "worn out"), .written,
            ]
        )
        #expect(store.metrics.refused == 2 && store.metrics.turnedAway == [.doorAttempt: 2])
        #expect(try await written(store) == 1)
    }

    @Test(arguments: [(0, 1), (2, 3), (9, 4)])
    func `a crash keeps what was answered and perhaps some of the rest`(
        _ kept: Int,
        _ there: Int
    ) async throws {
        let store = store()
        var fixtures = StoreFixtures(seed: 6, at: clock.now.time)
        append(1, to: store, &fixtures)
        store.hold()
        append(3, to: store, &fixtures)
        store.crash(keeping: kept)
        store.release()
        #expect(answers.all == [.written], "a dead process answered")
        #expect(try await written(store) == there)
        append(1, to: store, &fixtures)
        #expect(answers.all == [.written, .written], "the next process finds it prompt")
    }

    @Test func `an answer may append`() async throws {
        let store = store()
        var fixtures = StoreFixtures(seed: 7, at: clock.now.time)
        let (first, second) = (fixtures.attempt(), fixtures.attempt())
        store.append(LedgerGroup([.doorAttempt(first)])) { [answers] answer in
            answers.note(answer)
            store.append(LedgerGroup([.doorAttempt(second)]), answer: answers.note)
        }
        #expect(answers.all == [.written, .written])
        #expect(try await written(store) == 2)
    }
}
