// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage

/// A whole call of nobody, one entry of each kind: written and undone when a store is opened.
enum Rehearsal {
    static func groups(at time: Timestamp) -> [LedgerGroup] {
        let party = Party(resident: .nothing, device: .nothing)
        let plan = CallPlan(
            call: .nothing,
            property: .nothing,
            unit: .nothing,
            panel: .nothing,
            handle: 0,
            groups: [[OfferedPerson(resident: .nothing, devices: [.nothing])]],
            skipped: [],
            policy: .first,
            times: CallTimes(limits: CallLimits(), ring: nil)
        )
        let events: [CallEvent] = [
            .started(plan), .offered(group: 0), .rang(party), .answered(party), .ended(.completed),
        ]
        let calls = events.enumerated().map { index, event in
            LedgerEntry.call(
                .nothing,
                property: .nothing,
                index: index,
                LoggedCallEvent(at: time, event: event)
            )
        }
        return [LedgerGroup(calls), door(by: party, at: time), notices(at: time)]
    }

    private static func door(by party: Party, at time: Timestamp) -> LedgerGroup {
        LedgerGroup([
            .key(
                KeyRecord(
                    principal: .device(.nothing),
                    key: "",
                    fact: .command(.nothing),
                    at: time
                )
            ),
            .doorAttempt(
                DoorAttempt(
                    command: .nothing,
                    property: .nothing,
                    panel: .nothing,
                    door: .nothing,
                    by: party,
                    way: .call,
                    call: .nothing,
                    at: time,
                    deadline: time
                )
            ),
            .doorResult(
                DoorResultRecord(command: .nothing, outcome: .opened, detail: nil, at: time)
            ),
        ])
    }

    private static func notices(at time: Timestamp) -> LedgerGroup {
        LedgerGroup([
            .push(
                PushRecord(
                    push: .nothing,
                    property: nil,
                    call: .nothing,
                    device: .nothing,
                    kind: "",
                    notifier: "",
                    verdict: "",
                    reason: nil,
                    at: time
                )
            ),
            .notice(
                DeferredNotice(
                    id: .nothing,
                    property: .nothing,
                    call: .nothing,
                    resident: .nothing,
                    due: time
                )
            ),
            .sent(.nothing),
        ])
    }
}
