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

    /// Whom a unit rings, and whom the panel lists, at an instant.
    private func groups(_ house: House, _ unit: UnitID, at time: Timestamp) -> [[ResidentID]]? {
        house.snapshot.unit(unit)?.groups(at: time)
    }

    private func names(_ house: House, at time: Timestamp) -> [String]? {
        house.snapshot.unit(house.unit)?.names(at: time)
    }

    @Test func `a unit without ring groups rings those who live in it`() {
        #expect(groups(house, house.unit, at: house.time) == [[house.anna, house.bert]])
        #expect(groups(house, house.other, at: house.time) == [[]])
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
            groups(house, house.unit, at: house.time)
                == [[house.bert, house.anna], [house.clara]]
        )
    }

    @Test func `the panel lists who wants to be listed and lives there`() {
        #expect(names(house, at: house.time) == ["Anna A."])
        var moved = house
        moved.change(moved.anna) { $0.isEnabled = false }
        #expect(names(moved, at: house.time) == [])
    }

    @Test func `somebody rings from the first instant of their time to before its last`() {
        var house = house
        let (day, instant) = (Duration.seconds(86_400), Duration.milliseconds(1))
        let (from, until) = (house.time + day, house.time + day + day)
        house.rows.occupancies[0].from = from
        house.rows.occupancies[0].until = until
        let (both, bert) = ([[house.anna, house.bert]], [[house.bert]])
        for (time, expected) in [
            (house.time, bert), (from + (.zero - instant), bert), (from, both),
            (until + (.zero - instant), both), (until, bert), (until + day, bert),
        ] {
            #expect(groups(house, house.unit, at: time) == expected, "at \(time)")
            #expect(names(house, at: time) == (expected == both ? ["Anna A."] : []))
        }
    }

    @Test func `who moves in again is there once`() {
        var house = house
        house.rows.occupancies.append(house.rows.occupancies[0])
        house.rows.occupancies[0].until = house.time + .seconds(10)
        house.rows.occupancies[2].from = house.time + .seconds(5)
        for seconds in [0, 5, 10] {
            let time = house.time + .seconds(seconds)
            #expect(groups(house, house.unit, at: time) == [[house.anna, house.bert]])
            #expect(names(house, at: time) == ["Anna A."])
        }
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
