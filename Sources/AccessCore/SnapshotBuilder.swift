// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Turns rows into the indexes of a snapshot, each list in a stable order.
struct SnapshotBuilder {
    let properties: [PropertyID: DirectorySnapshot.Property]
    let units: [UnitID: DirectorySnapshot.Unit]
    let residents: [ResidentID: DirectorySnapshot.Resident]
    let devices: [DeviceID: DirectorySnapshot.Device]
    let panels: [PanelID: DirectorySnapshot.Panel]
    let doors: [DoorID: DirectorySnapshot.Door]

    init(_ rows: DirectoryRows) {
        let live = rows.devices.filter { !$0.isRevoked }
        let devicesOf = Dictionary(grouping: live, by: \.resident)
        let doorsOf = Dictionary(grouping: rows.doorAssignments, by: \.resident)
        let doorRows = rows.doors.sorted { ($0.position, $0.id) < ($1.position, $1.id) }
        let doorsOfPanel = Dictionary(grouping: doorRows, by: \.panel)
        let unitRows = rows.units.sorted { ($0.label, $0.id) < ($1.label, $1.id) }
        let unitsOf = Dictionary(grouping: unitRows, by: \.property)

        devices = Self.index(live.map { .init(id: $0.id, resident: $0.resident) }, by: \.id)
        doors = Self.index(
            doorRows.map {
                .init(id: $0.id, panel: $0.panel, name: $0.name, openFromCall: $0.openFromCall)
            },
            by: \.id
        )
        panels = Self.index(
            rows.panels.filter { !$0.isRevoked }.map {
                .init(
                    id: $0.id,
                    property: $0.property,
                    name: $0.name,
                    doors: (doorsOfPanel[$0.id] ?? []).map(\.id)
                )
            },
            by: \.id
        )
        residents = Self.index(
            rows.residents.map {
                .init(
                    id: $0.id,
                    property: $0.property,
                    name: $0.name,
                    status: $0.status,
                    isEnabled: $0.isEnabled,
                    quietHours: $0.quietHours,
                    devices: (devicesOf[$0.id] ?? []).map(\.id).sorted(),
                    doors: (doorsOf[$0.id] ?? []).map(\.door).sorted()
                )
            },
            by: \.id
        )
        units = Self.units(rows, unitRows)
        let moves = Dictionary(grouping: units.values, by: \.property).mapValues { units in
            units.flatMap(\.listed).flatMap { [$0.from] + ($0.until.map { [$0] } ?? []) }
        }
        properties = Self.index(
            rows.properties.map {
                .init(
                    id: $0.id,
                    name: $0.name,
                    timeZone: $0.timeZone,
                    ringTimeout: $0.ringTimeout,
                    declineEndsCall: $0.declineEndsCall,
                    units: (unitsOf[$0.id] ?? []).map(\.id),
                    moves: (moves[$0.id] ?? []).sorted()
                )
            },
            by: \.id
        )
    }

    private static func units(
        _ rows: DirectoryRows,
        _ unitRows: [UnitRow]
    ) -> [UnitID: DirectorySnapshot.Unit] {
        let rowsOfResidents = index(rows.residents, by: \.id)
        let people = Dictionary(grouping: rows.occupancies, by: \.unit)
        let groups = Dictionary(grouping: rows.ringGroups, by: \.unit)
        return index(
            unitRows.map { unit in
                let occupants = (people[unit.id] ?? [])
                    .map { occupant($0, rowsOfResidents[$0.resident]) }
                    .sorted { ($0.resident, $0.from) < ($1.resident, $1.from) }
                return .init(
                    id: unit.id,
                    property: unit.property,
                    label: unit.label,
                    ringGroups: (groups[unit.id] ?? [])
                        .sorted { ($0.position, $0.id) < ($1.position, $1.id) }
                        .map(\.members),
                    occupants: occupants,
                    listed: occupants.filter { !$0.name.isEmpty }.sorted { $0.name < $1.name }
                )
            },
            by: \.id
        )
    }

    private static func occupant(
        _ row: OccupancyRow,
        _ person: ResidentRow?
    ) -> DirectorySnapshot.Occupant {
        let isListed = person?.status == .current && person?.isEnabled == true
        return .init(
            resident: row.resident,
            name: isListed ? person?.listedAs ?? "" : "",
            from: row.from,
            until: row.until
        )
    }

    private static func index<Row, Key: Hashable>(
        _ rows: [Row],
        by key: KeyPath<Row, Key>
    ) -> [Key: Row] {
        Dictionary(rows.map { ($0[keyPath: key], $0) }, uniquingKeysWith: { first, _ in first })
    }
}
