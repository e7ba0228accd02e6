// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard
import VestibuleWire

/// Mail between two loops: woken once, in order, frames bounded.
@Suite struct MailInboxTests {
    @Test func `the first piece wakes the reader, those behind it do not`() {
        var inbox = MailInbox(frameBytes: 100)
        let wakes = [inbox.add(.restarting), inbox.add(.closeAll)]
        #expect(wakes == [true, false])
        var reading: [Mail] = []
        inbox.take(into: &reading)
        #expect(reading.count == 2)
        guard case .restarting = reading[0], case .closeAll = reading[1] else {
            Issue.record("not in the order of posting")
            return
        }
        reading.removeAll(keepingCapacity: true)
        let wakesAgain = inbox.add(.restarting)
        #expect(wakesAgain)
    }

    @Test func `beyond the bound frames are counted in one piece of mail, however many`() {
        var call = RelayCall.answered(residentOn: 1)
        var inbox = MailInbox(frameBytes: 5_000)
        call.world.isMailLate = true
        for _ in 0..<190 {  // Within what a session may send at once.
            call.world.send(call.camera.audio(), from: call.panel)
            for (_, batch) in call.panel.relay.takeBatches() { _ = inbox.add(.frames(batch)) }
        }
        var mail: [Mail] = []
        inbox.take(into: &mail)
        #expect(mail.count < 60)
        for case .frames(let batch) in mail {
            call.resident.relay.receive(batch, at: call.world.now)
        }
        let arrived = call.resident.headers(.audio).count
        #expect(arrived > 0)
        #expect(call.outlet?.counts.dropped(.audio, .betweenBoards) == 190 - arrived)
        #expect(call.outlet?.counts.received(.audio) == 190)
    }
}
