// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

@Suite struct RestartTests: AtTheDoor {
    let house = Household([[Cast.anna, Cast.bert], [Cast.porter]], policy: .all)

    @Test func `live, the server stops and starts: a ringing call rings anew, keeping its end`() {
        panel.presses()
        anna.ignores()
        #expect(house.restarts(at: .seconds(12)) == ["offer bert.phone"])
        #expect(house.call.ringRemaining(at: house.now) == .seconds(18))
        #expect(anna.sees == "ringing silent ignored")
        #expect(panel.returns() == ["record returned panel"])
        #expect(at(.seconds(15)) == ["record offered 1", "offer porter.desk"])
        #expect(at(.milliseconds(29_999)) == [])
        #expect(at(.seconds(30)).first == "record ended missed")
    }

    @Test func `a ringing call rings at least 10 s more`() {
        panel.presses()
        at(.seconds(20))
        house.restarts(at: .seconds(28))
        #expect(house.call.ringRemaining(at: house.now) == .seconds(10))
        #expect(at(.milliseconds(37_999)) == [])
        #expect(at(.seconds(38)).first == "record ended missed")
    }

    @Test func `a group's time that ran out while it was down is up at once, and only that one`() {
        let plan = Cast.plan([[Cast.anna], [Cast.bert], [Cast.porter]], ring: .seconds(120))
        let house = Household(plan)
        PanelHand(house: house).presses()
        house.restarts(at: .seconds(50))
        house.sends(.panelReturned)
        #expect(house.at(.seconds(50)) == ["record offered 1", "offer bert.phone"])
        #expect(house.at(.milliseconds(64_999)) == [])
    }

    @Test func `grace starts anew when it is ready: a panel that stays away ends it`() {
        panel.presses()
        house.restarts(at: .seconds(2))
        at(.milliseconds(16_999))
        #expect(house.call.phase == .ringing)
        #expect(at(.seconds(17)).first == "record ended panelLost")
    }

    @Test func `live, the server stops and starts: those who talk come back and go on`() {
        panel.presses()
        anna.answers()
        #expect(house.restarts(at: .seconds(100)) == ["connect anna.phone"])
        #expect(anna.sees == "active talking by anna.phone")
        at(.seconds(110))
        #expect(
            panel.returns() == [
                "record returned panel", "tell resident: the other is back",
                "connect anna.phone",
            ]
        )
        at(.milliseconds(114_999))
        #expect(anna.returns().first == "record returned resident")
        #expect(at(.seconds(585)) == ["warn: 15000 ms"])
        #expect(at(.seconds(600)).first == "record ended limit")
    }

    @Test func `those who talked and stay away: ended(dropped), or ended(panelLost)`() {
        panel.presses()
        anna.answers()
        house.restarts(at: .seconds(100))
        panel.returns()
        #expect(at(.seconds(115)).first == "record ended dropped")
        let lonely = Household()
        PanelHand(house: lonely).presses()
        lonely.sends(.answered(Cast.annasPhone))
        lonely.restarts(at: .seconds(100))
        #expect(lonely.at(.seconds(115)).first == "record ended panelLost")
    }

    @Test(arguments: [(Duration.seconds(3_600), 10), (.seconds(-3_600), 30)])
    func `the civil clock was set by an hour meanwhile: the ring stays within what can be true`(
        _ jump: Duration,
        _ seconds: Int
    ) {
        panel.presses()
        house.restarts(at: .seconds(5), clockSetBy: jump)
        #expect(house.call.ringRemaining(at: house.now) == .seconds(seconds))
        panel.returns()
        at(.seconds(5 + seconds))
        #expect(house.call.outcome == .missed)
    }

    @Test(arguments: [(Duration.seconds(3_600), 15), (.seconds(-3_600), 600)])
    func `the civil clock was set by an hour meanwhile: a talk ends within what can be true`(
        _ jump: Duration,
        _ seconds: Int
    ) {
        panel.presses()
        anna.answers()
        house.restarts(at: .seconds(5), clockSetBy: jump)
        panel.returns()
        anna.returns()
        #expect(at(.seconds(5 + seconds) - .milliseconds(1)) == ["warn: 15000 ms"])
        #expect(at(.seconds(5 + seconds)).first == "record ended limit")
    }

    @Test func `previews are asked for anew`() {
        panel.presses()
        anna.previews()
        house.restarts(at: .seconds(3))
        #expect(
            anna.previews() == [
                "record previewed anna.phone", "preview anna.phone", "answer ok",
            ]
        )
    }

    @Test func `who was removed while a group waited is not offered the call after a restart`() {
        panel.presses()
        house.disables(Cast.porter)
        at(.seconds(15))
        house.restarts(at: .seconds(16))
        #expect(house.call.offered.map(\.resident) == [Cast.anna, Cast.bert])
        #expect(porter.answers() == ["answer unknown_call"])
    }

    @Test func `who was removed stays out after a restart`() {
        panel.presses()
        house.disables(Cast.anna)
        #expect(house.restarts(at: .seconds(3)) == ["offer bert.phone"])
        #expect(anna.answers() == ["answer not_permitted"])
    }

    @Test func `an ended call stays ended`() {
        panel.presses()
        panel.cancels()
        #expect(house.restarts(at: .seconds(3)) == [])
        #expect(house.call.outcome == .cancelled)
        #expect(house.call.nextDeadline == nil)
    }

    @Test func `a log cut after its start offers the call when the server is ready`() {
        let log = [LoggedCallEvent(at: house.now.time, event: .started(house.plan))]
        var call = Call(replaying: log, previewLimit: 8, at: house.now)
        #expect(
            call?.handle(.restarted, at: house.now).map(Telling.words(of:)) == [
                "record offered 0", "offer anna.phone anna.tablet bert.phone",
            ]
        )
    }

    @Test func `a log that does not begin with a start is no call`() {
        #expect(Call(replaying: [], previewLimit: 8, at: house.now) == nil)
        let log = [LoggedCallEvent(at: house.now.time, event: .offered(group: 0))]
        #expect(Call(replaying: log, previewLimit: 8, at: house.now) == nil)
    }

    @Test(arguments: [[-1], [0, 0], [1, 0], [7], [Int.min], [Int.max], [0, 1, 2]])
    func `a log that no call would write is still read`(_ groups: [Int]) {
        let events =
            [CallEvent.started(house.plan)] + groups.map { .offered(group: $0) }
            + [.previewed(Cast.strangersPhone), .ended(.missed), .answered(Cast.annasPhone)]
        let log = events.map { LoggedCallEvent(at: house.now.time, event: $0) }
        let call = Call(replaying: log, previewLimit: 8, at: house.now)
        #expect(call?.outcome == .missed)
        #expect(call?.answeredBy == nil)
    }
}
