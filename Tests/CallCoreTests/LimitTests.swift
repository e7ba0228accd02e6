// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct LimitTests: AtTheDoor {
    let house = Household([[Cast.anna]])

    private func talk() {
        panel.presses()
        at(.seconds(10))
        anna.answers()
    }

    @Test func `the longest allowed duration: a warning 15 s before, then ended(limit)`() {
        talk()
        #expect(at(.milliseconds(594_999)) == [])
        #expect(at(.seconds(595)) == ["warn: 15000 ms"])
        #expect(at(.milliseconds(609_999)) == [])
        #expect(
            at(.seconds(610)) == [
                "record ended limit", "disconnect", "tell panel: ended by anna.phone limit",
                "tell anna.phone: ended out by anna.phone limit",
                "tell anna.tablet: ended out answeredElsewhere by anna.phone limit",
            ]
        )
    }

    @Test func `a process that stood still warns of what is left`() {
        talk()
        #expect(house.standsStill(until: .seconds(600)) == ["warn: 10000 ms"])
        #expect(house.sends(.timePassed) == [])
    }

    @Test func `a process that stood still beyond the limit ends without a warning`() {
        talk()
        #expect(house.standsStill(until: .seconds(700)).first == "record ended limit")
    }

    @Test func `a warning as long as the call itself is not given`() {
        var limits = CallLimits()
        limits.duration = .seconds(15)
        let short = Household([[Cast.anna]], limits: limits)
        PanelHand(house: short).presses()
        short.sends(.answered(Cast.annasPhone))
        #expect(short.at(.seconds(15)).first == "record ended limit")
    }

    @Test func `a warning as long as the call itself is not given after a restart either`() {
        var limits = CallLimits()
        limits.duration = .seconds(10)
        let short = Household([[Cast.anna]], limits: limits)
        PanelHand(house: short).presses()
        short.sends(.answered(Cast.annasPhone))
        short.restarts(at: .seconds(1))
        short.sends(.panelReturned)
        short.sends(.deviceReturned(Cast.annasPhone.device))
        #expect(short.at(.seconds(11)).first == "record ended limit")
    }

    @Test func `the times of a plan are those of the limits it began with`() {
        var limits = CallLimits()
        limits.group = .milliseconds(1_500)
        limits.grace = .seconds(2)
        limits.duration = .seconds(3)
        limits.warning = .seconds(4)
        limits.ringAfterRestart = .seconds(5)
        let times = CallTimes(limits: limits, ring: .seconds(40))
        #expect(times.ring == 40_000)
        #expect(times.group == 1_500)
        #expect(times.grace == 2_000)
        #expect(times.duration == 3_000)
        #expect(times.warning == 4_000)
        #expect(times.ringAfterRestart == 5_000)
    }

    @Test func `the server's own ring time is not held to what a property may choose`() {
        var limits = CallLimits()
        limits.ring = .milliseconds(200)
        #expect(CallTimes(limits: limits, ring: nil).ring == 200)
    }
}
