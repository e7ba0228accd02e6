// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleStorage
import VestibuleTestKit

@Suite struct LedgerQueueTests {
    private let now = Moment(nanoseconds: 5)

    private func group(_ entries: Int, notAfter: Moment? = nil) -> LedgerGroup {
        LedgerGroup(Array(repeating: .sent(.nothing), count: entries), notAfter: notAfter)
    }

    private func queue(_ sizes: [Int], batch: Int = 8) -> LedgerQueue {
        var limits = LedgerLimits()
        limits.batch = batch
        limits.backlog = 10_000
        var queue = LedgerQueue(limits: limits)
        for size in sizes { _ = queue.add(group(size), at: now) { _ in } }
        return queue
    }

    @Test(
        arguments: [
            ([], 0), ([1, 1, 1], 3), ([4, 4, 1], 2), ([9, 1], 1), ([1, 9], 1), ([8], 1), ([100], 1),
        ] as [([Int], Int)]
    )
    func `a batch takes whole groups up to its bound, one at least`(
        _ sizes: [Int],
        _ taken: Int
    ) {
        #expect(queue(sizes).batch().count == taken)
    }

    @Test func `what is being written counts until it is settled`() {
        var queue = queue([2, 3])
        _ = queue.batch()
        #expect(queue.metrics.waitingEntries == 5)
        _ = queue.settle([.written], at: now)
        #expect(queue.metrics.waitingEntries == 3 && queue.metrics.waitingGroups == 1)
        #expect(queue.metrics.commits == 1 && queue.metrics.entries == 2)
        _ = queue.settle([.refused(reason: "no")], at: now)
        #expect(queue.metrics.commits == 1, "a transaction that kept nothing")
        #expect(queue.metrics.turnedAway == [.sent: 3])
        #expect(queue.isEmpty && queue.metrics.oldestWaiting == nil)
    }

    @Test func `a failure answers only what expired at the front`() {
        var queue = queue([])
        let late = now + .seconds(1)
        _ = queue.add(group(1, notAfter: late), at: now) { _ in }
        _ = queue.add(group(1), at: now) { _ in }
        _ = queue.add(group(1, notAfter: late), at: now) { _ in }
        #expect(queue.noteFailure(.full, at: late).isEmpty, "its last moment is not past")
        #expect(queue.noteFailure(.full, at: late + .nanoseconds(1)).count == 1)
        #expect(queue.count == 2 && queue.metrics.lastError == .full)
    }

    @Test func `it is counted how long a group waited and how long its transaction took`() {
        var queue = queue([1, 1])
        _ = queue.settle([.written], at: now + .milliseconds(30), took: .milliseconds(4))
        _ = queue.settle([.refused(reason: "no")], at: now + .seconds(20))
        let metrics = queue.metrics
        #expect(metrics.answerTimes.count == 2 && metrics.commitTimes.count == 1)
        #expect(metrics.answerTimes.sum == .milliseconds(20_030))
        #expect(metrics.commitTimes.sum == .milliseconds(4))
    }

    @Test func `a long queue is worked through without keeping what is done`() {
        var queue = queue(Array(repeating: 1, count: 5_000), batch: 512)
        var settled = 0
        while !queue.isEmpty {
            let batch = queue.batch()
            settled += queue.settle(batch.map { _ in .written }, at: now).count
        }
        #expect(settled == 5_000 && queue.metrics.commits == 10)
    }
}
