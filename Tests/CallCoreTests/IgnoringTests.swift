// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct IgnoringTests: AtTheDoor {
    let house = Household([[Cast.anna, Cast.bert]])

    @Test func `a device ignores: ringing, that person's devices fall silent`() {
        panel.presses()
        #expect(
            annasTablet.ignores() == [
                "record ignored anna.tablet", "answer ok",
                "tell anna.phone: ringing silent ignored",
                "tell anna.tablet: ringing silent ignored",
                "silence push: anna.phone anna.tablet", "cancel push: anna.phone anna.tablet",
            ]
        )
        #expect(bert.sees == "ringing ringing")
    }

    @Test func `all people offered have ignored, none left: else ended(missed)`() {
        panel.presses()
        anna.ignores()
        #expect(
            bert.ignores() == [
                "record ignored bert.phone", "answer ok", "record ended missed", "disconnect",
                "tell panel: ended missed", "tell anna.phone: ended out missed",
                "tell anna.tablet: ended out missed", "tell bert.phone: ended out missed",
                "silence push: anna.phone anna.tablet bert.phone",
                "missed push: anna.phone anna.tablet bert.phone",
            ]
        )
    }

    @Test func `people count, not devices: one person's two devices do not ignore for two`() {
        panel.presses()
        anna.ignores()
        #expect(annasTablet.ignores() == ["answer ok"])
        #expect(house.call.phase == .ringing)
        #expect(house.log.count == 3)
    }

    @Test func `who ignored it declines after all: under first it ends the call`() {
        panel.presses()
        anna.ignores()
        annasTablet.declines()
        #expect(house.call.outcome == .declined)
    }

    @Test func `who ignored it says that it rings: written down, still silent`() {
        panel.presses()
        anna.ignores()
        #expect(
            annasTablet.rings() == [
                "record rang anna.tablet", "answer ok", "tell panel: ringing",
            ]
        )
        #expect(annasTablet.sees == "ringing silent ignored")
    }
}
