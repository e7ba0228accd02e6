// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage

extension StoreContract {
    static let ledgerClauses = [
        Clause("every event of a call comes back as it was written", events),
        Clause("groups of one caller are written and answered in order", order),
        Clause("many callers at once lose nothing", callers),
        Clause("a group is written whole or not at all, and spoils no other", whole),
        Clause("a log has no gap, no second entry of an index, and begins with its start", gapless),
        Clause("a key is used once by one principal", keys),
        Clause("a key that counts no longer gives way to its next use", oldKeys),
        Clause("a group that is refused brings back the key it replaced", keptKeys),
        Clause("what expired is not written", expiry),
        Clause("a result needs its attempt, and a second attempt of a command is refused", doors),
        Clause("what is refused for good is not half there when the store goes on", goesOn),
    ]

    private static func events(_ subject: Subject) async throws {
        var fixtures = StoreFixtures(seed: 31, at: time)
        let plan = fixtures.plan()
        let (anna, bert) = (fixtures.anna, fixtures.bert)
        let log = fixtures.log(
            plan,
            .offered(group: 0),
            .rang(anna),
            .previewed(anna),
            .ignored(bert),
            .declined(bert),
            .personRemoved(bert.resident),
            .deviceRemoved(bert.device),
            .answered(anna),
            .lost(.panel),
            .returned(.panel),
            .lost(.resident),
            .returned(.resident),
            .ended(.completed)
        )
        try await subject.store.write(fixtures.groups(plan, log))
        try requireEqual(try await subject.store.log(of: plan.call), log, "the log")
        for outcome in CallOutcome.allCases {
            let other = fixtures.plan()
            let short = fixtures.log(other, .ended(outcome))
            try await subject.store.write(fixtures.groups(other, short))
            try requireEqual(try await subject.store.log(of: other.call), short, "\(outcome)")
        }
    }

    private static func order(_ subject: Subject) async throws {
        var fixtures = StoreFixtures(seed: 32, at: time)
        let plan = fixtures.plan()
        let rings = (0..<700).map { _ in CallEvent.rang(fixtures.anna) }
        let log = ([.started(plan)] + rings).map { LoggedCallEvent(at: time, event: $0) }
        try await subject.store.write(fixtures.groups(plan, log))
        try requireEqual(try await subject.store.log(of: plan.call).count, 701, "the entries")
    }

    private static func callers(_ subject: Subject) async throws {
        let store = subject.store
        try await withThrowingTaskGroup { group in
            for seed in 100..<116 {
                group.addTask {
                    var fixtures = StoreFixtures(seed: UInt64(seed), at: time)
                    for _ in 0..<12 {
                        let plan = fixtures.plan()
                        let log = fixtures.log(
                            plan,
                            .offered(group: 0),
                            .answered(fixtures.anna),
                            .ended(.completed)
                        )
                        try await store.write(fixtures.groups(plan, log))
                    }
                }
            }
            try await group.waitForAll()
        }
        var query = CallQuery()
        query.limit = 1_000
        let calls = try await store.calls(query)
        try requireEqual(calls.count, 192, "the calls")
        try require(calls.allSatisfy { $0.outcome == .completed }, "a call is not whole")
    }

    private static func whole(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 33, at: time)
        let (good, bad, last) = (fixtures.plan(), fixtures.plan(), fixtures.plan())
        let attempt = fixtures.attempt()
        let key = KeyRecord(
            principal: .device(fixtures.anna.device),
            key: "k",
            fact: .command(attempt.command),
            at: time
        )
        func start(_ plan: CallPlan) -> LedgerEntry {
            .call(
                plan.call,
                property: plan.property,
                index: 0,
                LoggedCallEvent(at: time, event: .started(plan))
            )
        }
        let orphan = DoorResultRecord(
            command: fixtures.id(),
            outcome: .opened,
            detail: nil,
            at: time
        )
        async let first = store.answer(to: LedgerGroup([start(good)]))
        async let refused = store.answer(
            to: LedgerGroup([
                start(bad), .key(key), .doorAttempt(attempt), .doorResult(orphan),
            ])
        )
        async let third = store.answer(to: LedgerGroup([start(last)]))
        try requireEqual(await first, .written, "the group before")
        guard case .refused = await refused else {
            throw ContractBreach("a group with an impossible entry was \(await refused)")
        }
        try requireEqual(await third, .written, "the group after")
        let there = try await store.calls(CallQuery()).map(\.id).sorted()
        try requireEqual(there, [good.call, last.call].sorted(), "the calls")
        let restored = try await store.restore(always)
        try require(restored.keys.isEmpty && restored.doors.isEmpty, "half of a group is there")
        try await store.write(start(bad), .key(key), .doorAttempt(attempt))
    }

    private static func gapless(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 34, at: time)
        let plan = fixtures.plan()
        let log = fixtures.log(plan, .offered(group: 0))
        try await store.write(fixtures.groups(plan, log))
        let stray = fixtures.plan()
        let wrong: [(String, CallPlan, Int, CallEvent)] = [
            ("a second start", plan, 0, .started(plan)),
            ("a second entry 1", plan, 1, .rang(fixtures.anna)),
            ("a gap", plan, 3, .rang(fixtures.anna)),
            ("an entry of no call", stray, 1, .rang(fixtures.anna)),
            ("a log without start", stray, 0, .rang(fixtures.anna)),
            ("another call's start", stray, 0, .started(plan)),
        ]
        for (what, plan, index, event) in wrong {
            let answer = await store.answer(
                to: LedgerGroup([
                    .call(
                        plan.call,
                        property: plan.property,
                        index: index,
                        LoggedCallEvent(at: time, event: event)
                    )
                ])
            )
            guard case .refused = answer else {
                throw ContractBreach("\(what) was \(answer)")
            }
        }
        try requireEqual(try await store.log(of: plan.call), log, "the log")
        try requireEqual(try await store.log(of: stray.call), [], "the stray log")
    }

    private static func keys(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 35, at: time)
        let panel = Principal.panel(fixtures.panel.id)
        let first = KeyRecord(
            principal: panel,
            key: "nul\0 and ☎",
            fact: .call(fixtures.id(), handle: .max, ringTimeout: 30_000, unreachable: true),
            at: time
        )
        let again = KeyRecord(
            principal: panel,
            key: first.key,
            fact: .command(fixtures.id()),
            at: time
        )
        let other = KeyRecord(
            principal: .device(fixtures.anna.device),
            key: first.key,
            fact: .command(fixtures.id()),
            at: time + .seconds(1)
        )
        try await store.write(.key(first))
        let answer = await store.answer(to: LedgerGroup([.key(again)]))
        guard case .refused = answer else {
            throw ContractBreach("a key's second use was \(answer)")
        }
        try await store.write(.key(other))
        try requireEqual(try await store.restore(always).keys, [first, other], "the keys")
        let later = time + .seconds(1_000_000)
        let set = RestoreSpan(tombstonesSince: later, keysSince: later, keysLeast: 1)
        try requireEqual(try await store.restore(set).keys, [other], "the newest key")
        _ = try await store.prune(
            PruneSpan(keys: later, sent: time, pushes: time, keysLeast: 1)
        )
        try requireEqual(try await store.restore(always).keys, [other], "the key that is kept")
    }

    private static func key(
        of fixtures: inout StoreFixtures,
        at time: Timestamp
    ) -> KeyRecord {
        KeyRecord(
            principal: .device(fixtures.anna.device),
            key: "again",
            fact: .command(fixtures.id()),
            at: time
        )
    }

    private static func oldKeys(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 39, at: time)
        let life = DoorLimits().key
        let first = key(of: &fixtures, at: time)
        let early = key(of: &fixtures, at: time + (life - .milliseconds(1)))
        let next = key(of: &fixtures, at: time + life)
        try await store.write(.key(first))
        let answer = await store.answer(to: LedgerGroup([.key(early)]))
        guard case .refused = answer else {
            throw ContractBreach("a key within its time was \(answer)")
        }
        try requireEqual(try await store.restore(always).keys, [first], "the key at first")
        try await store.write(.key(next))
        try requireEqual(try await store.restore(always).keys, [next], "the key at last")
    }

    private static func keptKeys(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 40, at: time)
        let first = key(of: &fixtures, at: time)
        let next = key(of: &fixtures, at: time + DoorLimits().key)
        let orphan = DoorResultRecord(
            command: fixtures.id(),
            outcome: .opened,
            detail: nil,
            at: time
        )
        try await store.write(.key(first))
        let answer = await store.answer(to: LedgerGroup([.key(next), .doorResult(orphan)]))
        guard case .refused = answer else {
            throw ContractBreach("a group with an impossible entry was \(answer)")
        }
        try requireEqual(try await store.restore(always).keys, [first], "the key")
    }

    private static func expiry(_ subject: Subject) async throws {
        var fixtures = StoreFixtures(seed: 36, at: time)
        let (late, early) = (fixtures.attempt(), fixtures.attempt())
        let now = subject.now().moment
        let expired = await subject.store.answer(
            to: LedgerGroup([.doorAttempt(late)], notAfter: now - .milliseconds(1))
        )
        try requireEqual(expired, .expired, "a group after its time")
        let written = await subject.store.answer(
            to: LedgerGroup([.doorAttempt(early)], notAfter: now + .seconds(3600))
        )
        try requireEqual(written, .written, "a group in its time")
        let there = try await subject.store.doorAttempts(DoorQuery()).map(\.attempt)
        try requireEqual(there, [early], "the attempts")
    }

    private static func doors(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 37, at: time)
        let attempt = fixtures.attempt()
        let result = DoorResultRecord(
            command: attempt.command,
            outcome: .opened,
            detail: nil,
            at: time
        )
        let early = await store.answer(to: LedgerGroup([.doorResult(result)]))
        guard case .refused = early else {
            throw ContractBreach("a result without attempt was \(early)")
        }
        try await store.write(.doorAttempt(attempt), .doorResult(result))
        let twice = await store.answer(to: LedgerGroup([.doorAttempt(attempt)]))
        guard case .refused = twice else {
            throw ContractBreach("a second attempt of a command was \(twice)")
        }
    }

    private static func goesOn(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 38, at: time)
        let (plan, notice) = (fixtures.plan(), fixtures.notice(due: .zero))
        let log = fixtures.log(plan, .offered(group: 0), .ended(.missed))
        let entries = log.enumerated().map { index, event in
            LedgerEntry.call(plan.call, property: plan.property, index: index, event)
        }
        let answer = await store.answer(
            to: LedgerGroup(entries + [.notice(notice), .sent(notice.id), entries[0]])
        )
        guard case .refused = answer else {
            throw ContractBreach("a group that repeats itself was \(answer)")
        }
        try requireEqual(try await store.restore(always), Restored(), "what is left of it")
        try await store.write(fixtures.groups(plan, log) + [LedgerGroup([.notice(notice)])])
        try requireEqual(try await store.restore(always).notices, [notice], "the notice")
    }
}
