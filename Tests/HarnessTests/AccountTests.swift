// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleHarness

@Suite struct AccountTests {
    private let before = ServerMetrics(
        page: """
            # TYPE vestibule_frames_received_total counter
            vestibule_frames_received_total{loop="0",flow="audio"} 100
            vestibule_frames_delivered_dropped_total{loop="0",flow="audio",reason="age"} 5
            """
    )
    private let after = ServerMetrics(
        page: """
            # TYPE vestibule_frames_received_total counter
            vestibule_frames_received_total{loop="0",flow="audio"} 700
            vestibule_frames_received_total{loop="1",flow="audio"} 500
            vestibule_frames_received_total{loop="0",flow="video"} 9000
            vestibule_frames_received_dropped_total{loop="0",flow="audio",reason="ended"} 2
            vestibule_frames_delivered_dropped_total{loop="0",flow="audio",reason="age"} 8
            vestibule_frames_delivered_dropped_total{loop="1",flow="audio",reason="age"} 4
            vestibule_frames_delivered_dropped_total{loop="1",flow="video",reason="age"} 77
            """
    )

    private func account(arrived: Int) -> Account {
        Account(flow: "audio", Passage(sent: 1_100, arrived: arrived), from: before, to: after)
    }

    @Test func `drops are what the counters grew by, over all loops, by reason`() {
        let account = account(arrived: 1_091)
        #expect(account.takenByServer == 1_100)
        #expect(account.dropped == ["ended": 2, "age": 7])
        #expect(account.droppedInAll == 9)
        #expect(account.unaccounted == 0)
        #expect(abs(account.dropShare - 9.0 / 1_100) < 1e-12)
    }

    @Test func `a frame lost without a word is missing in the account`() {
        #expect(account(arrived: 1_090).unaccounted == 1)
    }

    @Test func `a frame that arrived and is named dropped is one too many`() {
        #expect(account(arrived: 1_092).unaccounted == -1)
    }

    @Test func `of a relay that counts nothing, each frame that did not arrive is missing`() {
        let nothing = ServerMetrics(page: "")
        let passage = Passage(sent: 10, arrived: 9)
        let account = Account(flow: "video", passage, from: nothing, to: nothing)
        #expect(account.droppedInAll == 0)
        #expect(account.unaccounted == 1)
    }

    @Test func `nothing sent is no share`() {
        let empty = Account(flow: "report", Passage(), from: before, to: before)
        #expect(empty.dropShare == 0)
        #expect(empty.unaccounted == 0)
    }
}
