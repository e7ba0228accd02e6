// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleStorage

/// Changes the directory on one connection, each change in one transaction that raises the
/// version, whereby other processes notice it; on that connection's thread.
///
/// The property of a row that belongs to another row is taken from there; where that is missing it
/// is NULL, which the column refuses.
struct DirectoryWriter {
    let connection: Connection

    func save(_ rows: DirectoryRows) throws(StoreError) {
        try change { () throws(StoreError) in
            try savePeople(rows)
            try saveDoors(rows)
            try saveGroups(rows.ringGroups)
            let credentials = try connection.prepare(SQL.credential)
            for row in rows.credentials { try add(row, credentials) }
            try raiseVersion()
        }
    }

    func issue(_ credential: CredentialRow, replacing: Bool) throws(StoreError) {
        try change { () throws(StoreError) in
            if replacing { try remove(credential.principal) }
            try add(credential, connection.prepare(SQL.credential))
            try raiseVersion()
        }
    }

    func revoke(_ principal: Principal) throws(StoreError) -> Int {
        try change { () throws(StoreError) in
            try remove(principal)
            let removed = connection.changes
            if removed > 0 { try raiseVersion() }
            return removed
        }
    }

    private func change<Result>(
        _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try connection.transaction(Connection.writing, body)
    }

    private func raiseVersion() throws(StoreError) {
        try connection.execute("UPDATE directory SET version = version + 1")
    }

    private func savePeople(_ rows: DirectoryRows) throws(StoreError) {
        let properties = try connection.prepare(SQL.property)
        for row in rows.properties {
            try properties.run(
                row.id,
                row.name,
                row.timeZone,
                row.ringTimeout,
                row.declineEndsCall
            )
        }
        let units = try connection.prepare(SQL.unit)
        for row in rows.units { try units.run(row.id, row.property, row.label) }
        let accounts = try connection.prepare(SQL.account)
        let residents = try connection.prepare(SQL.resident)
        for row in rows.residents {
            if let account = row.account { try accounts.run(account) }
            try residents.run(
                row.id,
                row.property,
                row.account,
                row.name,
                row.listedAs,
                row.status.rawValue,
                row.isEnabled,
                Coded.text(row.quietHours)
            )
        }
        let occupancies = try connection.prepare(SQL.occupancy)
        for row in rows.occupancies {
            try occupancies.run(row.id, row.resident, row.unit, row.from, row.until)
        }
        let devices = try connection.prepare(SQL.device)
        for row in rows.devices {
            try devices.run(row.id, row.resident, row.name, row.isRevoked)
        }
    }

    private func saveDoors(_ rows: DirectoryRows) throws(StoreError) {
        let panels = try connection.prepare(SQL.panel)
        for row in rows.panels {
            try panels.run(row.id, row.property, row.name, row.isRevoked)
        }
        let doors = try connection.prepare(SQL.door)
        for row in rows.doors {
            try doors.run(row.id, row.panel, row.name, row.openFromCall, row.position)
        }
        let assignments = try connection.prepare(SQL.assignment)
        for row in rows.doorAssignments { try assignments.run(row.resident, row.door) }
    }

    private func saveGroups(_ rows: [RingGroupRow]) throws(StoreError) {
        let groups = try connection.prepare(SQL.ringGroup)
        let clear = try connection.prepare("DELETE FROM ring_group_members WHERE ring_group = ?1")
        let members = try connection.prepare(SQL.member)
        for row in rows {
            try groups.run(row.id, row.unit, row.name, row.position)
            try clear.run(row.id)
            for (position, resident) in row.members.enumerated() {
                try members.run(row.id, position, resident)
            }
        }
    }

    private func add(
        _ row: CredentialRow,
        _ statement: borrowing Statement
    ) throws(StoreError) {
        try statement.run(row.id, row.hash.bytes, row.principal.kind, row.principal.id)
        let lookUp = try connection.prepare(SQL.principal)
        guard
            try lookUp.first(Single<Bool>.self, row.principal.kind, row.principal.id)?.value
                == true
        else { throw .constraint(detail: "a credential of nobody") }
    }

    private func remove(_ principal: Principal) throws(StoreError) {
        try connection.prepare(
            "DELETE FROM credentials WHERE principal_kind = ?1 AND principal = ?2"
        ).run(principal.kind, principal.id)
    }
}

/// The statements of the directory's writer.
private enum SQL {
    static let property = """
        INSERT INTO properties (id, name, time_zone, ring_timeout, decline_ends_call)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (id) DO UPDATE SET name = ?2, time_zone = ?3, ring_timeout = ?4,
            decline_ends_call = ?5
        """
    static let unit = """
        INSERT INTO units (id, property, label) VALUES (?1, ?2, ?3)
        ON CONFLICT (id) DO UPDATE SET property = ?2, label = ?3
        """
    static let account = "INSERT INTO accounts (id) VALUES (?1) ON CONFLICT DO NOTHING"
    static let resident = """
        INSERT INTO residents (
            id, property, account, name, listed_as, status, enabled, quiet_hours
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (id) DO UPDATE SET property = ?2, account = ?3, name = ?4,
            listed_as = ?5, status = ?6, enabled = ?7, quiet_hours = ?8
        """
    static let occupancy = """
        INSERT INTO occupancies (id, property, resident, unit, from_at, until_at)
        VALUES (?1, (SELECT property FROM units WHERE id = ?3), ?2, ?3, ?4, ?5)
        ON CONFLICT (id) DO UPDATE SET property = excluded.property, resident = ?2,
            unit = ?3, from_at = ?4, until_at = ?5
        """
    static let device = """
        INSERT INTO devices (id, property, account, resident, name, revoked)
        VALUES (?1, (SELECT property FROM residents WHERE id = ?2),
            (SELECT account FROM residents WHERE id = ?2), ?2, ?3, ?4)
        ON CONFLICT (id) DO UPDATE SET property = excluded.property,
            account = excluded.account, resident = ?2, name = ?3, revoked = ?4
        """
    static let panel = """
        INSERT INTO panels (id, property, name, revoked) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (id) DO UPDATE SET property = ?2, name = ?3, revoked = ?4
        """
    static let door = """
        INSERT INTO doors (id, property, panel, name, open_from_call, position)
        VALUES (?1, (SELECT property FROM panels WHERE id = ?2), ?2, ?3, ?4, ?5)
        ON CONFLICT (id) DO UPDATE SET property = excluded.property, panel = ?2, name = ?3,
            open_from_call = ?4, position = ?5
        """
    static let assignment = """
        INSERT INTO door_assignments (resident, door, property)
        VALUES (?1, ?2, (SELECT property FROM residents WHERE id = ?1))
        ON CONFLICT (resident, door) DO UPDATE SET property = excluded.property
        """
    static let ringGroup = """
        INSERT INTO ring_groups (id, property, unit, name, position)
        VALUES (?1, (SELECT property FROM units WHERE id = ?2), ?2, ?3, ?4)
        ON CONFLICT (id) DO UPDATE SET property = excluded.property, unit = ?2, name = ?3,
            position = ?4
        """
    static let member = """
        INSERT INTO ring_group_members (ring_group, position, member_kind, resident, property)
        VALUES (?1, ?2, 'resident', ?3, (SELECT property FROM ring_groups WHERE id = ?1))
        """
    static let credential = """
        INSERT INTO credentials (id, hash, principal_kind, principal, property)
        VALUES (?1, ?2, ?3, ?4, \(Principal.property("?3", "?4")))
        ON CONFLICT (id) DO UPDATE SET hash = ?2, principal_kind = ?3, principal = ?4,
            property = excluded.property
        """
    static let principal = """
        SELECT CASE ?1 WHEN 'panel' THEN EXISTS (SELECT 1 FROM panels WHERE id = ?2)
            ELSE EXISTS (SELECT 1 FROM devices WHERE id = ?2) END
        """
}
