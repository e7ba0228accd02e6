// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleStorage
import VestibuleTestKit

@Suite struct BuildingTests {
    private let shape = BuildingShape(
        units: 3,
        residentsPerUnit: 2,
        devicesPerResident: 2,
        panels: 2,
        doorsPerPanel: 3
    )

    @Test func `a building has the shape that was asked for`() {
        let rows = SeededBuilding(seed: 1, shape: shape).rows
        #expect(rows.properties.count == 1 && rows.units.count == 3)
        #expect(rows.residents.count == 6 && rows.occupancies.count == 6)
        #expect(rows.devices.count == 12 && rows.panels.count == 2 && rows.doors.count == 6)
        #expect(rows.doorAssignments.count == 36, "everybody is assigned every door")
        #expect(rows.doors.allSatisfy { $0.openFromCall })
        #expect(rows.credentials.count == 14)
        #expect(rows.units.map(\.label) == ["1A", "1B", "1C"])
    }

    @Test func `one seed gives one building, another seed another`() {
        let first = SeededBuilding(seed: 1, shape: shape)
        let again = SeededBuilding(seed: 1, shape: shape)
        #expect(first.rows == again.rows && first.tokens == again.tokens)
        #expect(first.rows != SeededBuilding(seed: 2, shape: shape).rows)
    }

    @Test func `each panel and device is issued a token of its own, and only its hash is kept`() {
        var issued: [Principal: String] = [:]
        var random = SeededGenerator(seed: 3)
        let building = Building.make(
            shape: shape,
            at: Timestamp(milliseconds: 1),
            using: &random,
            issue: { principal, _ in
                let token = "token \(issued.count)"
                issued[principal] = token
                return (token, SeededBuilding.hash(token))
            }
        )
        #expect(issued.count == 14 && building.tokens == issued)
        let snapshot = DirectorySnapshot(building.rows)
        for (principal, token) in building.tokens {
            #expect(snapshot.principal(SeededBuilding.hash(token)) == principal)
        }
    }

    @Test func `an empty shape is a property without anything`() {
        let rows = SeededBuilding(
            seed: 4,
            shape: BuildingShape(
                units: 0,
                residentsPerUnit: -1,
                devicesPerResident: 0,
                panels: 0,
                doorsPerPanel: 0
            )
        ).rows
        #expect(rows.properties.count == 1 && rows.units.isEmpty && rows.credentials.isEmpty)
    }

    @Test func `everybody of a large building can be told apart`() {
        let rows = SeededBuilding(
            seed: 5,
            shape: BuildingShape(units: 100, devicesPerResident: 3, panels: 6)
        ).rows
        #expect(Set(rows.residents.map(\.name)).count == 200)
        #expect(Set(rows.units.map(\.label)).count == 100)
        #expect(Set(rows.panels.map(\.name)).count == 6)
    }
}
