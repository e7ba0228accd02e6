// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Who lives where and what belongs to whom, as rows; a store reads and writes it so.
///
/// The server never looks things up here: it makes a ``DirectorySnapshot`` of it.
package struct DirectoryRows: Sendable, Equatable {
    package var version: Int64 = 0
    package var properties: [PropertyRow] = []
    package var units: [UnitRow] = []
    package var residents: [ResidentRow] = []
    package var occupancies: [OccupancyRow] = []
    package var devices: [DeviceRow] = []
    package var panels: [PanelRow] = []
    package var doors: [DoorRow] = []
    package var doorAssignments: [DoorAssignmentRow] = []
    package var ringGroups: [RingGroupRow] = []
    package var credentials: [CredentialRow] = []

    package init() {}
}

package struct PropertyRow: Sendable, Equatable {
    package var id: PropertyID
    package var name: String

    /// IANA name, never an offset.
    package var timeZone: String

    /// Seconds; nil where the server's default holds.
    package var ringTimeout: Int?
    package var declineEndsCall: Bool

    package init(
        id: PropertyID,
        name: String,
        timeZone: String,
        ringTimeout: Int? = nil,
        declineEndsCall: Bool = true
    ) {
        self.id = id
        self.name = name
        self.timeZone = timeZone
        self.ringTimeout = ringTimeout
        self.declineEndsCall = declineEndsCall
    }
}

package struct UnitRow: Sendable, Equatable {
    package var id: UnitID
    package var property: PropertyID

    /// What the panel lists and the resident reads, such as `4B`.
    package var label: String

    package init(id: UnitID, property: PropertyID, label: String) {
        self.id = id
        self.property = property
        self.label = label
    }
}

/// A resident's standing with the property.
package enum ResidentStatus: String, Sendable {
    case future
    case current
    case past
}

package struct ResidentRow: Sendable, Equatable {
    package var id: ResidentID
    package var property: PropertyID
    package var account: AccountID?
    package var name: String

    /// How the panel's directory names them; nil: not listed.
    package var listedAs: String?
    package var status: ResidentStatus
    package var isEnabled: Bool
    package var quietHours: [QuietHours]

    package init(
        id: ResidentID,
        property: PropertyID,
        account: AccountID? = nil,
        name: String,
        listedAs: String?,
        status: ResidentStatus = .current,
        isEnabled: Bool = true,
        quietHours: [QuietHours] = []
    ) {
        self.id = id
        self.property = property
        self.account = account
        self.name = name
        self.listedAs = listedAs
        self.status = status
        self.isEnabled = isEnabled
        self.quietHours = quietHours
    }
}

package struct OccupancyRow: Sendable, Equatable {
    package var id: OccupancyID
    package var resident: ResidentID
    package var unit: UnitID
    package var from: Timestamp
    package var until: Timestamp?

    package init(
        id: OccupancyID,
        resident: ResidentID,
        unit: UnitID,
        from: Timestamp,
        until: Timestamp? = nil
    ) {
        self.id = id
        self.resident = resident
        self.unit = unit
        self.from = from
        self.until = until
    }
}

package struct DeviceRow: Sendable, Equatable {
    package var id: DeviceID
    package var resident: ResidentID
    package var name: String
    package var isRevoked: Bool

    package init(id: DeviceID, resident: ResidentID, name: String, isRevoked: Bool = false) {
        self.id = id
        self.resident = resident
        self.name = name
        self.isRevoked = isRevoked
    }
}

package struct PanelRow: Sendable, Equatable {
    package var id: PanelID
    package var property: PropertyID
    package var name: String
    package var isRevoked: Bool

    package init(id: PanelID, property: PropertyID, name: String, isRevoked: Bool = false) {
        self.id = id
        self.property = property
        self.name = name
        self.isRevoked = isRevoked
    }
}

package struct DoorRow: Sendable, Equatable {
    package var id: DoorID
    package var panel: PanelID
    package var name: String

    /// Whether a call from its panel may open it (a manager's word; else the panel's first door).
    package var openFromCall: Bool

    /// Among the panel's doors; the first is what an unlock without a door means.
    package var position: Int

    package init(id: DoorID, panel: PanelID, name: String, openFromCall: Bool, position: Int) {
        self.id = id
        self.panel = panel
        self.name = name
        self.openFromCall = openFromCall
        self.position = position
    }
}

package struct DoorAssignmentRow: Sendable, Equatable {
    package var resident: ResidentID
    package var door: DoorID

    package init(resident: ResidentID, door: DoorID) {
        self.resident = resident
        self.door = door
    }
}

/// A ring group of a unit.
///
/// A unit without any rings those who live in it.
package struct RingGroupRow: Sendable, Equatable {
    package var id: RingGroupID
    package var unit: UnitID
    package var name: String
    package var position: Int
    package var members: [ResidentID]

    package init(
        id: RingGroupID,
        unit: UnitID,
        name: String,
        position: Int,
        members: [ResidentID]
    ) {
        self.id = id
        self.unit = unit
        self.name = name
        self.position = position
        self.members = members
    }
}

/// The SHA-256 of a token, and whose it is.
///
/// The token itself is nowhere.
package struct CredentialRow: Sendable, Equatable {
    package var id: CredentialID
    package var hash: CredentialHash
    package var principal: Principal

    package init(id: CredentialID, hash: CredentialHash, principal: Principal) {
        self.id = id
        self.hash = hash
        self.principal = principal
    }
}

/// A SHA-256 of a token.
package struct CredentialHash: Sendable, Hashable {
    /// Four big-endian words.
    package let words: InlineWords

    package init(_ bytes: some Sequence<UInt8>) {
        var words = InlineWords()
        for (index, byte) in bytes.prefix(32).enumerated() {
            words[index / 8] = (words[index / 8] << 8) | UInt64(byte)
        }
        self.words = words
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(56 - $0 % 8 * 8)) }
    }

    /// 32 bytes without an allocation.
    package struct InlineWords: Sendable, Hashable {
        private var first: UInt64 = 0
        private var second: UInt64 = 0
        private var third: UInt64 = 0
        private var fourth: UInt64 = 0

        subscript(index: Int) -> UInt64 {
            get {
                switch index {
                case 0: first
                case 1: second
                case 2: third
                default: fourth
                }
            }
            set {
                switch index {
                case 0: first = newValue
                case 1: second = newValue
                case 2: third = newValue
                default: fourth = newValue
                }
            }
        }
    }
}

/// Who a socket speaks for.
package enum Principal: Sendable, Hashable {
    case panel(PanelID)
    case device(DeviceID)
}
