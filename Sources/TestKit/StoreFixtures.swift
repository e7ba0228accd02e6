// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleCallCore
package import VestibuleStorage

/// Things to put into a store, drawn from a seed, in a building.
package struct StoreFixtures: Sendable {
    package let building: DirectoryRows
    package var time: Timestamp
    private var random: SeededGenerator

    package init(seed: UInt64, at time: Timestamp) {
        random = SeededGenerator(seed: seed)
        self.time = time
        building = SeededBuilding(shape: BuildingShape(), at: time, using: &random).rows
    }

    package var property: PropertyID { building.properties[0].id }
    package var panel: PanelRow { building.panels[0] }
    package var unit: UnitRow { building.units[0] }
    package var anna: Party { party(0) }
    package var bert: Party { party(1) }

    /// An identifier whose time is `time`.
    package mutating func id<Kind>(_ kind: Kind.Type = Kind.self) -> ID<Kind> {
        ID(at: time, using: &random)
    }

    /// The plan of a call to a unit, everybody of the building's first two people offered it.
    package mutating func plan(unit: UnitRow? = nil) -> CallPlan {
        CallPlan(
            call: id(),
            property: property,
            unit: (unit ?? self.unit).id,
            panel: panel.id,
            handle: 7,
            groups: [[OfferedPerson(resident: anna.resident, devices: [anna.device])]],
            skipped: [SkippedPerson(resident: bert.resident, reason: .quietHours)],
            policy: .first,
            times: CallTimes(limits: CallLimits(), ring: nil)
        )
    }

    /// A log with these events after the start, a second apart, the start at `time`.
    package func log(_ plan: CallPlan, _ events: CallEvent...) -> [LoggedCallEvent] {
        ([.started(plan)] + events).enumerated().map { index, event in
            LoggedCallEvent(at: time + .seconds(index), event: event)
        }
    }

    /// The log as entries, each a group of its own.
    package func groups(_ plan: CallPlan, _ log: [LoggedCallEvent]) -> [LedgerGroup] {
        log.enumerated().map { index, event in
            LedgerGroup([.call(plan.call, property: plan.property, index: index, event)])
        }
    }

    /// An attempt on the first door by Anna.
    package mutating func attempt(in call: CallID? = nil) -> DoorAttempt {
        DoorAttempt(
            command: id(),
            property: property,
            panel: panel.id,
            door: building.doors[0].id,
            by: anna,
            way: call == nil ? .app : .call,
            call: call,
            at: time,
            deadline: time + .seconds(5)
        )
    }

    package mutating func push(of call: CallID?, verdict: String) -> PushRecord {
        PushRecord(
            push: id(),
            property: property,
            call: call,
            device: anna.device,
            kind: "ring",
            notifier: "log",
            verdict: verdict,
            reason: verdict == "accepted" ? nil : "gone",
            at: time
        )
    }

    package mutating func notice(due: Duration) -> DeferredNotice {
        DeferredNotice(
            id: id(),
            property: property,
            call: id(),
            resident: bert.resident,
            due: time + due
        )
    }

    private func party(_ number: Int) -> Party {
        let resident = building.residents[number].id
        let device = building.devices.first { $0.resident == resident }
        return Party(resident: resident, device: device?.id ?? .nothing)
    }
}
