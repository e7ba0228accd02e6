// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleSQLiteStore
import VestibuleStorage

/// A made-up building whose rows a test may change before it is saved.
struct TestBuilding: Sendable {
    var rows: DirectoryRows
    private let tokens: [Principal: String]

    init(_ shape: BuildingShape = BuildingShape()) {
        var random = SystemRandomNumberGenerator()
        let building = Building.make(
            shape: shape,
            at: EventLoop.readNow().time,
            using: &random,
            issue: { principal, _ in
                let token = SecretToken(principal)
                return (token.reveal(), CredentialHash(token.digest.bytes))
            }
        )
        rows = building.rows
        tokens = building.tokens
    }

    /// One with other rules.
    init(_ shape: BuildingShape = BuildingShape(), _ change: (inout DirectoryRows) -> Void) {
        self.init(shape)
        change(&rows)
    }

    func save(to folder: String) async throws {
        let store = try await SQLiteStore.open(
            folder: folder,
            limits: .patient,
            access: .server
        )
        do { try await store.save(rows) } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    func token(_ principal: Principal) -> String { tokens[principal] ?? "" }

    func panel(_ number: Int = 0) -> Principal { .panel(rows.panels[number].id) }

    func unit(_ number: Int = 0) -> UnitID { rows.units[number].id }

    /// The doors of a panel, the usual one first.
    func doors(ofPanel number: Int = 0) -> [DoorID] {
        rows.doors.filter { $0.panel == rows.panels[number].id }
            .sorted { $0.position < $1.position }.map(\.id)
    }

    func residents(ofUnit number: Int = 0) -> [ResidentID] {
        rows.occupancies.filter { $0.unit == unit(number) }.map(\.resident)
    }

    /// Every device of a unit, resident by resident.
    func devices(ofUnit number: Int = 0) -> [DeviceID] {
        residents(ofUnit: number).flatMap { resident in
            rows.devices.filter { $0.resident == resident }.map(\.id)
        }
    }

    func device(_ number: Int = 0, ofUnit unit: Int = 0) -> Principal {
        .device(devices(ofUnit: unit)[number])
    }
}

extension SecretToken {
    fileprivate init(_ principal: Principal) {
        switch principal {
        case .panel: self.init(.panel)
        case .device: self.init(.device)
        }
    }
}

extension Principal {
    /// What `hello` names as the device.
    var text: String {
        switch self {
        case .panel(let panel): panel.text
        case .device(let device): device.text
        }
    }
}
