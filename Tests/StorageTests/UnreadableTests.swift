// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTestKit

/// One value that cannot be read stops nobody else.
@Suite(.timeLimit(.minutes(1)))
struct UnreadableTests {
    private let scratch = Scratch()
    private let time = Timestamp(milliseconds: 1_800_000_000_000)
    private let always = RestoreSpan(
        tombstonesSince: Timestamp(milliseconds: 0),
        keysSince: Timestamp(milliseconds: 0)
    )

    private func damage(_ store: SQLiteStore, _ sql: String) async throws {
        try await store.withWriter { (connection) throws(StoreError) in
            try connection.execute(sql)
        }
    }

    @Test func `a call whose row cannot be read refuses its own groups, nobody else's`()
        async throws
    {
        try await scratch.with { store in
            var fixtures = StoreFixtures(seed: 1, at: time)
            let (bad, good) = (fixtures.plan(), fixtures.plan())
            let badLog = fixtures.log(bad, .answered(fixtures.anna), .ended(.completed))
            let goodLog = fixtures.log(good, .ended(.missed))
            try await store.write(Array(fixtures.groups(bad, badLog).prefix(2)))
            try await damage(store, "UPDATE calls SET answered_by = x'01'")
            let last = fixtures.groups(bad, badLog)[2]
            async let answer = store.answer(to: last)
            try await store.write(fixtures.groups(good, goodLog))
            guard case .refused(let reason) = await answer else {
                Issue.record("it was \(await answer)")
                return
            }
            #expect(reason.contains("answered_by"))
            #expect(try await store.log(of: good.call) == goodLog)
            #expect(store.metrics.failures == 0 && store.metrics.refused == 1)
        }
    }

    @Test(arguments: [
        ("UPDATE call_events SET body = '{\"eaten\":{}}' WHERE idx = 1", "cannot be read"),
        ("UPDATE call_events SET format = 9 WHERE idx = 1", "format 9"),
    ])
    func `a call with an event that cannot be read is left out, and named`(
        _ sql: String,
        _ reason: String
    ) async throws {
        try await scratch.with { store in
            var fixtures = StoreFixtures(seed: 2, at: time)
            let bad = fixtures.plan()
            try await store.write(
                fixtures.groups(bad, fixtures.log(bad, .offered(group: 0), .rang(fixtures.anna)))
            )
            try await damage(store, sql)
            let good = fixtures.plan()
            let log = fixtures.log(good, .offered(group: 0))
            try await store.write(fixtures.groups(good, log))
            let restored = try await store.restore(always)
            #expect(restored.calls == [good.call: log])
            #expect(restored.unreadable.map(\.what) == ["call \(bad.call.text)"])
            #expect(restored.unreadable.first?.reason.contains(reason) == true)
            #expect(store.metrics.unreadable == 1)
        }
    }

    @Test(arguments: [
        ("UPDATE keys SET fact = '{}' WHERE number = 1", "key number 1"),
        ("UPDATE keys SET principal_kind = 'moon' WHERE number = 1", "key number 1"),
        ("UPDATE door_attempts SET way = 'roof' WHERE at = 1800000000000", "door attempt command"),
        ("UPDATE door_results SET outcome = 'x' WHERE number = 1", "door result command"),
        ("UPDATE outbox SET payload = '[]' WHERE due = 1800000000000", "entry of the outbox id"),
    ])
    func `a key, a door or a notice that cannot be read is left out, and named`(
        _ sql: String,
        _ name: String
    ) async throws {
        try await scratch.with { store in
            var fixtures = StoreFixtures(seed: 3, at: time)
            for number in 0..<2 {
                fixtures.time = time + .seconds(number)
                let attempt = fixtures.attempt()
                let key = KeyRecord(
                    principal: .device(fixtures.anna.device),
                    key: "\(number)",
                    fact: .command(attempt.command),
                    at: fixtures.time
                )
                let result = DoorResultRecord(
                    command: attempt.command,
                    outcome: .opened,
                    detail: nil,
                    at: fixtures.time
                )
                try await store.write(
                    .key(key),
                    .doorAttempt(attempt),
                    .doorResult(result),
                    .notice(fixtures.notice(due: .zero))
                )
            }
            try await damage(store, sql)
            let restored = try await store.restore(always)
            let all = restored.keys.count + restored.doors.compactMap(\.result).count
            #expect(all + restored.notices.count == 5, "one of six is left out")
            #expect(restored.unreadable.count == 1)
            #expect(restored.unreadable.first?.what.hasPrefix(name) == true)
        }
    }
}
