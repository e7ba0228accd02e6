// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct RingGroupTests: AtTheDoor {
    let house = Household(
        Cast.plan([[Cast.anna], [Cast.bert], [Cast.porter]], ring: .seconds(60))
    )

    @Test func `the ring group's time is up: the next group is offered it, earlier ones ring on`() {
        #expect(
            panel.presses() == [
                "record started", "answer ok", "record offered 0",
                "offer anna.phone anna.tablet", "tell panel: ringing",
            ]
        )
        #expect(bert.answers() == ["answer unknown_call"])
        #expect(at(.seconds(15)) == ["record offered 1", "offer bert.phone"])
        #expect(at(.seconds(30)) == ["record offered 2", "offer porter.desk"])
        #expect(anna.sees == "ringing ringing")
        #expect(at(.milliseconds(59_999)) == [])
        at(.seconds(60))
        #expect(house.call.outcome == .missed)
    }

    @Test func `a group that is offered it at once has its own full time`() {
        panel.presses()
        at(.seconds(10))
        #expect(anna.ignores().suffix(2) == ["record offered 1", "offer bert.phone"])
        #expect(at(.milliseconds(24_999)) == [])
        #expect(at(.seconds(25)) == ["record offered 2", "offer porter.desk"])
    }

    @Test func `an earlier group that answers stops a later one too`() {
        panel.presses()
        at(.seconds(15))
        #expect(
            anna.answers().suffix(5) == [
                "tell anna.phone: active talking by anna.phone",
                "tell anna.tablet: active out answeredElsewhere by anna.phone",
                "tell bert.phone: active out answeredElsewhere by anna.phone",
                "silence push: anna.phone anna.tablet bert.phone",
                "cancel push: anna.tablet bert.phone",
            ]
        )
        #expect(porter.sees == nil)
        #expect(at(.seconds(100)) == [])
    }

    @Test func `group timer and ring timer at the same instant: ended(missed), nobody rings late`()
    {
        let house = Household([[Cast.anna], [Cast.bert], [Cast.porter]])
        PanelHand(house: house).presses()
        #expect(house.at(.seconds(15)) == ["record offered 1", "offer bert.phone"])
        #expect(house.at(.seconds(30)).first == "record ended missed")
    }

    @Test func `all of the second group are removed before their turn: the third is offered it`() {
        panel.presses()
        #expect(house.disables(Cast.bert) == ["record removed bert"])
        #expect(
            at(.seconds(15)) == ["record offered 1", "record offered 2", "offer porter.desk"]
        )
        #expect(bert.sees == nil)
        #expect(bert.answers() == ["answer unknown_call"])
    }

    @Test func `of two groups all of the second are removed: the first has the whole ring`() {
        let house = Household([[Cast.anna], [Cast.bert]])
        PanelHand(house: house).presses()
        house.disables(Cast.bert)
        #expect(house.at(.seconds(15)) == ["record offered 1"])
        #expect(house.at(.milliseconds(29_999)) == [])
        #expect(house.at(.seconds(30)).first == "record ended missed")
    }

    @Test func `nobody is left in any group that waits: ended at once`() {
        panel.presses()
        house.disables(Cast.bert)
        house.disables(Cast.porter)
        #expect(
            anna.ignores() == [
                "record ignored anna.phone", "answer ok",
                "tell anna.phone: ringing silent ignored",
                "tell anna.tablet: ringing silent ignored",
                "silence push: anna.phone anna.tablet", "cancel push: anna.phone anna.tablet",
                "record offered 1", "record offered 2",
                "record ended missed", "disconnect", "tell panel: ended missed",
                "tell anna.phone: ended out missed", "tell anna.tablet: ended out missed",
                "silence push: anna.phone anna.tablet", "missed push: anna.phone anna.tablet",
            ]
        )
    }

    @Test func `a person in two groups is offered the call once`() {
        let house = Household([[Cast.anna], [Cast.anna, Cast.bert]])
        PanelHand(house: house).presses()
        #expect(house.at(.seconds(15)) == ["record offered 1", "offer bert.phone"])
        #expect(house.call.offered.map(\.resident) == [Cast.anna, Cast.bert])
    }

    @Test func `who ignored it in the first group is not rung again in the second`() {
        let house = Household([[Cast.anna], [Cast.anna, Cast.bert]])
        PanelHand(house: house).presses()
        #expect(
            house.sends(.ignored(Cast.annasPhone)).suffix(2) == [
                "record offered 1", "offer bert.phone",
            ]
        )
        house.sends(.ignored(Cast.bertsPhone))
        #expect(house.call.outcome == .missed)
    }

    @Test func `a device removed before its group's turn stays silent, its person is offered it`() {
        let house = Household([[Cast.bert], [Cast.anna]])
        PanelHand(house: house).presses()
        #expect(
            house.sends(.deviceRemoved(Cast.annasTablet.device)) == [
                "record removed anna.tablet"
            ]
        )
        #expect(house.at(.seconds(15)) == ["record offered 1", "offer anna.phone"])
        #expect(house.call.view(for: Cast.annasTablet.device) == nil)
    }

    @Test func `a process that stood still for a minute offers one group, not all at once`() {
        let limits = CallLimits()
        let plan = Cast.plan(
            [[Cast.anna], [Cast.bert], [Cast.porter]],
            ring: .seconds(120),
            limits: limits
        )
        let house = Household(plan)
        PanelHand(house: house).presses()
        #expect(
            house.standsStill(until: .seconds(60)) == ["record offered 1", "offer bert.phone"]
        )
        #expect(house.at(.milliseconds(74_999)) == [])
        #expect(house.at(.seconds(75)) == ["record offered 2", "offer porter.desk"])
    }

    @Test func `a process that stood still beyond the ring ends it once`() {
        panel.presses()
        let told = house.standsStill(until: .seconds(61))
        #expect(told.filter { $0.hasPrefix("record") } == ["record ended missed"])
        #expect(house.sends(.timePassed) == [])
    }
}
