// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct PresenceTests: AtTheDoor {
    let house = Household(
        Cast.plan([[Cast.anna], [Cast.bert]], ring: .seconds(60))
    )

    private func talk() {
        panel.presses()
        at(.seconds(5))
        anna.answers()
    }

    @Test func `a party's socket is lost: the other is told, and that it is back`() {
        talk()
        at(.seconds(20))
        #expect(
            anna.isLost() == ["record lost resident", "tell panel: the other is gone, 15000 ms"]
        )
        at(.milliseconds(34_999))
        #expect(
            anna.returns() == [
                "record returned resident", "tell panel: the other is back",
                "connect anna.phone",
            ]
        )
        #expect(at(.seconds(120)) == [])
    }

    @Test func `a party's socket is lost, else ended(dropped)`() {
        talk()
        anna.isLost()
        #expect(
            at(.seconds(20)) == [
                "record ended dropped", "disconnect",
                "tell panel: ended by anna.phone dropped",
                "tell anna.phone: ended out by anna.phone dropped",
                "tell anna.tablet: ended out answeredElsewhere by anna.phone dropped",
            ]
        )
    }

    @Test func `a party's socket is lost, or ended(panelLost) where it was the panel`() {
        talk()
        #expect(
            panel.isLost() == ["record lost panel", "tell resident: the other is gone, 15000 ms"]
        )
        #expect(at(.seconds(20)).first == "record ended panelLost")
    }

    @Test func `lost twice is one grace, not a longer one`() {
        talk()
        panel.isLost()
        at(.seconds(15))
        #expect(panel.isLost() == [])
        #expect(at(.seconds(20)).first == "record ended panelLost")
    }

    @Test func `both are lost, one comes back: the other's grace runs on`() {
        talk()
        panel.isLost()
        at(.seconds(10))
        anna.isLost()
        #expect(panel.returns().first == "record returned panel")
        #expect(at(.seconds(25)).first == "record ended dropped")
    }

    @Test func `a socket replaced without a loss is connected again and nobody is told`() {
        talk()
        #expect(anna.returns() == ["connect anna.phone"])
        #expect(panel.returns() == ["connect anna.phone"])
    }

    @Test func `the sockets of other devices do not matter to those who talk`() {
        talk()
        #expect(annasTablet.isLost() == [])
        #expect(annasTablet.returns() == [])
        #expect(stranger.isLost() == [])
    }

    @Test func `the panel is gone while it rings: it rings on, and ends beyond its grace`() {
        panel.presses()
        at(.seconds(3))
        #expect(panel.isLost() == ["record lost panel"])
        #expect(panel.isLost() == [])
        #expect(at(.milliseconds(17_999)) == ["record offered 1", "offer bert.phone"])
        #expect(
            at(.seconds(18)) == [
                "record ended panelLost", "disconnect", "tell panel: ended panelLost",
                "tell anna.phone: ended out panelLost",
                "tell anna.tablet: ended out panelLost",
                "tell bert.phone: ended out panelLost",
                "silence push: anna.phone anna.tablet bert.phone",
                "cancel push: anna.phone anna.tablet bert.phone",
            ]
        )
    }

    @Test func `the panel comes back while it rings: the ring goes on`() {
        panel.presses()
        panel.isLost()
        at(.seconds(10))
        #expect(panel.returns() == ["record returned panel"])
        #expect(panel.returns() == [])
        at(.seconds(59))
        #expect(house.call.phase == .ringing)
    }

    @Test func `answered while the panel is gone: its grace runs on, and the resident is told`() {
        panel.presses()
        at(.seconds(3))
        panel.isLost()
        at(.seconds(8))
        #expect(anna.answers().last == "tell resident: the other is gone, 10000 ms")
        #expect(at(.milliseconds(17_999)) == [])
        #expect(at(.seconds(18)).first == "record ended panelLost")
    }

    @Test func `answered while the panel is gone, and it comes back: they talk`() {
        panel.presses()
        panel.isLost()
        anna.answers()
        #expect(
            panel.returns() == [
                "record returned panel", "tell resident: the other is back",
                "connect anna.phone",
            ]
        )
    }

    @Test func `the panel is back without memory of the call: ended(panelLost)`() {
        panel.presses()
        #expect(panel.returnsWithoutMemory().first == "record ended panelLost")
        let talking = Household()
        PanelHand(house: talking).presses()
        talking.sends(.answered(Cast.annasPhone))
        #expect(
            talking.sends(.panelForgot) == [
                "record ended panelLost", "disconnect",
                "tell panel: ended by anna.phone panelLost",
                "tell anna.phone: ended out by anna.phone panelLost",
                "tell anna.tablet: ended out answeredElsewhere by anna.phone panelLost",
                "tell bert.phone: ended out answeredElsewhere by anna.phone panelLost",
            ]
        )
    }
}
