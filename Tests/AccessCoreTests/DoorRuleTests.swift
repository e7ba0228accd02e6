// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics

@Suite struct DoorRuleTests {
    private static let house = House()

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let who: ResidentID
        let door: DoorID
        let call: PanelID?
        let decision: DoorDecision
    }

    static let rows = [
        Row(
            testDescription: "an assigned door, no call",
            who: house.anna,
            door: house.garageDoor,
            call: nil,
            decision: .allowed
        ),
        Row(
            testDescription: "an assigned door, a call from elsewhere",
            who: house.anna,
            door: house.garageDoor,
            call: house.gate,
            decision: .allowed
        ),
        Row(
            testDescription: "no assignment, no call",
            who: house.bert,
            door: house.gateDoor,
            call: nil,
            decision: .refused(.notPermitted)
        ),
        Row(
            testDescription: "no assignment, in a call of its panel",
            who: house.bert,
            door: house.gateDoor,
            call: house.gate,
            decision: .allowed
        ),
        Row(
            testDescription: "no assignment, in a call of another panel",
            who: house.bert,
            door: house.gateDoor,
            call: house.garage,
            decision: .refused(.notPermitted)
        ),
        Row(
            testDescription: "in a call, but the door is not for calls",
            who: house.bert,
            door: house.plantRoom,
            call: house.gate,
            decision: .refused(.notPermitted)
        ),
        Row(
            testDescription: "somebody from next door learns nothing of it",
            who: house.stranger,
            door: house.gateDoor,
            call: house.gate,
            decision: .refused(.unknownDoor)
        ),
        Row(
            testDescription: "no such door",
            who: house.anna,
            door: .nothing,
            call: house.gate,
            decision: .refused(.unknownDoor)
        ),
        Row(
            testDescription: "nobody known",
            who: .nothing,
            door: house.gateDoor,
            call: house.gate,
            decision: .refused(.unknownDoor)
        ),
    ]

    @Test(arguments: rows)
    func `a door opens for whom it should`(_ row: Row) {
        let decision = Self.house.snapshot.decide(door: row.door, by: row.who, inCallOf: row.call)
        #expect(decision == row.decision)
    }

    @Test(arguments: [ResidentStatus.future, .past])
    func `who does not live there now opens nothing`(_ status: ResidentStatus) {
        var house = Self.house
        house.change(house.anna) { $0.status = status }
        expectNothingOpens(in: house)
    }

    @Test func `a disabled person opens nothing`() {
        var house = Self.house
        house.change(house.anna) { $0.isEnabled = false }
        expectNothingOpens(in: house)
    }

    @Test func `a door of a revoked panel is unknown`() {
        var house = Self.house
        house.rows.panels[1].isRevoked = true
        let decision = house.snapshot.decide(
            door: house.garageDoor,
            by: house.anna,
            inCallOf: nil
        )
        #expect(decision == .refused(.unknownDoor))
    }

    private func expectNothingOpens(in house: House) {
        for door in [house.garageDoor, house.gateDoor] {
            let decision = house.snapshot.decide(
                door: door,
                by: house.anna,
                inCallOf: house.gate
            )
            #expect(decision == .refused(.notPermitted))
        }
    }
}
