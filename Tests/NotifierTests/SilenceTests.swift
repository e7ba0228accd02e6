// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier

/// What becomes of a ring that is over, without a cancel to the device.
@Suite struct SilenceTests {
    private func silence(_ request: PushRequest) throws -> PushQueue.Input {
        .silenced(try #require(request.notice.call), [request.device])
    }

    @Test func `a silenced ring that waits is dropped`() throws {
        var bench = QueueBench { $0.laneInFlight = 1 }
        let busy = try #require(bench.at(0, .submitted(bench.request())).starts.first)
        let ring = bench.request()
        _ = bench.at(0, .submitted(ring))
        let silenced = try silence(ring)
        let done = bench.at(1, silenced)
        #expect(done.reasons == ["overtaken"] && done.starts.isEmpty)
        #expect(done.reports.map(\.push) == [ring.notice.push])
        let next = bench.at(2, .answered(busy.ticket, tried: 1, .accepted(reference: nil)))
        #expect(next.starts.isEmpty && bench.queue.count == 0)
    }

    @Test func `a silenced ring in its pause is not tried again`() throws {
        var bench = QueueBench()
        let ring = bench.request()
        let ticket = try #require(bench.at(0, .submitted(ring)).starts.first).ticket
        _ = bench.at(1, .answered(ticket, tried: 1, .retry(after: .seconds(5), reason: "503")))
        let silenced = try silence(ring)
        #expect(bench.at(2, silenced).reasons == ["overtaken"])
        #expect(bench.run(to: 30).actions.isEmpty)
    }

    @Test(arguments: [
        Verdict.retry(after: nil, reason: "503"), .pause(for: .seconds(1), reason: "503"),
    ])
    func `a silenced ring under way is not tried again`(verdict: Verdict) throws {
        var bench = QueueBench()
        let ring = bench.request()
        let ticket = try #require(bench.at(0, .submitted(ring)).starts.first).ticket
        let silenced = try silence(ring)
        #expect(bench.at(1, silenced).actions.isEmpty)
        let done = bench.at(2, .answered(ticket, tried: 1, verdict))
        #expect(done.reasons == ["again 503", "overtaken"])
        #expect(bench.run(to: 30).starts.isEmpty)
    }

    @Test func `a silenced ring under way may still be accepted`() throws {
        var bench = QueueBench()
        let ring = bench.request()
        let ticket = try #require(bench.at(0, .submitted(ring)).starts.first).ticket
        _ = bench.at(1, try silence(ring))
        let done = bench.at(2, .answered(ticket, tried: 1, .accepted(reference: nil)))
        #expect(done.reasons == ["accepted"])
    }

    @Test func `nobody else's ring falls silent`() throws {
        var bench = QueueBench { $0.laneInFlight = 1 }
        _ = bench.at(0, .submitted(bench.request()))
        let ring = bench.request()
        let sameCall = bench.request(call: ring.notice.call)
        let sameDevice = bench.request(device: ring.device)
        for request in [ring, sameCall, sameDevice] { _ = bench.at(0, .submitted(request)) }
        let silenced = try silence(ring)
        #expect(bench.at(1, silenced).reports.map(\.push) == [ring.notice.push])
        #expect(bench.queue.count == 3)
    }

    @Test func `a missed call drops the ring that still waits`() throws {
        var bench = QueueBench { $0.laneInFlight = 1 }
        _ = bench.at(0, .submitted(bench.request()))
        let ring = bench.request()
        _ = bench.at(0, .submitted(ring))
        let missed = bench.request(.missed, call: ring.notice.call, device: ring.device)
        #expect(bench.at(1, .submitted(missed)).reasons == ["overtaken"])
    }

    @Test func `a missed call that ends a ring goes before those that can wait`() throws {
        var bench = QueueBench { $0.laneInFlight = 1 }
        let first = try #require(bench.at(0, .submitted(bench.request())).starts.first)
        _ = bench.at(0, .submitted(bench.request(.missed)))
        let stop = bench.request(.missed, isUrgent: true)
        _ = bench.at(0, .submitted(stop))
        let done = bench.at(1, .answered(first.ticket, tried: 1, .accepted(reference: nil)))
        #expect(done.starts.map(\.notice.push) == [stop.notice.push])
    }
}
