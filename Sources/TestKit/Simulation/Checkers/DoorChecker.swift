// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
package import VestibuleBasics
import VestibuleCallCore
package import VestibuleStorage
package import VestibuleWire

/// No door without a permitted attempt written before, after its deadline by the true clock, or
/// twice for one command or one key.
package final class DoorChecker: Checker {
    private struct Press: Hashable {
        let principal: Principal
        let key: String
    }

    private struct Command {
        let panel: PanelID
        let deadline: Moment
    }

    private var commands: [CommandID: Command] = [:]
    private var acted: Set<CommandID> = []
    private var presses: Set<Press> = []
    private var reported: [CommandID: DoorOutcome] = [:]
    private var changedAt = Moment(nanoseconds: 0)

    package init() {}

    package func directoryChanged(in world: World) { changedAt = world.now }

    // MARK: The audit

    package func appended(_ group: LedgerGroup, in world: World) {
        for case .doorAttempt(let attempt) in group.entries {
            // Between the decision and the audit lie two loops: what changed just now does not count.
            guard world.now - changedAt > .seconds(2), world.now > world.witness.excusedUntil,
                !isPermitted(attempt, world)
            else { continue }
            world.breach("an attempt that is not permitted: \(attempt)", call: attempt.call)
        }
    }

    private func isPermitted(_ attempt: DoorAttempt, _ world: World) -> Bool {
        let rows = world.household.rows
        guard let device = rows.devices.first(where: { $0.id == attempt.by.device }),
            device.resident == attempt.by.resident, !device.isRevoked,
            let person = rows.residents.first(where: { $0.id == attempt.by.resident }),
            person.status == .current, person.isEnabled,
            let door = rows.doors.first(where: { $0.id == attempt.door }),
            door.panel == attempt.panel,
            rows.panels.contains(where: { $0.id == attempt.panel && !$0.isRevoked })
        else { return false }
        let isAssigned = rows.doorAssignments.contains {
            $0.resident == person.id && $0.door == door.id
        }
        guard attempt.way == .call else { return isAssigned }
        guard let id = attempt.call, let call = world.witness.record.calls[id],
            isInCall(attempt.by.device, call, world)
        else { return false }
        return isAssigned || (door.openFromCall && call.plan.panel == door.panel)
    }

    private func isInCall(
        _ device: DeviceID,
        _ call: RecordSeen.CallSeen,
        _ world: World
    ) -> Bool {
        var offered: [DeviceID] = []
        for entry in call.entries {
            let isSettled = world.now - entry.at > .seconds(1)
            switch entry.event {
            case .offered(let group) where group < call.plan.groups.count:
                offered += call.plan.groups[group].flatMap(\.devices)
            case .answered(let party) where isSettled: offered = [party.device]
            case .ended where isSettled: return false
            default: break
            }
        }
        return offered.contains(device)
    }

    // MARK: Commands

    package func told(_ message: ServerMessage, on link: Link, in world: World) {
        switch message {
        case .event(let number, .doorOpen(let open)) where !link.isReplay(number):
            commanded(open, link, world)
        case .event(_, .doorOpened(let opened)):
            outcome(opened.command, opened.outcome, link, world)
        case .ok(_, let answer):
            if let command = answer.command, let told = answer.outcome {
                outcome(command, told, link, world)
            }
        default: break
        }
    }

    private func commanded(_ open: DoorOpen, _ link: Link, _ world: World) {
        guard case .panel(let panel) = link.peer.principal else {
            return world.breach("a door.open to a device")
        }
        guard let attempt = world.witness.record.attempts[open.command],
            attempt.stage == .written
        else { return world.breach("a door.open before its audit was written") }
        guard attempt.attempt.panel == panel, attempt.attempt.door == open.door else {
            return world.breach("a door.open of another door than the audit's")
        }
        let deadline = link.welcomedAt + .milliseconds(open.notAfterMs)
        let most = world.now + world.options.limits.door.deadline
        guard deadline <= most, deadline + .milliseconds(1) >= world.now else {
            return world.breach("a door.open whose deadline is no deadline")
        }
        guard
            commands.updateValue(Command(panel: panel, deadline: deadline), forKey: open.command)
                == nil
        else { return world.breach("a door.open was sent twice") }
    }

    package func acted(
        _ panel: PanelPeer,
        command: CommandID,
        door: DoorID,
        in world: World
    ) {
        guard let known = commands[command], known.panel == panel.id else {
            return world.breach("\(panel.name) opens without a command of its own")
        }
        guard world.now <= known.deadline else {
            return world.breach("\(panel.name) opens \(world.now - known.deadline) late")
        }
        guard acted.insert(command).inserted else {
            return world.breach("\(panel.name) opens twice for one command")
        }
        guard let key = world.witness.record.attempts[command]?.key else {
            return world.breach("a door opened without its key in the record")
        }
        guard presses.insert(Press(principal: key.principal, key: key.key)).inserted else {
            return world.breach("a door opened twice for one key")
        }
    }

    /// What the ledger said that it wrote is what the store holds in the end.
    package func finish(_ final: Final, in world: World) {
        let doors = Dictionary(
            final.restored.doors.map { ($0.attempt.command, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for (command, seen) in world.witness.record.attempts where seen.stage == .written {
            guard let stored = doors[command] else {
                world.breach("a door command that the store forgot: \(command)")
                continue
            }
            let told = DoorResultRecord.standing(
                seen.results.filter { $0.stage == .written }.map(\.record)
            )
            if stored.result?.outcome != told?.outcome {
                world.breach(
                    "the store has \(stored.result?.outcome as Any) of \(command), told was "
                        + "\(told?.outcome as Any)"
                )
            }
        }
    }

    // MARK: Results

    package func asked(_ message: ClientMessage, on link: Link, in world: World) {
        guard case .doorResult(let result) = message.request else { return }
        reported[result.command] = reported[result.command] ?? result.outcome
    }

    private func outcome(
        _ command: CommandID,
        _ told: DoorOutcome,
        _ link: Link,
        _ world: World
    ) {
        guard told != .unknown, reported[command] != told else { return }
        world.breach("\(link.peer.name) is told \(told), the panel said nothing of it")
    }
}
