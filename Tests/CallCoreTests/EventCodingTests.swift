// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct EventCodingTests {
    private static let plan = CallPlan(
        call: CallID(high: 1, low: 2),
        property: PropertyID(high: 3, low: 4),
        unit: UnitID(high: 5, low: 6),
        panel: PanelID(high: 7, low: 8),
        handle: .max,
        groups: [[Cast.offered(Cast.anna), Cast.offered(Cast.bert)], [Cast.offered(Cast.porter)]],
        skipped: [
            SkippedPerson(resident: Cast.clara, reason: .notCurrent),
            SkippedPerson(resident: Cast.clara, reason: .disabled),
            SkippedPerson(resident: Cast.clara, reason: .quietHours),
            SkippedPerson(resident: Cast.clara, reason: .noDevice),
        ],
        policy: .all,
        times: CallTimes(limits: CallLimits(), ring: .seconds(45))
    )

    private static let everyEvent: [CallEvent] =
        [
            .started(plan), .started(Cast.plan([], policy: .first)), .offered(group: 3),
            .rang(Cast.annasPhone), .previewed(Cast.annasPhone), .ignored(Cast.annasPhone),
            .declined(Cast.annasPhone), .personRemoved(Cast.anna),
            .deviceRemoved(Cast.annasTablet.device), .answered(Cast.bertsPhone), .lost(.panel),
            .lost(.resident), .returned(.panel), .returned(.resident),
        ] + CallOutcome.allCases.map { .ended($0) }

    @Test(arguments: everyEvent)
    func `an event is the same after it was stored and read`(_ event: CallEvent) throws {
        let entry = LoggedCallEvent(at: Timestamp(milliseconds: 1_800_000_000_123), event: event)
        let stored = try JSONEncoder().encode(entry)
        #expect(try JSONDecoder().decode(LoggedCallEvent.self, from: stored) == entry)
    }

    @Test func `history's words for the end are those of the wire`() {
        #expect(
            CallOutcome.allCases.map(\.rawValue) == [
                "completed", "declined", "missed", "cancelled", "dropped", "limit", "revoked",
                "panelLost", "unreachable",
            ]
        )
    }
}
