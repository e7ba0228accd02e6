// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct RingingTests: AtTheDoor {
    let house = Household()

    @Test
    func `the panel starts a call to a unit: recorded, all offered it, the panel hears ringing`() {
        #expect(
            panel.presses() == [
                "record started", "answer ok", "record offered 0",
                "offer anna.phone anna.tablet bert.phone", "tell panel: ringing",
            ]
        )
        #expect(house.call.ringRemaining(at: house.now) == .seconds(30))
        #expect(anna.sees == "ringing ringing")
        #expect(stranger.sees == nil)
    }

    @Test func `another panel calls a unit that is in a call: all are offered it`() {
        panel.presses()
        anna.answers()
        let gate = PanelHand(house: Household())
        #expect(gate.presses().contains("offer anna.phone anna.tablet bert.phone"))
        #expect(anna.sees == "active talking by anna.phone")
    }

    @Test func `start, nobody eligible in any group: ended(unreachable), recorded`() {
        let skipped = [SkippedPerson(resident: Cast.anna, reason: .disabled)]
        let empty = PanelHand(house: Household(Cast.plan([], skipped: skipped)))
        #expect(
            empty.presses() == [
                "record started", "record ended unreachable", "disconnect", "answer ok",
                "tell panel: ended unreachable",
            ]
        )
    }

    @Test
    func `start, quiet hours alone prevented it: ended(missed), the panel hears unreachable`() {
        let skipped = [
            SkippedPerson(resident: Cast.anna, reason: .quietHours),
            SkippedPerson(resident: Cast.bert, reason: .noDevice),
            SkippedPerson(resident: Cast.clara, reason: .quietHours),
            SkippedPerson(resident: Cast.anna, reason: .quietHours),
        ]
        let quiet = PanelHand(house: Household(Cast.plan([], skipped: skipped)))
        #expect(
            quiet.presses() == [
                "record started", "record ended missed", "disconnect", "answer ok",
                "tell panel: ended unreachable", "missed after quiet hours: anna clara",
            ]
        )
        #expect(quiet.house.call.outcome == .missed)
        #expect(quiet.sees == "ended unreachable")
    }

    @Test func `quiet hours of one person keep the call from nobody else`() {
        let skipped = [SkippedPerson(resident: Cast.anna, reason: .quietHours)]
        let house = Household(Cast.plan([[Cast.bert]], skipped: skipped))
        #expect(PanelHand(house: house).presses().contains("offer bert.phone"))
        #expect(
            house.at(.seconds(30)) == [
                "record ended missed", "disconnect", "tell panel: ended missed",
                "tell bert.phone: ended out missed", "silence push: bert.phone",
                "missed push: bert.phone",
            ]
        )
    }

    @Test func `a device says it rings: the first one, and the panel is told`() {
        panel.presses()
        at(.milliseconds(300))
        #expect(
            bert.rings() == ["record rang bert.phone", "answer ok", "tell panel: ringing"]
        )
        #expect(anna.rings() == ["record rang anna.phone", "answer ok"])
    }

    @Test func `a device that says it again is written down once`() {
        panel.presses()
        bert.rings()
        #expect(bert.rings() == ["answer ok"])
    }

    @Test func `whom it was not offered to does not know the call`() {
        panel.presses()
        for told in [
            stranger.rings(), stranger.answers(), stranger.declines(), stranger.ignores(),
            stranger.previews(), stranger.hangsUp(),
        ] {
            #expect(told == ["answer unknown_call"])
        }
    }

    @Test func `the ring timer: ended(missed), a missed-call push, the panel shows it`() {
        panel.presses()
        #expect(at(.milliseconds(29_999)) == [])
        #expect(
            at(.seconds(30)) == [
                "record ended missed", "disconnect", "tell panel: ended missed",
                "tell anna.phone: ended out missed", "tell anna.tablet: ended out missed",
                "tell bert.phone: ended out missed",
                "silence push: anna.phone anna.tablet bert.phone",
                "missed push: anna.phone anna.tablet bert.phone",
            ]
        )
        #expect(house.call.nextDeadline == nil)
    }

    @Test func `the guest cancels: ended(cancelled), all devices stop ringing at once`() {
        panel.presses()
        at(.seconds(3))
        #expect(
            panel.cancels() == [
                "record ended cancelled", "disconnect", "answer ok",
                "tell panel: ended cancelled", "tell anna.phone: ended out cancelled",
                "tell anna.tablet: ended out cancelled",
                "tell bert.phone: ended out cancelled",
                "silence push: anna.phone anna.tablet bert.phone",
                "cancel push: anna.phone anna.tablet bert.phone",
            ]
        )
    }

    @Test func `time that passes before its deadline does nothing`() {
        panel.presses()
        #expect(house.sends(.timePassed) == [])
    }

    @Test func `what is left of the ring never falls below zero, and is nothing after it`() {
        panel.presses()
        at(.seconds(12))
        #expect(house.call.ringRemaining(at: house.now) == .seconds(18))
        let late = Now(moment: house.now.moment + .seconds(60), time: house.now.time)
        #expect(house.call.ringRemaining(at: late) == .zero)
        anna.answers()
        #expect(house.call.ringRemaining(at: house.now) == nil)
    }

    @Test(arguments: [(nil, 30), (5, 10), (10, 10), (45, 45), (120, 120), (500, 120)])
    func `it rings 30 s unless the property says otherwise, 10 to 120`(
        _ chosen: Int?,
        _ seconds: Int
    ) {
        let plan = Cast.plan([[Cast.anna]], ring: chosen.map { .seconds($0) })
        let house = Household(plan)
        PanelHand(house: house).presses()
        house.at(.seconds(seconds) - .milliseconds(1))
        #expect(house.call.phase == .ringing)
        house.at(.seconds(seconds))
        #expect(house.call.outcome == .missed)
    }
}
