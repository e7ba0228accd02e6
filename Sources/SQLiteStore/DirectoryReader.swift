// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
import VestibuleBasics
package import VestibuleStorage

/// Reads the directory from one connection; on that connection's thread.
struct DirectoryReader {
    let connection: Connection

    /// Everything, of one moment, each kind in the order of its ids.
    func rows() throws(StoreError) -> DirectoryRows {
        try connection.transaction(Connection.reading) { () throws(StoreError) in
            var rows = DirectoryRows()
            rows.version = try version()
            rows.properties = try all(
                "id, name, time_zone, ring_timeout, decline_ends_call FROM properties"
            )
            rows.units = try all("id, property, label FROM units")
            rows.residents = try all(
                """
                id, property, account, name, listed_as, status, enabled, quiet_hours
                FROM residents
                """
            )
            rows.occupancies = try all("id, resident, unit, from_at, until_at FROM occupancies")
            rows.devices = try all(
                "id, resident, name, revoked FROM devices WHERE resident IS NOT NULL"
            )
            rows.panels = try all("id, property, name, revoked FROM panels")
            rows.doors = try all("id, panel, name, open_from_call, position FROM doors")
            rows.doorAssignments = try all(
                "resident, door FROM door_assignments",
                by: "resident, door"
            )
            rows.ringGroups = try ringGroups()
            rows.credentials = try all("id, hash, principal_kind, principal FROM credentials")
            return rows
        }
    }

    func version() throws(StoreError) -> Int64 {
        let statement = try connection.prepare("SELECT version FROM directory")
        guard let found = try statement.first(Single<Int64>.self) else {
            throw .damaged(detail: "the directory has no version")
        }
        return found.value
    }

    private func ringGroups() throws(StoreError) -> [RingGroupRow] {
        var groups: [RingGroupRow] = try all("id, unit, name, position FROM ring_groups")
        let members: [MemberRow] = try all(
            "ring_group, resident FROM ring_group_members WHERE resident IS NOT NULL",
            by: "ring_group, position"
        )
        let grouped = Dictionary(grouping: members, by: \.group)
        for index in groups.indices {
            groups[index].members = (grouped[groups[index].id] ?? []).map(\.resident)
        }
        return groups
    }

    private func all<Result: RowReadable>(
        _ rest: String,
        by order: String = "id"
    ) throws(StoreError) -> [Result] {
        try connection.prepare("SELECT \(rest) ORDER BY \(order)").all(Result.self)
    }
}

private struct MemberRow: RowReadable {
    let group: RingGroupID
    let resident: ResidentID

    init(row: inout Row) throws(StoreError) {
        group = try row.next()
        resident = try row.next()
    }
}

extension PropertyRow: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(
            id: row.next(),
            name: row.next(),
            timeZone: row.next(),
            ringTimeout: row.next(),
            declineEndsCall: row.next()
        )
    }
}

extension UnitRow: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(id: row.next(), property: row.next(), label: row.next())
    }
}

extension ResidentRow: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(
            id: row.next(),
            property: row.next(),
            account: row.next(),
            name: row.next(),
            listedAs: row.next(),
            status: row.word(),
            isEnabled: row.next(),
            quietHours: Coded.value(
                [QuietHours].self,
                from: row.next(),
                what: "a resident's quiet hours"
            )
        )
    }
}

extension OccupancyRow: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(
            id: row.next(),
            resident: row.next(),
            unit: row.next(),
            from: row.next(),
            until: row.next()
        )
    }
}

extension DeviceRow: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(
            id: row.next(),
            resident: row.next(),
            name: row.next(),
            isRevoked: row.next()
        )
    }
}

extension PanelRow: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(
            id: row.next(),
            property: row.next(),
            name: row.next(),
            isRevoked: row.next()
        )
    }
}

extension DoorRow: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(
            id: row.next(),
            panel: row.next(),
            name: row.next(),
            openFromCall: row.next(),
            position: row.next()
        )
    }
}

extension DoorAssignmentRow: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(resident: row.next(), door: row.next())
    }
}

extension RingGroupRow: RowReadable {
    /// Without its members, which have rows of their own.
    package init(row: inout Row) throws(StoreError) {
        try self.init(
            id: row.next(),
            unit: row.next(),
            name: row.next(),
            position: row.next(),
            members: []
        )
    }
}

extension CredentialRow: RowReadable {
    package init(row: inout Row) throws(StoreError) {
        try self.init(
            id: row.next(),
            hash: CredentialHash(row.next([UInt8].self)),
            principal: row.principal()
        )
    }
}
