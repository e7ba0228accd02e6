// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics

/// A house of two units, two panels of two doors, four people, and a house next door.
struct House {
    var rows = DirectoryRows()
    let time = Timestamp(milliseconds: 1_800_000_000_000)

    let property = PropertyID(high: 1, low: 1)
    let nextDoor = PropertyID(high: 1, low: 2)
    let unit = UnitID(high: 2, low: 1)
    let other = UnitID(high: 2, low: 2)
    let anna = ResidentID(high: 3, low: 1)
    let bert = ResidentID(high: 3, low: 2)
    let clara = ResidentID(high: 3, low: 3)
    let stranger = ResidentID(high: 3, low: 9)
    let phone = DeviceID(high: 4, low: 1)
    let tablet = DeviceID(high: 4, low: 2)
    let bertsPhone = DeviceID(high: 4, low: 3)
    let gate = PanelID(high: 5, low: 1)
    let garage = PanelID(high: 5, low: 2)
    let gateDoor = DoorID(high: 6, low: 1)
    let plantRoom = DoorID(high: 6, low: 2)
    let garageDoor = DoorID(high: 6, low: 3)

    init() {
        rows.version = 7
        rows.properties = [
            PropertyRow(id: property, name: "House", timeZone: "Europe/Berlin"),
            PropertyRow(id: nextDoor, name: "Next door", timeZone: "Europe/Berlin"),
        ]
        rows.units = [
            UnitRow(id: other, property: property, label: "2B"),
            UnitRow(id: unit, property: property, label: "1A"),
        ]
        rows.residents = [
            ResidentRow(id: anna, property: property, name: "Anna", listedAs: "Anna A."),
            ResidentRow(id: bert, property: property, name: "Bert", listedAs: nil),
            ResidentRow(id: clara, property: property, name: "Clara", listedAs: "C."),
            ResidentRow(id: stranger, property: nextDoor, name: "Stranger", listedAs: "S."),
        ]
        rows.occupancies = [anna, bert].enumerated().map { index, resident in
            OccupancyRow(
                id: OccupancyID(high: 7, low: UInt64(index)),
                resident: resident,
                unit: unit,
                from: time
            )
        }
        rows.devices = [
            DeviceRow(id: tablet, resident: anna, name: "Tablet"),
            DeviceRow(id: phone, resident: anna, name: "Phone"),
            DeviceRow(id: bertsPhone, resident: bert, name: "Phone"),
        ]
        rows.panels = [
            PanelRow(id: gate, property: property, name: "Gate"),
            PanelRow(id: garage, property: property, name: "Garage"),
        ]
        rows.doors = [
            DoorRow(
                id: plantRoom,
                panel: gate,
                name: "Plant room",
                openFromCall: false,
                position: 1
            ),
            DoorRow(id: gateDoor, panel: gate, name: "Gate", openFromCall: true, position: 0),
            DoorRow(
                id: garageDoor,
                panel: garage,
                name: "Garage",
                openFromCall: true,
                position: 0
            ),
        ]
        rows.doorAssignments = [DoorAssignmentRow(resident: anna, door: garageDoor)]
    }

    var snapshot: DirectorySnapshot { DirectorySnapshot(rows) }

    mutating func change(_ resident: ResidentID, _ body: (inout ResidentRow) -> Void) {
        for index in rows.residents.indices where rows.residents[index].id == resident {
            body(&rows.residents[index])
        }
    }
}
