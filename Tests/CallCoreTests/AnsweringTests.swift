// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct AnsweringTests: AtTheDoor {
    let house = Household()

    @Test func `a device answers: active, all others stop ringing and are told who`() {
        panel.presses()
        at(.seconds(4))
        #expect(
            anna.answers() == [
                "record answered anna.phone", "connect anna.phone", "answer ok",
                "tell panel: active by anna.phone",
                "tell anna.phone: active talking by anna.phone",
                "tell anna.tablet: active out answeredElsewhere by anna.phone",
                "tell bert.phone: active out answeredElsewhere by anna.phone",
                "silence push: anna.phone anna.tablet bert.phone",
                "cancel push: anna.tablet bert.phone",
            ]
        )
        #expect(house.call.answeredBy == Cast.annasPhone)
    }

    @Test func `exactly one winner however many race`() {
        panel.presses()
        #expect(bert.answers().contains("connect bert.phone"))
        #expect(anna.answers() == ["answer already_answered by bert.phone"])
        #expect(annasTablet.answers() == ["answer already_answered by bert.phone"])
        #expect(house.log.filter { $0.event == .answered(Cast.bertsPhone) }.count == 1)
    }

    @Test func `the only device there is answers: its own ring is not pushed again`() {
        let house = Household([[Cast.bert]])
        PanelHand(house: house).presses()
        #expect(
            house.sends(.answered(Cast.bertsPhone)) == [
                "record answered bert.phone", "connect bert.phone", "answer ok",
                "tell panel: active by bert.phone",
                "tell bert.phone: active talking by bert.phone", "silence push: bert.phone",
            ]
        )
    }

    @Test func `the winner that answers again, or says late that it rings, is told ok`() {
        panel.presses()
        anna.answers()
        #expect(anna.answers() == ["answer ok"])
        #expect(anna.rings() == ["answer ok"])
    }

    @Test func `who ignored it may still answer`() {
        panel.presses()
        anna.ignores()
        #expect(anna.answers().first == "record answered anna.phone")
    }

    @Test func `an answer in the last millisecond wins, one at the ring's end is too late`() {
        panel.presses()
        at(.milliseconds(29_999))
        #expect(anna.answers().first == "record answered anna.phone")
        let late = Household()
        PanelHand(house: late).presses()
        late.at(.seconds(30))
        #expect(late.sends(.answered(Cast.annasPhone)) == ["answer call_ended"])
    }

    @Test(arguments: [
        CallInput.rang(Cast.bertsPhone), .answered(Cast.bertsPhone), .declined(Cast.bertsPhone),
        .ignored(Cast.bertsPhone), .hungUp(Cast.bertsPhone), .previewed(Cast.bertsPhone),
        .hungUp(Cast.annasTablet), .previewed(Cast.annasTablet),
    ])
    func `active, ringing, answer, decline, ignore, hangup, preview from any other device`(
        _ input: CallInput
    ) {
        panel.presses()
        anna.answers()
        let before = house.call
        #expect(house.sends(input) == ["answer already_answered by anna.phone"])
        #expect(house.call == before)
    }

    @Test func `active, whom it was never offered to does not know the call`() {
        panel.presses()
        anna.answers()
        #expect(stranger.answers() == ["answer unknown_call"])
    }

    private static let completed = [
        "record ended completed", "disconnect", "answer ok",
        "tell panel: ended by anna.phone completed",
        "tell anna.phone: ended out by anna.phone completed",
        "tell anna.tablet: ended out answeredElsewhere by anna.phone completed",
        "tell bert.phone: ended out answeredElsewhere by anna.phone completed",
    ]

    @Test func `the panel hangs up: ended(completed)`() {
        panel.presses()
        anna.answers()
        at(.seconds(60))
        #expect(panel.hangsUp() == Self.completed)
    }

    @Test func `the answering device hangs up, decline counts as hanging up: ended(completed)`() {
        for input in [CallInput.hungUp(Cast.annasPhone), .declined(Cast.annasPhone)] {
            let house = Household()
            PanelHand(house: house).presses()
            house.sends(.answered(Cast.annasPhone))
            #expect(house.sends(input) == Self.completed)
        }
    }
}
