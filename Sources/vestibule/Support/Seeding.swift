// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleSQLiteStore
import VestibuleServer
import VestibuleStorage

/// Puts a made-up building into an empty folder.
enum Seeding {
    static func seed(_ folder: String, _ shape: BuildingShape) async throws -> Building {
        let store = try await SQLiteStore.open(folder: folder, limits: Limits(), access: .server)
        do {
            guard try await store.isEmpty() else { throw StoreError.notEmpty(folder: folder) }
            var random = SystemRandomNumberGenerator()
            let building = Building.make(
                shape: shape,
                at: EventLoop.readNow().time,
                using: &random,
                issue: { principal, _ in
                    let token =
                        switch principal {
                        case .panel: SecretToken(.panel)
                        case .device: SecretToken(.device)
                        }
                    return (token.reveal(), CredentialHash(token.digest.bytes))
                }
            )
            try await store.save(building.rows)
            await store.close()
            return building
        } catch {
            await store.close()
            throw error
        }
    }
}

/// What `seed` prints; the shape of the JSON is what the harness and clients are tried with.
struct BuildingListing: Encodable {
    struct Named: Encodable {
        let id: String
        let name: String
    }

    struct PropertyListing: Encodable {
        let id: String
        let name: String
        let timeZone: String
    }

    struct PanelListing: Encodable {
        let id: String
        let name: String
        let token: String
        let doors: [Named]
    }

    struct UnitListing: Encodable {
        let id: String
        let label: String
        let residents: [ResidentListing]
    }

    struct ResidentListing: Encodable {
        let id: String
        let name: String
        let devices: [DeviceListing]
    }

    struct DeviceListing: Encodable {
        let id: String
        let token: String
    }

    let property: PropertyListing
    let panels: [PanelListing]
    let units: [UnitListing]

    init(_ building: Building) {
        let rows = building.rows
        property =
            rows.properties.first.map {
                PropertyListing(id: $0.id.text, name: $0.name, timeZone: $0.timeZone)
            } ?? PropertyListing(id: "", name: "", timeZone: "")
        let doors = Dictionary(grouping: rows.doors, by: \.panel)
        panels = rows.panels.map { panel in
            PanelListing(
                id: panel.id.text,
                name: panel.name,
                token: building.tokens[.panel(panel.id)] ?? "",
                doors: (doors[panel.id] ?? []).sorted { $0.position < $1.position }
                    .map { Named(id: $0.id.text, name: $0.name) }
            )
        }
        let people = Dictionary(uniqueKeysWithValues: rows.residents.map { ($0.id, $0) })
        let homes = Dictionary(grouping: rows.occupancies, by: \.unit)
        let devices = Dictionary(grouping: rows.devices, by: \.resident)
        units = rows.units.map { unit in
            UnitListing(
                id: unit.id.text,
                label: unit.label,
                residents: (homes[unit.id] ?? []).compactMap { people[$0.resident] }.map { person in
                    ResidentListing(
                        id: person.id.text,
                        name: person.name,
                        devices: (devices[person.id] ?? []).map {
                            DeviceListing(
                                id: $0.id.text,
                                token: building.tokens[.device($0.id)] ?? ""
                            )
                        }
                    )
                }
            )
        }
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var text: String {
        var lines = ["\(property.name) (\(property.timeZone)) \(property.id)", "", "panels"]
        for panel in panels {
            lines.append("  \(panel.name)  \(panel.id)  \(panel.token)")
            for door in panel.doors { lines.append("    \(door.name)  \(door.id)") }
        }
        lines += ["", "units"]
        for unit in units {
            lines.append("  \(unit.label)  \(unit.id)")
            for resident in unit.residents {
                lines.append("    \(resident.name)  \(resident.id)")
                for device in resident.devices {
                    lines.append("      \(device.id)  \(device.token)")
                }
            }
        }
        return lines.joined(separator: "\n")
    }
}
