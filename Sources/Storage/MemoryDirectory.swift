// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics

extension DirectoryRows {
    /// Adds rows or replaces those of the same identity, raising the version; throws `constraint`
    /// and changes nothing where a row then refers to nothing.
    mutating func merge(_ rows: DirectoryRows) throws(StoreError) {
        var merged = self
        merge(rows.properties, into: &merged.properties, by: \.id)
        merge(rows.units, into: &merged.units, by: \.id)
        merge(rows.residents, into: &merged.residents, by: \.id)
        merge(rows.occupancies, into: &merged.occupancies, by: \.id)
        merge(rows.devices, into: &merged.devices, by: \.id)
        merge(rows.panels, into: &merged.panels, by: \.id)
        merge(rows.doors, into: &merged.doors, by: \.id)
        merge(rows.doorAssignments, into: &merged.doorAssignments, by: \.pair)
        merge(rows.ringGroups, into: &merged.ringGroups, by: \.id)
        merge(rows.credentials, into: &merged.credentials, by: \.id)
        try merged.check()
        merged.version = version + 1
        self = merged
    }

    /// Adds a credential, replacing the principal's others if asked to.
    mutating func issue(_ credential: CredentialRow, replacing: Bool) throws(StoreError) {
        var changed = self
        if replacing { changed.credentials.removeAll { $0.principal == credential.principal } }
        changed.credentials.append(credential)
        try changed.check()
        changed.version += 1
        self = changed
    }

    /// Removes a principal's credentials; the version rises where there were any.
    mutating func revoke(_ principal: Principal) -> Int {
        let before = credentials.count
        credentials.removeAll { $0.principal == principal }
        let removed = before - credentials.count
        if removed > 0 { version += 1 }
        return removed
    }

    /// The rows in the order in which every store gives them.
    var inOrder: DirectoryRows {
        var rows = self
        rows.properties.sort { $0.id < $1.id }
        rows.units.sort { $0.id < $1.id }
        rows.residents.sort { $0.id < $1.id }
        rows.occupancies.sort { $0.id < $1.id }
        rows.devices.sort { $0.id < $1.id }
        rows.panels.sort { $0.id < $1.id }
        rows.doors.sort { $0.id < $1.id }
        rows.doorAssignments.sort { ($0.resident, $0.door) < ($1.resident, $1.door) }
        rows.ringGroups.sort { $0.id < $1.id }
        rows.credentials.sort { $0.id < $1.id }
        return rows
    }

    private func merge<Row, Key: Hashable>(
        _ rows: [Row],
        into all: inout [Row],
        by key: KeyPath<Row, Key>
    ) {
        guard !rows.isEmpty else { return }
        var places = Dictionary(
            all.enumerated().map { ($1[keyPath: key], $0) },
            uniquingKeysWith: { $1 }
        )
        for row in rows {
            if let place = places[row[keyPath: key]] {
                all[place] = row
            } else {
                places[row[keyPath: key]] = all.count
                all.append(row)
            }
        }
    }

    /// What a database's foreign keys keep: each row refers to rows that are there, and no row
    /// joins two properties.
    private func check() throws(StoreError) {
        let properties = Set(properties.map(\.id))
        let units = index(self.units, \.id, \.property)
        let residents = index(self.residents, \.id, \.property)
        let panels = index(self.panels, \.id, \.property)
        let doors = index(
            self.doors.compactMap { door in panels[door.panel].map { (door.id, $0) } },
            \.0,
            \.1
        )
        let devices = Set(self.devices.map(\.id))
        let accounts = self.residents.compactMap { resident in
            resident.account.map { AccountInProperty(account: $0, property: resident.property) }
        }
        let memberships = ringGroups.flatMap { group in group.members.map { (group.unit, $0) } }
        let isWhole =
            units.values.allSatisfy(properties.contains)
            && residents.values.allSatisfy(properties.contains)
            && panels.values.allSatisfy(properties.contains)
            && doors.count == self.doors.count
            && self.devices.allSatisfy { residents[$0.resident] != nil }
            && occupancies.allSatisfy { same(residents[$0.resident], units[$0.unit]) }
            && doorAssignments.allSatisfy { same(residents[$0.resident], doors[$0.door]) }
            && ringGroups.allSatisfy { units[$0.unit] != nil }
            && memberships.allSatisfy { same(units[$0.0], residents[$0.1]) }
            && Set(accounts).count == accounts.count
            && Set(credentials.map(\.hash)).count == credentials.count
            && credentials.allSatisfy { credential in
                switch credential.principal {
                case .panel(let id): panels[id] != nil
                case .device(let id): devices.contains(id)
                }
            }
        guard isWhole else {
            throw .constraint(detail: "a row that refers to nothing, or one of its kind too many")
        }
    }

    private func index<Row, Key: Hashable, Value>(
        _ rows: [Row],
        _ key: (Row) -> Key,
        _ value: (Row) -> Value
    ) -> [Key: Value] {
        Dictionary(rows.map { (key($0), value($0)) }, uniquingKeysWith: { $1 })
    }

    private func same(_ left: PropertyID?, _ right: PropertyID?) -> Bool {
        left != nil && left == right
    }
}

/// An account is at most one resident of a property.
private struct AccountInProperty: Hashable {
    let account: AccountID
    let property: PropertyID
}

extension DoorAssignmentRow {
    fileprivate struct Pair: Hashable {
        let resident: ResidentID
        let door: DoorID
    }

    fileprivate var pair: Pair { Pair(resident: resident, door: door) }
}
