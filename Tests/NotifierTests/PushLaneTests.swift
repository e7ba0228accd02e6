// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier

/// Who gets a place, and who is refused.
@Suite struct PushLaneTests {
    @Test func `a target that hangs holds up nobody else's ring`() {
        var bench = QueueBench { $0.laneInFlight = 2 }
        for _ in 0..<5 { _ = bench.at(0, .submitted(bench.request(notifiers: ["hangs"]))) }
        let done = bench.at(0, .submitted(bench.request(notifiers: ["works"])))
        #expect(done.starts.map(\.registration.notifier) == ["works"])
    }

    @Test func `the lane is the notifier's word, not its name`() {
        let limits = PushLimits()
        var bench = QueueBench()
        var small = limits
        small.laneInFlight = 1
        bench.queue = PushQueue(limits: small, seed: 1) { $0.device.text }
        var started = 0
        for _ in 0..<3 { started += bench.at(0, .submitted(bench.request())).starts.count }
        #expect(started == 3)
    }

    @Test func `many targets that hang leave places to the rest`() {
        var bench = QueueBench {
            $0.inFlight = 64
            $0.laneInFlight = 32
        }
        var started = 0
        for lane in 0..<4 {
            for _ in 0..<40 {
                let request = bench.request(notifiers: ["hangs\(lane)"])
                started += bench.at(0, .submitted(request)).starts.count
            }
        }
        #expect(started == 38)
        let done = bench.at(0, .submitted(bench.request(notifiers: ["works"])))
        #expect(done.starts.count == 1)
    }

    @Test func `the places in all are bounded`() {
        var bench = QueueBench { $0.inFlight = 8 }
        var started = 0
        for lane in 0..<20 {
            started += bench.at(0, .submitted(bench.request(notifiers: ["\(lane)"]))).starts.count
        }
        #expect(started == 8)
    }

    @Test func `missed calls that hang leave places to rings of their lane`() {
        var bench = QueueBench { $0.laneInFlight = 4 }
        for _ in 0..<9 { _ = bench.at(0, .submitted(bench.request(.missed))) }
        #expect(bench.at(0, .submitted(bench.request())).starts.count == 1)
    }

    @Test func `a provider that wants a pause closes its lane and no other`() throws {
        var bench = QueueBench()
        let ticket = try #require(bench.at(0, .submitted(bench.request())).starts.first).ticket
        let paused = bench.at(
            1,
            .answered(ticket, tried: 1, .pause(for: .seconds(4), reason: "429"))
        )
        #expect(paused.reasons == ["again 429"])
        #expect(bench.at(2, .submitted(bench.request())).starts.isEmpty)
        #expect(bench.at(2, .submitted(bench.request(notifiers: ["fcm"]))).starts.count == 1)
        #expect(bench.run(to: 4.9).starts.isEmpty)
        #expect(bench.run(to: 5).starts.count == 2)
    }

    @Test func `no provider closes its lane for longer than a ring has time for`() throws {
        var bench = QueueBench { $0.lanePause = .seconds(3) }
        let ticket = try #require(bench.at(0, .submitted(bench.request())).starts.first).ticket
        _ = bench.at(0, .answered(ticket, tried: 1, .pause(for: .seconds(600), reason: "429")))
        _ = bench.at(0, .submitted(bench.request()))
        #expect(bench.run(to: 3).starts.count == 2)
    }

    @Test func `rings are taken however many missed calls wait`() {
        var bench = QueueBench {
            $0.inbox = 5
            $0.laterInbox = 5
            $0.laneInFlight = 1
        }
        _ = bench.at(0, .submitted(bench.request()))
        var missed: [PushRequest] = []
        for _ in 0..<4 {
            missed.append(bench.request(.missed))
            _ = bench.at(0, .submitted(missed[missed.count - 1]))
        }
        let done = bench.at(1, .submitted(bench.request()))
        #expect(done.reasons == ["inbox_full"])
        #expect(done.reports.map(\.push) == [missed[0].notice.push])
        #expect(bench.queue.count == 5)
    }

    @Test func `what is refused is named for each device`() {
        var bench = QueueBench {
            $0.inbox = 2
            $0.laterInbox = 1
        }
        #expect(bench.at(0, .submitted(bench.request(.missed))).reasons.isEmpty)
        #expect(bench.at(0, .submitted(bench.request(.missed))).reasons == ["inbox_full"])
        #expect(bench.at(0, .submitted(bench.request())).reasons.isEmpty)
        let ring = bench.request()
        let done = bench.at(0, .submitted(ring))
        #expect(done.reasons == ["inbox_full"] && done.reports.map(\.device) == [ring.device])
        #expect(done.reports.map(\.isFinal) == [true])
    }

    @Test func `a cancel that finds no room still stops its ring`() throws {
        var bench = QueueBench {
            $0.inbox = 2
            $0.laneInFlight = 1
        }
        _ = bench.at(0, .submitted(bench.request()))
        let ring = bench.request()
        _ = bench.at(0, .submitted(ring))
        // Two ways: its ring's place is enough for one of them.
        let cancel = bench.request(
            .cancel,
            call: ring.notice.call,
            device: ring.device,
            notifiers: ["apns", "fcm"]
        )
        #expect(bench.at(1, .submitted(cancel)).reasons == ["overtaken", "inbox_full"])
    }
}
