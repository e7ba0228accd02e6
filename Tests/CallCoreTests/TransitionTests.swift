// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct TransitionTests {
    enum Start: CaseIterable {
        case ringing
        case ringingUnderAll
        case ringingWithoutPanel
        case active
        case activeWithoutPanel
        case activeWithoutResident
        case ended

        var house: Household {
            let house = Household(policy: self == .ringingUnderAll ? .all : .first)
            PanelHand(house: house).presses()
            switch self {
            case .ringing, .ringingUnderAll: break
            case .ringingWithoutPanel: house.sends(.panelLost)
            case .active: house.sends(.answered(Cast.annasPhone))
            case .activeWithoutPanel:
                house.sends(.answered(Cast.annasPhone))
                house.sends(.panelLost)
            case .activeWithoutResident:
                house.sends(.answered(Cast.annasPhone))
                house.sends(.deviceLost(Cast.annasPhone.device))
            case .ended: house.sends(.panelHungUp)
            }
            return house
        }
    }

    @Test(arguments: TransitionTable.rows)
    func `every input in every state leads where the table says`(_ row: TransitionTable.Row) {
        for (start, expected) in row.outcomes {
            let house = start.house
            let told = house.sends(row.input)
            #expect(
                Telling.outcome(of: house.call, after: told) == expected,
                "from \(start)"
            )
        }
    }

    @Test func `the table has every input in every state`() {
        let kinds = TransitionTable.rows.map { TransitionTable.Kind($0.input) }
        #expect(Set(kinds) == Set(TransitionTable.Kind.allCases))
        for row in TransitionTable.rows {
            #expect(Set(row.outcomes.map(\.0)) == Set(Start.allCases), "\(row.input)")
        }
    }

    @Test(arguments: [
        (Start.ringing, 30_000, "ended(missed), ended missed"),
        (.ringingUnderAll, 30_000, "ended(missed), ended missed"),
        (.ringingWithoutPanel, 15_000, "ended(panelLost), ended panelLost"),
        (.active, 585_000, "active"),
        (.activeWithoutPanel, 15_000, "ended(panelLost), ended panelLost"),
        (.activeWithoutResident, 15_000, "ended(dropped), ended dropped"),
    ])
    func `the first deadline of each state leads where the table says`(
        _ start: Start,
        _ milliseconds: Int,
        _ expected: String
    ) throws {
        let house = start.house
        let deadline = try #require(house.call.nextDeadline)
        #expect(deadline - house.now.moment == .milliseconds(milliseconds))
        let told = house.at(.milliseconds(milliseconds))
        #expect(Telling.outcome(of: house.call, after: told) == expected)
    }
}
