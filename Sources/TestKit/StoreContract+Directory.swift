// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleStorage

extension StoreContract {
    static let directoryClauses = [
        Clause("a new store holds nothing", new),
        Clause("it keeps a whole building, each kind in the order of its ids", keeps),
        Clause("saving again replaces rows of the same id and raises the version", replaces),
        Clause("rows that refer to nothing are refused, with all that came with them", dangling),
        Clause("no row joins two properties", properties),
        Clause("an account is one resident of a property", accounts),
        Clause("a ring group's members come back in their order, without the former", groups),
        Clause("a credential is issued beside others or instead of them", issues),
        Clause("revoking removes all credentials of one principal, of nobody else", revokes),
    ]

    private static func new(_ subject: Subject) async throws {
        let store = subject.store
        try requireEqual(try await store.directory(), DirectoryRows(), "the directory")
        try requireEqual(try await store.calls(CallQuery()), [], "the calls")
        try requireEqual(try await store.restore(always), Restored(), "what is restored")
        try requireEqual(try await store.doorAttempts(DoorQuery()), [], "the door attempts")
    }

    private static func keeps(_ subject: Subject) async throws {
        var rows = SeededBuilding(seed: 11).rows
        rows.residents[0].quietHours = [QuietHours(days: [1, 7], from: 1_320, to: 360)]
        rows.residents[1].status = .past
        rows.residents[1].isEnabled = false
        rows.residents[2].listedAs = nil
        rows.residents[2].account = nil
        rows.properties[0].ringTimeout = 45
        rows.properties[0].declineEndsCall = false
        rows.occupancies[1].until = time
        rows.devices[0].isRevoked = true
        rows.panels[1].isRevoked = true
        rows.doors[1].openFromCall = false
        try await subject.store.save(rows)
        rows.version = 1
        try requireEqual(try await subject.store.directory(), rows.sorted, "the directory")
        try requireEqual(try await subject.store.directoryVersion(), 1, "the version")
    }

    private static func replaces(_ subject: Subject) async throws {
        let rows = SeededBuilding(seed: 12).rows
        try await subject.store.save(rows)
        var change = DirectoryRows()
        change.residents = [rows.residents[0]]
        change.residents[0].name = "Zoë O'Neil; \"DROP\""
        change.residents[0].isEnabled = false
        change.doorAssignments = rows.doorAssignments
        try await subject.store.save(change)
        var expected = rows
        expected.version = 2
        expected.residents[0] = change.residents[0]
        try requireEqual(try await subject.store.directory(), expected.sorted, "the directory")
    }

    private static func accounts(_ subject: Subject) async throws {
        let rows = SeededBuilding(seed: 19).rows
        let store = subject.store
        try await store.save(rows)
        var change = DirectoryRows()
        change.residents = [rows.residents[1]]
        change.residents[0].account = rows.residents[0].account
        let taken = change
        try await requireConstraint("an account twice") { () async throws(StoreError) in
            try await store.save(taken)
        }
        change.residents[0].account = nil
        try await store.save(change)
    }

    private static func dangling(_ subject: Subject) async throws {
        let rows = SeededBuilding(seed: 13).rows
        let store = subject.store
        try await store.save(rows)
        let before = try await store.directory()
        var unit = DirectoryRows()
        unit.properties = [rows.properties[0]]
        unit.properties[0].name = "Renamed"
        unit.units = [UnitRow(id: rows.units[0].id, property: .nothing, label: "9Z")]
        var door = DirectoryRows()
        door.doors = [
            DoorRow(
                id: rows.doors[0].id,
                panel: .nothing,
                name: "No door",
                openFromCall: true,
                position: 0
            )
        ]
        var device = DirectoryRows()
        device.devices = [DeviceRow(id: rows.devices[0].id, resident: .nothing, name: "None")]
        var credential = DirectoryRows()
        credential.credentials = [
            CredentialRow(
                id: rows.credentials[0].id,
                hash: SeededBuilding.hash("x"),
                principal: .panel(.nothing)
            )
        ]
        for (what, change) in [
            ("a unit", unit), ("a door", door), ("a device", device),
            ("a credential", credential),
        ] {
            try await requireConstraint("\(what) of nothing") { () async throws(StoreError) in
                try await store.save(change)
            }
            try requireEqual(try await store.directory(), before, "the directory after \(what)")
        }
    }

    private static func properties(_ subject: Subject) async throws {
        let store = subject.store
        let here = SeededBuilding(seed: 14).rows
        let there = SeededBuilding(seed: 15).rows
        try await store.save(here)
        try await store.save(there)
        var assignment = DirectoryRows()
        assignment.doorAssignments = [
            DoorAssignmentRow(resident: here.residents[0].id, door: there.doors[0].id)
        ]
        var occupancy = DirectoryRows()
        occupancy.occupancies = here.occupancies
        occupancy.occupancies[0].unit = there.units[0].id
        var group = DirectoryRows()
        group.ringGroups = [
            RingGroupRow(
                id: .nothing,
                unit: here.units[0].id,
                name: "Both",
                position: 0,
                members: [here.residents[0].id, there.residents[0].id]
            )
        ]
        for (what, change) in [
            ("an assignment", assignment), ("an occupancy", occupancy), ("a ring group", group),
        ] {
            try await requireConstraint("\(what) over two properties") {
                () async throws(StoreError) in try await store.save(change)
            }
        }
    }

    private static func groups(_ subject: Subject) async throws {
        var rows = SeededBuilding(seed: 16).rows
        let people = rows.residents.map(\.id)
        var fixtures = StoreFixtures(seed: 17, at: time)
        let group = RingGroupRow(
            id: fixtures.id(),
            unit: rows.units[0].id,
            name: "House",
            position: 0,
            members: [people[3], people[0], people[2]]
        )
        rows.ringGroups = [group]
        try await subject.store.save(rows)
        try requireEqual(try await subject.store.directory().ringGroups, [group], "the group")
        var change = DirectoryRows()
        change.ringGroups = [group]
        change.ringGroups[0].members = [people[1]]
        try await subject.store.save(change)
        try requireEqual(
            try await subject.store.directory().ringGroups,
            change.ringGroups,
            "the group"
        )
    }

    private static func issues(_ subject: Subject) async throws {
        let store = subject.store
        let rows = SeededBuilding(seed: 18).rows
        try await store.save(rows)
        var fixtures = StoreFixtures(seed: 19, at: time)
        let panel = Principal.panel(rows.panels[0].id)
        func credential(_ text: String) -> CredentialRow {
            CredentialRow(
                id: fixtures.id(),
                hash: SeededBuilding.hash(text),
                principal: panel
            )
        }
        let second = credential("second")
        try await store.issue(second, replacing: false)
        let beside = try await store.directory()
        try requireEqual(beside.credentials.of(panel), 2, "credentials beside each other")
        let third = credential("third")
        try await store.issue(third, replacing: true)
        let left = try await store.directory()
        try requireEqual(
            left.credentials.filter { $0.principal == panel },
            [third],
            "the one left"
        )
        try requireEqual(left.credentials.count, rows.credentials.count, "all credentials")
        try requireEqual(left.version, 3, "the version")
        try await requireConstraint("a hash that is taken") { () async throws(StoreError) in
            try await store.issue(
                CredentialRow(
                    id: fixtures.id(),
                    hash: third.hash,
                    principal: .device(rows.devices[0].id)
                ),
                replacing: false
            )
        }
        try await requireConstraint("a credential of nobody") { () async throws(StoreError) in
            try await store.issue(
                CredentialRow(
                    id: fixtures.id(),
                    hash: SeededBuilding.hash("y"),
                    principal: .device(.nothing)
                ),
                replacing: true
            )
        }
    }

    private static func revokes(_ subject: Subject) async throws {
        let store = subject.store
        let rows = SeededBuilding(seed: 20).rows
        try await store.save(rows)
        let device = Principal.device(rows.devices[3].id)
        try requireEqual(try await store.revoke(device), 1, "those removed")
        let left = try await store.directory()
        try requireEqual(left.credentials.of(device), 0, "the device's credentials")
        try requireEqual(left.credentials.count, rows.credentials.count - 1, "all credentials")
        try requireEqual(left.version, 2, "the version")
        try requireEqual(try await store.revoke(device), 0, "those removed again")
        try requireEqual(try await store.directoryVersion(), 2, "the version after nothing")
    }
}

extension [CredentialRow] {
    fileprivate func of(_ principal: Principal) -> Int {
        filter { $0.principal == principal }.count
    }
}

extension DirectoryRows {
    /// Each kind in the order of its ids.
    fileprivate var sorted: DirectoryRows {
        var rows = self
        rows.properties.sort { $0.id < $1.id }
        rows.units.sort { $0.id < $1.id }
        rows.residents.sort { $0.id < $1.id }
        rows.occupancies.sort { $0.id < $1.id }
        rows.devices.sort { $0.id < $1.id }
        rows.panels.sort { $0.id < $1.id }
        rows.doors.sort { $0.id < $1.id }
        rows.doorAssignments.sort { ($0.resident, $0.door) < ($1.resident, $1.door) }
        rows.credentials.sort { $0.id < $1.id }
        return rows
    }
}
