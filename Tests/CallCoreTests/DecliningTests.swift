// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct DecliningTests: AtTheDoor {
    let house = Household([[Cast.anna, Cast.bert], [Cast.porter]], policy: .all)

    private func first() -> Household {
        let house = Household([[Cast.anna, Cast.bert], [Cast.porter]], policy: .first)
        PanelHand(house: house).presses()
        return house
    }

    private static let declinedByAnna = [
        "record declined anna.phone", "record ended declined", "disconnect", "answer ok",
        "tell panel: ended declined", "tell anna.phone: ended out declined",
        "tell anna.tablet: ended out declined", "tell bert.phone: ended out declined",
        "silence push: anna.phone anna.tablet bert.phone",
        "cancel push: anna.phone anna.tablet bert.phone",
    ]

    @Test func `a resident declines under first: ended(declined), whatever groups wait`() {
        #expect(first().sends(.declined(Cast.annasPhone)) == Self.declinedByAnna)
    }

    @Test func `while it rings, hangup is decline`() {
        #expect(first().sends(.hungUp(Cast.annasPhone)) == Self.declinedByAnna)
    }

    @Test func `a device declines under all: that person's devices fall silent, it rings on`() {
        panel.presses()
        #expect(
            anna.declines() == [
                "record declined anna.phone", "answer ok",
                "tell anna.phone: ringing silent declined",
                "tell anna.tablet: ringing silent declined",
                "silence push: anna.phone anna.tablet", "cancel push: anna.phone anna.tablet",
            ]
        )
        #expect(bert.sees == "ringing ringing")
    }

    @Test func `all people offered have declined: the next ring group is offered at once`() {
        panel.presses()
        anna.declines()
        at(.seconds(5))
        #expect(
            bert.declines() == [
                "record declined bert.phone", "answer ok",
                "tell bert.phone: ringing silent declined", "silence push: bert.phone",
                "cancel push: bert.phone",
                "record offered 1", "offer porter.desk",
            ]
        )
    }

    @Test func `with none left, ended(declined) if any declined`() {
        panel.presses()
        anna.declines()
        bert.ignores()
        #expect(
            porter.ignores() == [
                "record ignored porter.desk", "answer ok", "record ended declined",
                "disconnect", "tell panel: ended declined",
                "tell anna.phone: ended out declined", "tell anna.tablet: ended out declined",
                "tell bert.phone: ended out declined", "tell porter.desk: ended out declined",
                "silence push: anna.phone anna.tablet bert.phone porter.desk",
                "cancel push: anna.phone anna.tablet bert.phone porter.desk",
            ]
        )
    }

    @Test func `one person's two declines are one`() {
        panel.presses()
        anna.declines()
        #expect(annasTablet.declines() == ["answer ok"])
        #expect(house.call.phase == .ringing)
    }

    @Test func `who ignored it on the phone may decline it on the tablet`() {
        panel.presses()
        anna.ignores()
        #expect(
            annasTablet.declines() == [
                "record declined anna.tablet", "answer ok",
                "tell anna.phone: ringing silent declined",
                "tell anna.tablet: ringing silent declined",
                "silence push: anna.phone anna.tablet", "cancel push: anna.phone anna.tablet",
            ]
        )
        bert.ignores()
        porter.ignores()
        #expect(house.call.outcome == .declined)
    }

    @Test func `a decline is not taken back by ignoring on another device`() {
        panel.presses()
        anna.declines()
        #expect(annasTablet.ignores() == ["answer ok"])
        #expect(annasTablet.sees == "ringing silent declined")
        bert.ignores()
        porter.ignores()
        #expect(house.call.outcome == .declined)
    }

    @Test func `a decline counts though its person is disabled since`() {
        panel.presses()
        anna.declines()
        house.disables(Cast.anna)
        bert.ignores()
        porter.ignores()
        #expect(house.call.outcome == .declined)
    }

    @Test func `the ring timer: ended(missed), though somebody declined`() {
        panel.presses()
        anna.declines()
        at(.seconds(30))
        #expect(house.call.outcome == .missed)
    }
}
