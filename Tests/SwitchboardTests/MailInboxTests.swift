// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSwitchboard

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
}
