// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct RemovalTests: AtTheDoor {
    let house = Household([[Cast.anna, Cast.bert], [Cast.porter]], policy: .all)

    @Test func `ringing, a resident disabled: silent there`() {
        panel.presses()
        #expect(
            house.disables(Cast.anna) == [
                "record removed anna", "tell anna.phone: ringing out revoked",
                "tell anna.tablet: ringing out revoked", "silence push: anna.phone anna.tablet",
                "cancel push: anna.phone anna.tablet",
            ]
        )
        #expect(anna.answers() == ["answer not_permitted"])
        #expect(anna.sees == "ringing out revoked")
    }

    @Test func `ringing, a device revoked or signed out: silent there, its person rings on`() {
        panel.presses()
        #expect(
            anna.isRevoked() == [
                "record removed anna.phone", "tell anna.phone: ringing out revoked",
                "silence push: anna.phone", "cancel push: anna.phone",
            ]
        )
        #expect(annasTablet.sees == "ringing ringing")
    }

    @Test func `nobody left: as when all have declined or ignored, the next group is offered it`() {
        panel.presses()
        anna.ignores()
        #expect(
            house.disables(Cast.bert) == [
                "record removed bert", "tell bert.phone: ringing out revoked",
                "silence push: bert.phone", "cancel push: bert.phone", "record offered 1",
                "offer porter.desk",
            ]
        )
    }

    @Test func `nobody left at all: ended(missed), and there is nobody to tell`() {
        panel.presses()
        house.disables(Cast.anna)
        house.disables(Cast.bert)
        #expect(
            porter.isRevoked() == [
                "record removed porter.desk", "tell porter.desk: ringing out revoked",
                "silence push: porter.desk", "cancel push: porter.desk", "record ended missed",
                "disconnect",
                "tell panel: ended missed",
            ]
        )
    }

    @Test func `the last device of a person takes the person along`() {
        let house = Household([[Cast.anna]])
        PanelHand(house: house).presses()
        house.sends(.deviceRemoved(Cast.annasPhone.device))
        #expect(house.call.phase == .ringing)
        house.sends(.deviceRemoved(Cast.annasTablet.device))
        #expect(house.call.outcome == .missed)
    }

    @Test func `removed twice is written down once`() {
        panel.presses()
        house.disables(Cast.anna)
        let before = house.call
        #expect(house.disables(Cast.anna) == [])
        #expect(anna.isRevoked() == [])
        #expect(house.disables(Cast.stranger) == [])
        #expect(house.call == before)
    }

    @Test func `removed while its group waits: written down once`() {
        panel.presses()
        #expect(house.disables(Cast.porter) == ["record removed porter"])
        #expect(house.disables(Cast.porter) == [])
        #expect(porter.isRevoked() == [])
    }

    @Test func `active, the answering resident is disabled or its grant revoked: ended(revoked)`() {
        let removals: [CallInput] = [
            .personRemoved(Cast.anna), .deviceRemoved(Cast.annasPhone.device),
        ]
        for removal in removals {
            let house = Household()
            PanelHand(house: house).presses()
            house.sends(.answered(Cast.annasPhone))
            #expect(
                house.sends(removal) == [
                    "record ended revoked", "disconnect",
                    "tell panel: ended by anna.phone revoked",
                    "tell anna.phone: ended out by anna.phone revoked",
                    "tell anna.tablet: ended out answeredElsewhere by anna.phone revoked",
                    "tell bert.phone: ended out answeredElsewhere by anna.phone revoked",
                ]
            )
            house.restarts(at: .seconds(20))
            #expect(house.call.outcome == .revoked)
            #expect(house.call.answeredBy == Cast.annasPhone)
        }
    }

    @Test func `active, somebody else is disabled: only they are told`() {
        panel.presses()
        anna.answers()
        #expect(
            house.disables(Cast.bert) == [
                "record removed bert", "tell bert.phone: active out revoked by anna.phone",
            ]
        )
        #expect(house.disables(Cast.bert) == [])
        #expect(
            annasTablet.isRevoked() == [
                "record removed anna.tablet",
                "tell anna.tablet: active out revoked by anna.phone",
            ]
        )
        #expect(house.disables(Cast.porter) == [])
        let before = house.call
        #expect(house.disables(Cast.porter) == [])
        #expect(house.call == before)
    }

    @Test func `live, panel revoked or deleted: ended(revoked)`() {
        panel.presses()
        #expect(panel.isRevoked().first == "record ended revoked")
        let talking = Household()
        PanelHand(house: talking).presses()
        talking.sends(.answered(Cast.annasPhone))
        #expect(talking.sends(.panelRevoked).first == "record ended revoked")
    }
}
