// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleTestKit

@Suite struct CallReadingTests {
    private let start = Timestamp(milliseconds: 1_800_000_000_000)

    private func summary(
        _ events: (StoreFixtures) -> [CallEvent]
    ) throws -> (CallSummary, StoreFixtures) {
        var fixtures = StoreFixtures(seed: 71, at: start)
        let plan = fixtures.plan()
        let log = ([.started(plan)] + events(fixtures)).enumerated().map { index, event in
            LoggedCallEvent(at: start + .seconds(index), event: event)
        }
        return (try #require(CallSummary(log: log)), fixtures)
    }

    @Test func `a log without its start reads as nothing`() {
        let lone = LoggedCallEvent(at: start, event: .ended(.missed))
        #expect(CallSummary(log: []) == nil)
        #expect(CallSummary(log: [lone]) == nil)
        let record = CallRecord(
            log: [lone],
            panelName: "",
            unitLabel: "",
            answeredByName: nil,
            doors: []
        )
        #expect(record == nil)
    }

    @Test func `a call that still rings has neither answer nor end`() throws {
        let (summary, _) = try summary { [.offered(group: 0), .rang($0.anna)] }
        #expect(summary.events == 3)
        #expect(summary.answeredBy == nil && summary.answeredAt == nil)
        #expect(summary.outcome == nil && summary.endedAt == nil)
    }

    @Test func `the first answer and the first end count`() throws {
        let (summary, fixtures) = try summary {
            [
                .answered($0.anna), .answered($0.bert), .ended(.completed), .ended(.missed),
                .answered($0.bert),
            ]
        }
        #expect(summary.events == 6)
        #expect(summary.answeredBy == fixtures.anna)
        #expect(summary.answeredAt == start + .seconds(1))
        #expect(summary.outcome == .completed)
        #expect(summary.endedAt == start + .seconds(3))
    }

    @Test func `an answer after the end counts for nothing`() throws {
        let (summary, _) = try summary { [.ended(.missed), .answered($0.anna)] }
        #expect(summary.answeredBy == nil && summary.answeredAt == nil)
    }

    @Test func `the doors of a call stand in the order of their attempts`() throws {
        let (summary, _) = try summary { [.answered($0.anna)] }
        var fixtures = StoreFixtures(seed: 72, at: start)
        let first = fixtures.attempt(in: summary.call)
        fixtures.time = start + .seconds(9)
        let second = fixtures.attempt(in: summary.call)
        let opened = DoorResultRecord(
            command: second.command,
            outcome: .opened,
            detail: nil,
            at: fixtures.time
        )
        let record = CallRecord(
            summary,
            panelName: "Gate",
            unitLabel: "4B",
            answeredByName: "Anna",
            doors: [
                DoorAttemptRecord(attempt: second, result: opened),
                DoorAttemptRecord(attempt: first, result: nil),
            ]
        )
        #expect(record.answeredByName == "Anna")
        #expect(record.panel.name == "Gate" && record.unit.name == "4B")
        #expect(record.unlocks.map(\.at) == [start, start + .seconds(9)])
        #expect(record.unlocks.map(\.outcome) == [.unknown, .opened])
    }

    @Test(
        arguments: [
            ([], nil), ([.unknown], .unknown), ([.unknown, .opened], .opened),
            ([.opened, .unknown], .opened), ([.failed, .opened], .opened), ([.notSent], .notSent),
        ] as [([DoorResultRecord.Outcome], DoorResultRecord.Outcome?)]
    )
    func `the last result that is known stands`(
        _ results: [DoorResultRecord.Outcome],
        _ standing: DoorResultRecord.Outcome?
    ) {
        let records = results.map {
            DoorResultRecord(command: .nothing, outcome: $0, detail: nil, at: start)
        }
        #expect(DoorResultRecord.standing(records)?.outcome == standing)
    }
}
