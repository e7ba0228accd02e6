// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics

@Suite struct SnapshotTests {
    private let house = House()

    @Test func `a snapshot finds what is in it, and nothing else`() {
        let snapshot = house.snapshot
        #expect(snapshot.version == 7 && snapshot.properties.count == 2)
        #expect(snapshot.property(house.property)?.name == "House")
        #expect(snapshot.unit(house.unit)?.label == "1A")
        #expect(snapshot.panel(house.gate)?.name == "Gate")
        #expect(snapshot.door(house.gateDoor)?.panel == house.gate)
        #expect(snapshot.resident(of: house.phone)?.id == house.anna)
        #expect(snapshot.property(.nothing) == nil && snapshot.unit(.nothing) == nil)
        #expect(snapshot.panel(.nothing) == nil && snapshot.door(.nothing) == nil)
        #expect(snapshot.device(.nothing) == nil && snapshot.resident(.nothing) == nil)
    }

    @Test func `units stand in the order of their labels, doors in that of their panel`() {
        let snapshot = house.snapshot
        #expect(snapshot.property(house.property)?.units == [house.unit, house.other])
        #expect(snapshot.panel(house.gate)?.doors == [house.gateDoor, house.plantRoom])
    }

    @Test func `a unit without ring groups rings those who live in it`() {
        #expect(house.snapshot.unit(house.unit)?.groups == [[house.anna, house.bert]])
        #expect(house.snapshot.unit(house.other)?.groups == [[]])
    }

    @Test func `ring groups replace the household, in their order`() {
        var house = house
        house.rows.ringGroups = [
            RingGroupRow(
                id: RingGroupID(high: 8, low: 1),
                unit: house.unit,
                name: "Concierge",
                position: 1,
                members: [house.clara]
            ),
            RingGroupRow(
                id: RingGroupID(high: 8, low: 2),
                unit: house.unit,
                name: "Household",
                position: 0,
                members: [house.bert, house.anna]
            ),
        ]
        #expect(
            house.snapshot.unit(house.unit)?.groups == [[house.bert, house.anna], [house.clara]]
        )
    }

    @Test func `the panel lists who wants to be listed and lives there`() {
        #expect(house.snapshot.unit(house.unit)?.names == ["Anna A."])
        var moved = house
        moved.change(moved.anna) { $0.isEnabled = false }
        #expect(moved.snapshot.unit(moved.unit)?.names == [])
    }

    @Test func `an occupancy that ended counts no longer`() {
        var house = house
        house.rows.occupancies[0].until = house.time
        #expect(house.snapshot.unit(house.unit)?.groups == [[house.bert]])
    }

    @Test func `revoked devices and panels are not there`() {
        var house = house
        house.rows.devices[1].isRevoked = true
        house.rows.panels[0].isRevoked = true
        #expect(house.snapshot.device(house.phone) == nil)
        #expect(house.snapshot.resident(of: house.phone) == nil)
        #expect(house.snapshot.resident(house.anna)?.devices == [house.tablet])
        #expect(house.snapshot.panel(house.gate) == nil)
    }

    @Test func `a token is found by its hash alone`() {
        var house = house
        let bytes = (0..<32).map { UInt8($0) }
        house.rows.credentials = [
            CredentialRow(
                id: .nothing,
                hash: CredentialHash(bytes),
                principal: .panel(house.gate)
            )
        ]
        let snapshot = house.snapshot
        #expect(snapshot.principal(CredentialHash(bytes)) == .panel(house.gate))
        #expect(snapshot.principal(CredentialHash(bytes.reversed())) == nil)
        #expect(CredentialHash(bytes).bytes == bytes)
        #expect(CredentialHash(bytes).hashValue == CredentialHash(bytes).hashValue)
    }
}
