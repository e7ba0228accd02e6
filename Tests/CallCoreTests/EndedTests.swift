// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct EndedTests: AtTheDoor {
    let house = Household()

    private static let everything: [(CallInput, [String])] = [
        (.rang(Cast.annasPhone), ["answer call_ended"]),
        (.answered(Cast.annasPhone), ["answer call_ended"]),
        (.declined(Cast.annasPhone), ["answer call_ended"]),
        (.ignored(Cast.annasPhone), ["answer call_ended"]),
        (.previewed(Cast.annasPhone), ["answer call_ended"]),
        (.hungUp(Cast.annasPhone), ["answer call_ended"]),
        (.answered(Cast.strangersPhone), ["answer unknown_call"]),
        (.panelHungUp, ["answer call_ended"]),
        (.panelLost, []), (.panelReturned, []), (.panelForgot, []), (.panelRevoked, []),
        (.deviceLost(Cast.annasPhone.device), []),
        (.deviceReturned(Cast.annasPhone.device), []),
        (.personRemoved(Cast.anna), []), (.deviceRemoved(Cast.annasPhone.device), []),
        (.restarted, []), (.timePassed, []),
    ]

    @Test(arguments: everything)
    func `ended, anything: call_ended, never a crash, never a second record`(
        _ input: CallInput,
        _ told: [String]
    ) {
        panel.presses()
        panel.cancels()
        let before = house.call
        #expect(house.sends(input) == told)
        #expect(house.call == before)
    }

    @Test func `an ended call is deaf, whatever comes in whatever order`() {
        panel.presses()
        anna.answers()
        anna.hangsUp()
        let before = (house.call, house.log)
        for (input, _) in Self.everything + Self.everything.reversed() { house.sends(input) }
        #expect(house.call == before.0)
        #expect(house.log == before.1)
    }

    @Test func `the winner is named in every end`() {
        panel.presses()
        anna.answers()
        panel.hangsUp()
        #expect(panel.sees == "ended by anna.phone completed")
        #expect(anna.sees == "ended out by anna.phone completed")
        #expect(bert.sees == "ended out answeredElsewhere by anna.phone completed")
        #expect(stranger.sees == nil)
    }

    @Test func `cancel against answer: the first of them counts`() {
        panel.presses()
        panel.cancels()
        #expect(anna.answers() == ["answer call_ended"])
        let other = Household()
        PanelHand(house: other).presses()
        other.sends(.answered(Cast.annasPhone))
        other.sends(.panelHungUp)
        #expect(other.call.outcome == .completed)
    }

    @Test func `the end keeps the civil time it happened at`() {
        panel.presses()
        at(.seconds(7))
        panel.cancels()
        guard case .ended(let ended) = house.call.state else {
            Issue.record("the call has not ended")
            return
        }
        #expect(ended.at == Timestamp(milliseconds: 1_800_000_007_000))
    }
}
