// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleStorage

/// Who plays in the demo: a panel, and the household that is called.
struct Cast: Sendable {
    struct Person: Sendable {
        let name: String
        let device: DeviceID
        let token: String
    }

    let panel: PanelID
    let panelName: String
    let panelToken: String
    let unit: UnitID
    let unitLabel: String
    let household: [Person]
    let doorNames: [DoorID: String]

    struct Incomplete: Error {}

    init(_ building: Building) throws {
        let rows = building.rows
        guard let panel = rows.panels.first, let unit = rows.units.first,
            let token = building.tokens[.panel(panel.id)]
        else { throw Incomplete() }
        self.panel = panel.id
        panelName = panel.name
        panelToken = token
        self.unit = unit.id
        unitLabel = unit.label
        let people = rows.occupancies.filter { $0.unit == unit.id }.map(\.resident)
        household = rows.residents.filter { people.contains($0.id) }.compactMap { person in
            guard let device = rows.devices.first(where: { $0.resident == person.id }),
                let token = building.tokens[.device(device.id)]
            else { return nil }
            return Person(
                name: String(person.name.prefix { $0 != " " }),
                device: device.id,
                token: token
            )
        }
        doorNames = Dictionary(uniqueKeysWithValues: rows.doors.map { ($0.id, $0.name) })
        guard household.count >= 2 else { throw Incomplete() }
    }

    var deviceNames: [DeviceID: String] {
        Dictionary(uniqueKeysWithValues: household.map { ($0.device, "\($0.name)'s phone") })
    }
}
