// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// What a turn of a loop needs to know of people and doors: immutable, in memory, shared by all
/// loops, replaced whole after each commit.
package final class DirectorySnapshot: Sendable {
    package let version: Int64
    package let properties: [PropertyID: Property]
    private let units: [UnitID: Unit]
    private let residents: [ResidentID: Resident]
    private let devices: [DeviceID: Device]
    private let panels: [PanelID: Panel]
    private let doors: [DoorID: Door]
    private let credentials: [CredentialHash: Principal]

    /// Makes a snapshot; rows that refer to nothing are left out (the store's foreign keys keep
    /// them from being there).
    package init(_ rows: DirectoryRows) {
        version = rows.version
        let builder = SnapshotBuilder(rows)
        properties = builder.properties
        units = builder.units
        residents = builder.residents
        devices = builder.devices
        panels = builder.panels
        doors = builder.doors
        credentials = Dictionary(
            rows.credentials.map { ($0.hash, $0.principal) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    package struct Property: Sendable {
        package let id: PropertyID
        package let name: String
        package let timeZone: String
        package let ringTimeout: Int?
        package let declineEndsCall: Bool

        /// In the order of their labels.
        package let units: [UnitID]

        /// When somebody listed moves in or out, in order.
        let moves: [Timestamp]
    }

    package struct Unit: Sendable {
        package let id: UnitID
        package let property: PropertyID
        package let label: String

        /// The ring groups in their order; where there are none, the household rings.
        let ringGroups: [[ResidentID]]

        /// Who lives there, did or will, in the order of residents.
        let occupants: [Occupant]

        /// Those of them who are listed, in the order of their names.
        let listed: [Occupant]

        /// People in the order they are offered a call at `time`.
        package func groups(at time: Timestamp) -> [[ResidentID]] {
            guard ringGroups.isEmpty else { return ringGroups }
            return [occupants.filter { $0.lives(at: time) }.map(\.resident).withoutRepeats]
        }

        /// The names under which the panel lists it at `time`.
        package func names(at time: Timestamp) -> [String] {
            listed.filter { $0.lives(at: time) }.map(\.name).withoutRepeats
        }
    }

    /// Somebody's time in a unit: the snapshot stays while time goes on, so it is asked each time.
    struct Occupant: Sendable {
        let resident: ResidentID

        /// The name on the panel; empty where they are not listed.
        let name: String
        let from: Timestamp
        let until: Timestamp?

        /// From the first instant on, and no longer at the last.
        func lives(at time: Timestamp) -> Bool {
            from <= time && until.map { time < $0 } ?? true
        }
    }

    package struct Resident: Sendable {
        package let id: ResidentID
        package let property: PropertyID
        package let name: String
        package let status: ResidentStatus
        package let isEnabled: Bool
        package let quietHours: [QuietHours]
        package let devices: [DeviceID]
        package let doors: [DoorID]

        /// Whether the person may answer or open anything.
        package var isInGoodStanding: Bool { status == .current && isEnabled }
    }

    package struct Device: Sendable {
        package let id: DeviceID
        package let resident: ResidentID
    }

    package struct Panel: Sendable {
        package let id: PanelID
        package let property: PropertyID
        package let name: String
        package let doors: [DoorID]
    }

    package struct Door: Sendable {
        package let id: DoorID
        package let panel: PanelID
        package let name: String
        package let openFromCall: Bool
    }

    package func property(_ id: PropertyID) -> Property? { properties[id] }
    package func unit(_ id: UnitID) -> Unit? { units[id] }
    package func resident(_ id: ResidentID) -> Resident? { residents[id] }
    package func device(_ id: DeviceID) -> Device? { devices[id] }
    package func panel(_ id: PanelID) -> Panel? { panels[id] }
    package func door(_ id: DoorID) -> Door? { doors[id] }

    /// Whose token this is the SHA-256 of; nil for a revoked or unknown one.
    package func principal(_ hash: CredentialHash) -> Principal? { credentials[hash] }

    /// The person behind a device, while the device is not revoked.
    package func resident(of device: DeviceID) -> Resident? {
        devices[device].flatMap { residents[$0.resident] }
    }
}

extension Array where Element: Equatable {
    /// Without what equals its neighbour before it.
    fileprivate var withoutRepeats: [Element] {
        var result: [Element] = []
        result.reserveCapacity(count)
        for element in self where result.last != element { result.append(element) }
        return result
    }
}

extension DirectorySnapshot {
    /// The version of what the panels of a property list at `time`: it rises with each commit, and
    /// with each move that time alone brings.
    package func listingVersion(of property: Property, at time: Timestamp) -> Int {
        let moved = property.moves.prefix { $0 <= time }.count
        return Int(version) << 20 | min(moved, 1 << 20 - 1)
    }

    /// When somebody listed in any property moves next.
    package func nextMove(after time: Timestamp) -> Timestamp? {
        properties.values.compactMap { $0.moves.first { $0 > time } }.min()
    }
}
