// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage

extension StoreContract {
    static let readingClauses = [
        Clause("history is the reading of the log, with the names of that time", history),
        Clause("a page begins after the last of the one before, newest first", pages),
        Clause("history can be had of one property, one unit, one call", filters),
        Clause("a late result stands before unknown, and shows in the call", results),
        Clause("door attempts come newest first, of a property or of a call", attempts),
        Clause("what notifiers said comes oldest first", pushes),
        Clause("a start takes up live calls, tombstones, recent keys and doors", restores),
        Clause("notices come until they were sent, the first due first", notices),
        Clause("what is too old goes in small batches, and nothing else", prunes),
        Clause("who opened which door keeps the names of that time", names),
        Clause("a closed store takes nothing and says so", closes),
    ]

    private static func history(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 51, at: time)
        try await store.save(fixtures.building)
        let plan = fixtures.plan()
        let log = fixtures.log(
            plan,
            .offered(group: 0),
            .answered(fixtures.anna),
            .ended(.completed),
            .ended(.dropped),
            .answered(fixtures.bert)
        )
        try await store.write(fixtures.groups(plan, log))
        var renamed = DirectoryRows()
        renamed.panels = [fixtures.panel]
        renamed.panels[0].name = "Renamed"
        renamed.units = [fixtures.unit]
        renamed.units[0].label = "Renamed"
        renamed.residents = [fixtures.building.residents[0]]
        renamed.residents[0].name = "Renamed"
        try await store.save(renamed)
        let expected = CallRecord(
            id: plan.call,
            property: plan.property,
            panel: .init(id: plan.panel, name: fixtures.panel.name),
            unit: .init(id: plan.unit, name: fixtures.unit.label),
            startedAt: time,
            answeredAt: time + .seconds(2),
            endedAt: time + .seconds(3),
            outcome: .completed,
            answeredBy: fixtures.anna,
            answeredByName: fixtures.building.residents[0].name,
            unlocks: []
        )
        try requireEqual(try await store.calls(CallQuery()), [expected], "history")
        let read = CallRecord(
            log: try await store.log(of: plan.call),
            panelName: fixtures.panel.name,
            unitLabel: fixtures.unit.label,
            answeredByName: fixtures.building.residents[0].name,
            doors: []
        )
        try requireEqual(read, expected, "the reading of the log")
    }

    private static func pages(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 52, at: time)
        var calls: [CallID] = []
        for _ in 0..<25 {
            fixtures.time = fixtures.time + .seconds(1)
            let plan = fixtures.plan()
            try await store.write(
                fixtures.groups(plan, fixtures.log(plan, .ended(.missed)))
            )
            calls.append(plan.call)
        }
        var query = CallQuery()
        query.property = fixtures.property
        query.limit = 10
        var found: [CallID] = []
        for size in [10, 10, 5, 0] {
            let page = try await store.calls(query).map(\.id)
            try requireEqual(page.count, size, "the length of a page")
            found += page
            query.before = page.last ?? query.before
        }
        try requireEqual(found, calls.reversed(), "the pages together")
    }

    private static func filters(_ subject: Subject) async throws {
        let store = subject.store
        var here = StoreFixtures(seed: 53, at: time)
        var there = StoreFixtures(seed: 54, at: time)
        let second = here.building.units[1]
        let plans = [here.plan(), here.plan(unit: second), there.plan()]
        for plan in plans { try await store.write(here.groups(plan, here.log(plan))) }
        func found(_ change: (inout CallQuery) -> Void) async throws -> [CallID] {
            var query = CallQuery()
            change(&query)
            return try await store.calls(query).map(\.id)
        }
        try requireEqual(
            try await found { $0.property = there.property },
            [plans[2].call],
            "a property"
        )
        try requireEqual(try await found { $0.unit = second.id }, [plans[1].call], "a unit")
        try requireEqual(
            try await found { $0.call = plans[0].call },
            [plans[0].call],
            "a call"
        )
        try requireEqual(
            try await found {
                $0.unit = second.id
                $0.property = there.property
            },
            [],
            "a unit of another property"
        )
        try requireEqual(try await found { $0.limit = 2 }.count, 2, "a limit")
        try requireEqual(try await found { $0.limit = -1 }, [], "a limit below nothing")
        try requireEqual(try await found { $0.before = .nothing }, [], "before everything")
    }

    private static func results(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 55, at: time)
        let plan = fixtures.plan()
        try await store.write(fixtures.groups(plan, fixtures.log(plan)))
        let first = fixtures.attempt(in: plan.call)
        fixtures.time = time + .seconds(1)
        let second = fixtures.attempt(in: plan.call)
        func result(
            _ attempt: DoorAttempt,
            _ outcome: DoorResultRecord.Outcome
        ) -> DoorResultRecord {
            DoorResultRecord(
                command: attempt.command,
                outcome: outcome,
                detail: "relay 1",
                at: time
            )
        }
        try await store.write(
            .doorAttempt(first),
            .doorResult(result(first, .unknown)),
            .doorAttempt(second)
        )
        try requireEqual(
            try await store.calls(CallQuery()).first?.unlocks.map(\.outcome),
            [.unknown, .unknown],
            "the outcomes at first"
        )
        try await store.write(.doorResult(result(first, .opened)))
        try await store.write(.doorResult(result(first, .unknown)))
        try requireEqual(
            try await store.calls(CallQuery()).first?.unlocks,
            [
                .init(door: first.door, at: first.at, outcome: .opened),
                .init(door: second.door, at: second.at, outcome: .unknown),
            ],
            "the unlocks"
        )
        try requireEqual(
            try await store.restore(always).doors,
            [
                DoorAttemptRecord(attempt: first, result: result(first, .opened)),
                DoorAttemptRecord(attempt: second, result: nil),
            ],
            "the attempts that are restored"
        )
    }

    private static func attempts(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 56, at: time)
        let call = fixtures.id(CallKind.self)
        var attempts: [DoorAttempt] = []
        for number in 0..<4 {
            fixtures.time = time + .seconds(number)
            attempts.append(fixtures.attempt(in: number == 1 ? call : nil))
            try await store.write(.doorAttempt(attempts[number]))
        }
        var query = DoorQuery()
        query.property = fixtures.property
        query.limit = 3
        try requireEqual(
            try await store.doorAttempts(query).map(\.attempt),
            attempts.reversed().dropLast(),
            "the newest of a property"
        )
        query.call = call
        try requireEqual(
            try await store.doorAttempts(query).map(\.attempt),
            [attempts[1]],
            "of a call"
        )
        query.property = .nothing
        try requireEqual(try await store.doorAttempts(query), [], "of another property")
    }

    private static func pushes(_ subject: Subject) async throws {
        var fixtures = StoreFixtures(seed: 57, at: time)
        let call = fixtures.id(CallKind.self)
        let records = ["retry", "accepted", "rejectedToken"].map {
            fixtures.push(of: call, verdict: $0)
        }
        for record in records { try await subject.store.write(.push(record)) }
        try await subject.store.write(.push(fixtures.push(of: nil, verdict: "accepted")))
        try requireEqual(try await subject.store.pushes(of: call), records, "the pushes")
        try requireEqual(try await subject.store.pushes(of: .nothing), [], "of no call")
    }

    private static func restores(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 58, at: time)
        let (live, old, new) = (fixtures.plan(), fixtures.plan(), fixtures.plan())
        let liveLog = fixtures.log(live, .offered(group: 0), .answered(fixtures.anna))
        try await store.write(fixtures.groups(live, liveLog))
        try await store.write(fixtures.groups(old, fixtures.log(old, .ended(.missed))))
        fixtures.time = time + .seconds(100)
        let newLog = fixtures.log(new, .ended(.missed))
        try await store.write(fixtures.groups(new, newLog))
        var keys: [KeyRecord] = []
        var attempts: [DoorAttempt] = []
        for at in [time, time + .seconds(50), time + .seconds(60)] {
            fixtures.time = at
            attempts.append(fixtures.attempt())
            keys.append(
                KeyRecord(
                    principal: .device(fixtures.anna.device),
                    key: "key \(at.milliseconds)",
                    fact: .command(attempts[attempts.count - 1].command),
                    at: at
                )
            )
        }
        for (key, attempt) in zip(keys, attempts) {
            try await store.write(.key(key), .doorAttempt(attempt))
        }
        let restored = try await store.restore(
            RestoreSpan(tombstonesSince: time + .seconds(50), keysSince: time + .seconds(50))
        )
        try requireEqual(
            restored.calls,
            [live.call: liveLog, new.call: newLog],
            "the calls"
        )
        try requireEqual(restored.keys, Array(keys.dropFirst()), "the keys")
        try requireEqual(
            restored.doors.map(\.attempt),
            Array(attempts.dropFirst()),
            "the attempts"
        )
    }

    private static func notices(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 59, at: time)
        let later = fixtures.notice(due: .seconds(60))
        let sooner = fixtures.notice(due: .seconds(30))
        let sent = fixtures.notice(due: .seconds(10))
        try await store.write(.notice(later), .notice(sooner), .notice(sent))
        try await store.write(.sent(sent.id))
        try await store.write(.sent(sent.id), .sent(.nothing))
        try requireEqual(
            try await store.restore(always).notices,
            [sooner, later],
            "what waits"
        )
        let mail = OutboxEntry(
            id: fixtures.id(),
            property: nil,
            payload: .other(kind: "mail", json: #"{"to":"anna"}"#),
            due: time + .seconds(20)
        )
        try await store.write(.outbox(mail))
        try requireEqual(try await store.restore(always).outbox, [mail], "what else waits")
        let again = await store.answer(to: LedgerGroup([.notice(later)]))
        guard case .refused = again else {
            throw ContractBreach("a notice's second entry was \(again)")
        }
    }

    private static func prunes(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 61, at: time)
        let batch = LedgerLimits().pruneBatch
        func key(_ number: Int, at time: Timestamp) -> LedgerEntry {
            let principal = Principal.panel(fixtures.panel.id)
            let fact = KeyRecord.Fact.command(.nothing)
            return .key(
                KeyRecord(principal: principal, key: "\(number)", fact: fact, at: time)
            )
        }
        try await store.write([LedgerGroup((0...batch).map { key($0, at: time) })])
        try await store.write(key(-1, at: time + .seconds(1)))
        let call = fixtures.id(CallKind.self)
        let oldPush = fixtures.push(of: call, verdict: "accepted")
        fixtures.time = time + .seconds(1)
        let push = fixtures.push(of: call, verdict: "accepted")
        let (sent, waits) = (fixtures.notice(due: .zero), fixtures.notice(due: .zero))
        try await store.write(.push(oldPush), .push(push), .notice(sent), .notice(waits))
        try await store.write(.sent(sent.id))
        let later = subject.now().time + .seconds(1)
        let span = PruneSpan(keys: time + .seconds(1), sent: later, pushes: time + .seconds(1))
        try requireEqual(try await store.prune(span), batch + 2, "what went at first")
        try requireEqual(try await store.prune(span), 1, "what went then")
        try requireEqual(try await store.prune(span), 0, "what went at last")
        let restored = try await store.restore(always)
        try requireEqual(restored.keys.map(\.key), ["-1"], "the keys")
        try requireEqual(restored.notices, [waits], "the notices")
        try requireEqual(try await store.pushes(of: call), [push], "the pushes")
        try await store.write(.notice(sent))
    }

    private static func names(_ subject: Subject) async throws {
        let store = subject.store
        var fixtures = StoreFixtures(seed: 62, at: time)
        try await store.save(fixtures.building)
        let attempt = fixtures.attempt()
        try await store.write(.doorAttempt(attempt))
        var renamed = DirectoryRows()
        renamed.residents = [fixtures.building.residents[0]]
        renamed.residents[0].name = "Renamed"
        renamed.doors = [fixtures.building.doors[0]]
        renamed.doors[0].name = "Renamed"
        try await store.save(renamed)
        let expected = DoorAttemptRecord(
            attempt: attempt,
            doorName: fixtures.building.doors[0].name,
            byName: fixtures.building.residents[0].name,
            result: nil
        )
        try requireEqual(try await store.doorAttempts(DoorQuery()), [expected], "the attempts")
        try requireEqual(try await store.restore(always).doors, [expected], "what is restored")
    }

    private static func closes(_ subject: Subject) async throws {
        var fixtures = StoreFixtures(seed: 60, at: time)
        let plan = fixtures.plan()
        let log = fixtures.log(plan, .ended(.missed))
        try await subject.store.write(fixtures.groups(plan, log))
        await subject.store.close()
        await subject.store.close()
        let answer = await subject.store.answer(
            to: LedgerGroup([.push(fixtures.push(of: nil, verdict: "accepted"))])
        )
        guard case .refused = answer else {
            throw ContractBreach("a group after the close was \(answer)")
        }
    }
}
