// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
package import VestibuleStorage

/// No two calls on one panel, no two live calls of one handle; a call is offered to whoever is
/// eligible and to nobody else.
package final class CallChecker: Checker {
    private var live: [CallID: CallPlan] = [:]
    private var changedAt = Moment(nanoseconds: 0)

    package init() {}

    package func directoryChanged(in world: World) { changedAt = world.now }

    package func appended(_ group: LedgerGroup, in world: World) {
        for case .call(let id, _, _, let logged) in group.entries {
            switch logged.event {
            case .started(let plan): started(plan, world)
            case .ended: live[id] = nil
            default: break
            }
        }
    }

    private func started(_ plan: CallPlan, _ world: World) {
        for other in live.values {
            if other.panel == plan.panel {
                world.breach("a second call on one panel", call: plan.call)
            }
            if other.handle == plan.handle { world.breach("a handle twice", call: plan.call) }
        }
        if plan.handle == 0 { world.breach("handle 0", call: plan.call) }
        live[plan.call] = plan
        guard world.now - changedAt > .seconds(2), world.now > world.witness.excusedUntil else {
            return
        }
        var expected = eligible(in: plan.unit, world)
        leaveOut(plan, from: &expected, world)
        let offered = plan.groups.map { Set($0.flatMap(\.devices)) }
        if offered != expected {
            world.breach("offered to \(offered), eligible are \(expected)", call: plan.call)
        }
    }

    /// Whom a crowded call left out, each of whom would have been too many.
    private func leaveOut(_ plan: CallPlan, from expected: inout [Set<DeviceID>], _ world: World) {
        let most = world.options.limits.call.offered
        let count = plan.groups.joined().map(\.devices.count).reduce(0, +)
        for person in plan.skipped where person.reason == .tooMany {
            let devices = world.household.rows.devices.filter { $0.resident == person.resident }
            if count + devices.count <= most {
                world.breach("\(person.resident) is left out of a call with room", call: plan.call)
            }
            expected = expected.map { $0.subtracting(devices.map(\.id)) }
        }
        expected = expected.filter { !$0.isEmpty }
    }

    private func eligible(in unit: UnitID, _ world: World) -> [Set<DeviceID>] {
        let rows = world.household.rows
        let groups = rows.ringGroups.filter { $0.unit == unit }
            .sorted { $0.position < $1.position }.map(\.members)
        let household = rows.occupancies.filter { $0.unit == unit }.map(\.resident)
        return (groups.isEmpty ? [household] : groups).map { people in
            let awake = rows.residents.filter {
                people.contains($0.id) && $0.status == .current && $0.isEnabled
                    && $0.quietHours.isEmpty
            }.map(\.id)
            return Set(
                rows.devices.filter { !$0.isRevoked && awake.contains($0.resident) }.map(\.id)
            )
        }.filter { !$0.isEmpty }
    }

    package func crashed(in world: World) {
        live = world.witness.record.calls.compactMapValues { $0.outcome == nil ? $0.plan : nil }
    }
}
