// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleStorage

/// How large a household of the simulation is, and how odd.
package struct HouseholdShape: Sendable {
    package var building = BuildingShape(
        units: 1,
        residentsPerUnit: 2,
        devicesPerResident: 1,
        panels: 1,
        doorsPerPanel: 2
    )

    /// Draws ring groups, quiet hours, empty flats, doors that a call does not open.
    package var isOdd = false

    package init() {}
}

/// The directory of a world: rows that can be changed, and the snapshots that boards get.
package final class Household {
    package var rows: DirectoryRows
    private let tokens: [Principal: String]

    init(shape: HouseholdShape, using random: inout SeededGenerator) {
        let building = SeededBuilding(
            shape: shape.building,
            at: Timestamp(milliseconds: 1_000_000_000_000),
            using: &random
        )
        rows = building.rows
        tokens = building.tokens
        if shape.isOdd { makeOdd(using: &random) }
    }

    package func token(_ principal: Principal) -> String { tokens[principal] ?? "" }

    package func snapshot() -> DirectorySnapshot { DirectorySnapshot(rows) }

    package func resident(of device: DeviceID) -> ResidentRow? {
        guard let row = rows.devices.first(where: { $0.id == device }) else { return nil }
        return rows.residents.first { $0.id == row.resident }
    }

    /// Changes a resident's standing.
    package func set(_ resident: ResidentID, enabled: Bool) {
        change { rows in
            for index in rows.residents.indices where rows.residents[index].id == resident {
                rows.residents[index].isEnabled = enabled
            }
        }
    }

    /// Revokes a device with its credential, or gives both back.
    package func set(_ device: DeviceID, revoked: Bool) {
        change { rows in
            for index in rows.devices.indices where rows.devices[index].id == device {
                rows.devices[index].isRevoked = revoked
            }
        }
        set(.device(device), revoked: revoked)
    }

    /// Revokes a panel with its credential, or gives both back.
    package func set(_ panel: PanelID, revoked: Bool) {
        change { rows in
            for index in rows.panels.indices where rows.panels[index].id == panel {
                rows.panels[index].isRevoked = revoked
            }
        }
        set(.panel(panel), revoked: revoked)
    }

    /// Takes a credential, or gives it back.
    package func set(_ principal: Principal, revoked: Bool) {
        change { rows in
            rows.credentials.removeAll { $0.principal == principal }
            guard !revoked else { return }
            rows.credentials.append(
                CredentialRow(
                    id: CredentialID(high: 1, low: UInt64(rows.credentials.count)),
                    hash: SeededBuilding.hash(token(principal)),
                    principal: principal
                )
            )
        }
    }

    package func change(_ body: (inout DirectoryRows) -> Void) {
        body(&rows)
        rows.version += 1
    }

    // MARK: Oddities

    private func makeOdd(using random: inout SeededGenerator) {
        for index in rows.doors.indices where rows.doors[index].position > 0 {
            rows.doors[index].openFromCall = random.percent(50)
        }
        rows.doorAssignments.removeAll { _ in random.percent(40) }
        for index in rows.residents.indices where random.once(in: 12) {
            rows.residents[index].quietHours = [
                QuietHours(days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1439)
            ]
        }
        for index in rows.properties.indices {
            rows.properties[index].declineEndsCall = random.percent(50)
            rows.properties[index].ringTimeout = random.draw(10...20)
        }
        addOddUnits(using: &random)
        for unit in rows.units where random.once(in: 3) { addGroups(to: unit, using: &random) }
    }

    /// A flat where nobody lives, and one where everybody sleeps.
    private func addOddUnits(using random: inout SeededGenerator) {
        guard let property = rows.properties.first, random.percent(60) else { return }
        let time = Timestamp(milliseconds: 1_799_000_000_000)
        rows.units.append(
            UnitRow(id: UnitID(at: time, using: &random), property: property.id, label: "9Z")
        )
    }

    private func addGroups(to unit: UnitRow, using random: inout SeededGenerator) {
        let people = rows.occupancies.filter { $0.unit == unit.id }.map(\.resident)
        let everybody = rows.residents.map(\.id)
        let time = Timestamp(milliseconds: 1_799_000_000_000)
        let groups = [
            people, [random.pick(everybody)].compactMap { $0 }.filter { !people.contains($0) },
        ]
        for (position, members) in groups.enumerated() where !members.isEmpty {
            rows.ringGroups.append(
                RingGroupRow(
                    id: RingGroupID(at: time, using: &random),
                    unit: unit.id,
                    name: "group \(position)",
                    position: position,
                    members: members
                )
            )
        }
    }
}
