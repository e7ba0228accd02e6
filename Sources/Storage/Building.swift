// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics

/// How large a made-up building is.
package struct BuildingShape: Sendable, Equatable {
    package var units: Int
    package var residentsPerUnit: Int
    package var devicesPerResident: Int
    package var panels: Int
    package var doorsPerPanel: Int

    package init(
        units: Int = 4,
        residentsPerUnit: Int = 2,
        devicesPerResident: Int = 2,
        panels: Int = 2,
        doorsPerPanel: Int = 2
    ) {
        self.units = units
        self.residentsPerUnit = residentsPerUnit
        self.devicesPerResident = devicesPerResident
        self.panels = panels
        self.doorsPerPanel = doorsPerPanel
    }
}

/// A made-up building to try the server with: one property, every resident assigned every door,
/// every door open from a call.
///
/// It follows wholly from shape, time and generator.
package struct Building: Sendable {
    package private(set) var rows = DirectoryRows()

    /// The tokens in plain, for whoever made it; only their hashes are among the rows.
    package private(set) var tokens: [Principal: String] = [:]

    /// A token and what the server keeps of it.
    package typealias Issued = (token: String, hash: CredentialHash)

    /// Makes a building; `issue` makes the token of each panel and device.
    package static func make<Random: RandomNumberGenerator>(
        shape: BuildingShape,
        at time: Timestamp,
        using random: inout Random,
        issue: (Principal, inout Random) -> Issued
    ) -> Building {
        var building = Building()
        let property = PropertyRow(
            id: PropertyID(at: time, using: &random),
            name: "Vestibule House",
            timeZone: "Europe/Berlin"
        )
        building.rows.properties = [property]
        for number in 0..<max(0, shape.panels) {
            building.addPanel(number, of: property.id, shape, at: time, using: &random)
        }
        for number in 0..<max(0, shape.units) {
            building.addUnit(number, of: property.id, shape, at: time, using: &random)
        }
        building.addCredentials(at: time, using: &random, issue: issue)
        return building
    }

    private mutating func addPanel(
        _ number: Int,
        of property: PropertyID,
        _ shape: BuildingShape,
        at time: Timestamp,
        using random: inout some RandomNumberGenerator
    ) {
        let panel = PanelRow(
            id: PanelID(at: time, using: &random),
            property: property,
            name: Names.panel(number)
        )
        rows.panels.append(panel)
        for position in 0..<max(0, shape.doorsPerPanel) {
            rows.doors.append(
                DoorRow(
                    id: DoorID(at: time, using: &random),
                    panel: panel.id,
                    name: Names.door(position, of: panel.name),
                    openFromCall: true,
                    position: position
                )
            )
        }
    }

    private mutating func addUnit(
        _ number: Int,
        of property: PropertyID,
        _ shape: BuildingShape,
        at time: Timestamp,
        using random: inout some RandomNumberGenerator
    ) {
        let unit = UnitRow(
            id: UnitID(at: time, using: &random),
            property: property,
            label: Names.unit(number)
        )
        rows.units.append(unit)
        for _ in 0..<max(0, shape.residentsPerUnit) {
            let name = Names.person(rows.residents.count)
            let resident = ResidentRow(
                id: ResidentID(at: time, using: &random),
                property: property,
                account: AccountID(at: time, using: &random),
                name: name,
                listedAs: name
            )
            rows.residents.append(resident)
            rows.occupancies.append(
                OccupancyRow(
                    id: OccupancyID(at: time, using: &random),
                    resident: resident.id,
                    unit: unit.id,
                    from: time
                )
            )
            rows.doorAssignments += rows.doors.map {
                DoorAssignmentRow(resident: resident.id, door: $0.id)
            }
            for device in 0..<max(0, shape.devicesPerResident) {
                rows.devices.append(
                    DeviceRow(
                        id: DeviceID(at: time, using: &random),
                        resident: resident.id,
                        name: Names.device(device)
                    )
                )
            }
        }
    }

    private mutating func addCredentials<Random: RandomNumberGenerator>(
        at time: Timestamp,
        using random: inout Random,
        issue: (Principal, inout Random) -> Issued
    ) {
        let principals =
            rows.panels.map { Principal.panel($0.id) }
            + rows.devices.map { Principal.device($0.id) }
        for principal in principals {
            let issued = issue(principal, &random)
            tokens[principal] = issued.token
            rows.credentials.append(
                CredentialRow(
                    id: CredentialID(at: time, using: &random),
                    hash: issued.hash,
                    principal: principal
                )
            )
        }
    }
}

/// What things and people of a made-up building are called.
private enum Names {
    private static let given = [
        "Anna", "Bert", "Clara", "David", "Emma", "Farid", "Greta", "Hugo", "Ines", "Jonas",
        "Karim", "Lena", "Marta", "Nils", "Olga", "Paul",
    ]
    private static let family = [
        "Albers", "Brandt", "Conrad", "Duarte", "Engel", "Fischer", "Gruber", "Hansen", "Ito",
        "Jansen", "Keller", "Lorenz", "Moreau",
    ]
    private static let entrances = ["Main entrance", "Garage", "Garden gate", "Side entrance"]

    /// Sixteen by thirteen, both steps coprime to them: 208 people have names of their own.
    static func person(_ number: Int) -> String {
        given[number % given.count] + " " + family[number % family.count]
    }

    /// `1A`, `1B`, …, four to a floor.
    static func unit(_ number: Int) -> String {
        "\(number / 4 + 1)" + ["A", "B", "C", "D"][number % 4]
    }

    static func panel(_ number: Int) -> String {
        number < entrances.count ? entrances[number] : "Entrance \(number + 1)"
    }

    static func door(_ position: Int, of panel: String) -> String {
        position == 0 ? panel + " door" : panel + " door \(position + 1)"
    }

    static func device(_ number: Int) -> String {
        number < 2 ? ["Phone", "Tablet"][number] : "Device \(number + 1)"
    }
}
