// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier

@Suite struct PushQueueTests {
    @Test func `a ring goes out at once over every way`() {
        var bench = QueueBench()
        let request = bench.request(notifiers: ["apns", "webhook"])
        let done = bench.at(0, .submitted(request))
        #expect(done.starts.map(\.registration) == request.registrations)
        #expect(done.starts.allSatisfy { $0.allowance == .seconds(10) && $0.tried == 1 })
        #expect(done.reports.isEmpty)
    }

    @Test func `an accepted notice is reported and forgotten`() throws {
        var bench = QueueBench()
        let request = bench.request()
        let ticket = try #require(bench.at(0, .submitted(request)).starts.first).ticket
        let done = bench.at(1, .answered(ticket, tried: 1, .accepted(reference: "r")))
        let expected = PushReport(
            push: request.notice.push,
            device: request.device,
            property: request.notice.property,
            registration: request.registrations[0].id,
            kind: .ring,
            call: request.notice.call,
            notifier: "apns",
            verdict: .accepted(reference: "r"),
            at: Timestamp(milliseconds: 1_800_000_001_000),
            tries: 1,
            isFinal: true
        )
        #expect(done.actions == [.report(expected)])
        #expect(bench.queue.count == 0)
        #expect(bench.run(to: 100).actions.isEmpty)
    }

    @Test func `a second try says how little is left`() throws {
        var bench = QueueBench()
        let ticket = try #require(bench.at(0, .submitted(bench.request())).starts.first).ticket
        let first = bench.at(
            1,
            .answered(ticket, tried: 1, .retry(after: .seconds(22), reason: "busy"))
        )
        #expect(first.reasons == ["again busy"] && first.starts.isEmpty)
        let second = try #require(bench.run(to: 40).starts.first)
        #expect(second.tried == 2)
        #expect(second.notice.remaining == .seconds(7))
        #expect(second.notice.serverTime == bench.start + .seconds(23))
        #expect(second.allowance == .seconds(7))
    }

    @Test func `tries end after the third`() throws {
        var bench = QueueBench()
        var attempt = try #require(bench.at(0, .submitted(bench.request())).starts.first)
        var reasons: [String] = []
        for time in [1.0, 4, 8] {
            var done = bench.at(
                time,
                .answered(attempt.ticket, tried: attempt.tried, .retry(after: nil, reason: "503"))
            )
            reasons += done.reasons
            done = bench.run(to: time + 2)
            attempt = done.starts.first ?? attempt
        }
        #expect(reasons == ["again 503", "again 503", "gave up 503"])
        #expect(attempt.tried == 3 && bench.queue.count == 0)
    }

    @Test func `pauses grow and differ`() throws {
        var bench = QueueBench { $0.attempts = 4 }
        var pauses: [Double] = []
        for _ in 0..<20 {
            let start = bench.seconds
            let ticket = try #require(
                bench.at(start, .submitted(bench.request())).starts.first
            ).ticket
            _ = bench.at(start, .answered(ticket, tried: 1, .retry(after: nil, reason: "")))
            while let next = bench.queue.next {
                let started = bench.run(to: (Double(next.nanoseconds) + 1) / 1e9).starts
                guard let again = started.first(where: { $0.ticket == ticket }) else { continue }
                pauses.append(bench.seconds - start)
                _ = bench.at(
                    bench.seconds,
                    .answered(ticket, tried: again.tried, .failed(reason: "enough"))
                )
                break
            }
        }
        #expect(pauses.count == 20 && Set(pauses).count > 10)
        #expect(pauses.allSatisfy { (0.25...0.5).contains($0) })
    }

    @Test func `no try after the ring's end`() throws {
        var bench = QueueBench()
        let ticket = try #require(
            bench.at(0, .submitted(bench.request(life: 5))).starts.first
        ).ticket
        let done = bench.at(
            1,
            .answered(ticket, tried: 1, .retry(after: .seconds(4), reason: "429"))
        )
        #expect(done.reasons == ["gave up 429"])
        #expect(bench.run(to: 60).actions.isEmpty)
    }

    @Test func `what is dead on arrival is not sent`() {
        var bench = QueueBench()
        let done = bench.at(0, .submitted(bench.request(life: 0)))
        #expect(done.starts.isEmpty && done.reasons == ["expired"])
    }

    @Test func `no more than the limit are under way, the rest wait and expire`() throws {
        var bench = QueueBench { $0.laneInFlight = 2 }
        var started: [PushQueue.Attempt] = []
        for _ in 0..<4 { started += bench.at(0, .submitted(bench.request(life: 8))).starts }
        #expect(started.count == 2)
        let done = bench.at(1, .answered(started[0].ticket, tried: 1, .accepted(reference: nil)))
        #expect(done.starts.count == 1)
        let late = bench.run(to: 8)
        #expect(late.reasons == ["expired"] && late.starts.isEmpty)
    }

    @Test func `a slow provider delays nobody else's`() {
        var bench = QueueBench { $0.laneInFlight = 1 }
        _ = bench.at(0, .submitted(bench.request(notifiers: ["webhook"])))
        _ = bench.at(0, .submitted(bench.request(notifiers: ["webhook"])))
        let done = bench.at(0, .submitted(bench.request(notifiers: ["apns"])))
        #expect(done.starts.map(\.registration.notifier) == ["apns"])
    }

    @Test func `a ring goes before missed calls that wait`() throws {
        var bench = QueueBench { $0.laneInFlight = 1 }
        let first = try #require(bench.at(0, .submitted(bench.request())).starts.first)
        _ = bench.at(0, .submitted(bench.request(.missed)))
        _ = bench.at(0, .submitted(bench.request(.ring)))
        let done = bench.at(1, .answered(first.ticket, tried: 1, .accepted(reference: nil)))
        #expect(done.starts.map(\.notice.kind) == [.ring])
    }

    @Test func `a cancel drops the ring that still waits`() throws {
        var bench = QueueBench { $0.laneInFlight = 1 }
        let busy = try #require(bench.at(0, .submitted(bench.request())).starts.first)
        let ring = bench.request()
        let other = bench.request(call: ring.notice.call)
        _ = bench.at(0, .submitted(ring))
        _ = bench.at(0, .submitted(other))
        let cancel = bench.request(.cancel, call: ring.notice.call, device: ring.device)
        let done = bench.at(1, .submitted(cancel))
        #expect(done.reasons == ["overtaken"])
        #expect(done.reports.map(\.push) == [ring.notice.push])
        #expect(done.reports.map(\.tries) == [0])
        let next = bench.at(2, .answered(busy.ticket, tried: 1, .accepted(reference: nil)))
        #expect(next.starts.map(\.notice.push) == [other.notice.push])
    }

    @Test func `a ring under way is not repeated after a cancel`() throws {
        var bench = QueueBench()
        let ring = bench.request()
        let ticket = try #require(bench.at(0, .submitted(ring)).starts.first).ticket
        let cancel = bench.request(.cancel, call: ring.notice.call, device: ring.device)
        #expect(bench.at(1, .submitted(cancel)).starts.map(\.notice.kind) == [.cancel])
        let done = bench.at(2, .answered(ticket, tried: 1, .retry(after: nil, reason: "503")))
        #expect(done.reasons == ["again 503", "overtaken"])
        #expect(done.reports.map(\.isFinal) == [false, true])
        #expect(bench.queue.count == 1)
    }

    @Test func `a ring in its pause is dropped by a cancel`() throws {
        var bench = QueueBench()
        let ring = bench.request()
        let ticket = try #require(bench.at(0, .submitted(ring)).starts.first).ticket
        _ = bench.at(1, .answered(ticket, tried: 1, .retry(after: .seconds(5), reason: "503")))
        let cancel = bench.request(.cancel, call: ring.notice.call, device: ring.device)
        #expect(bench.at(2, .submitted(cancel)).reasons == ["overtaken"])
        #expect(bench.run(to: 5.9).starts.isEmpty)
    }

    @Test func `a device without a way is reported`() {
        var bench = QueueBench()
        let request = bench.request(notifiers: [])
        let done = bench.at(0, .submitted(request))
        #expect(done.reasons == ["no_registration"])
        #expect(done.reports.first?.registration == nil)
        #expect(done.reports.first?.notifier == "none")
        let other = bench.at(
            0,
            .submitted(bench.request(notifiers: []), reason: PushReason.noNotifier)
        )
        #expect(other.reasons == ["no_notifier"])
    }

    @Test func `a notifier that never answers is given up`() throws {
        var bench = QueueBench { $0.attempts = 1 }
        let ticket = try #require(bench.at(0, .submitted(bench.request())).starts.first).ticket
        #expect(bench.run(to: 10.9).actions.isEmpty)
        let done = bench.run(to: 11)
        #expect(done.reasons == ["gave up no_answer"])
        #expect(bench.at(12, .answered(ticket, tried: 1, .accepted(reference: nil))).actions == [])
    }

    @Test func `a late verdict does not stand for the next try`() throws {
        var bench = QueueBench()
        let ticket = try #require(bench.at(0, .submitted(bench.request())).starts.first).ticket
        #expect(bench.run(to: 12).starts.map(\.tried) == [2])
        #expect(bench.at(12, .answered(ticket, tried: 1, .accepted(reference: nil))).actions == [])
        let done = bench.at(13, .answered(ticket, tried: 2, .accepted(reference: nil)))
        #expect(done.reasons == ["accepted"] && done.reports.map(\.tries) == [2])
    }

    @Test func `a token is gone only if nobody registered it since`() throws {
        var bench = QueueBench()
        let one = try #require(bench.at(0, .submitted(bench.request())).starts.first).ticket
        let older = Verdict.rejectedToken(reason: "Unregistered", since: bench.start + .seconds(-1))
        #expect(bench.at(1, .answered(one, tried: 1, older)).reasons == ["registered_since"])
        let two = try #require(bench.at(1, .submitted(bench.request())).starts.first).ticket
        let newer = Verdict.rejectedToken(reason: "Unregistered", since: bench.start + .seconds(1))
        #expect(bench.at(2, .answered(two, tried: 1, newer)).reasons == ["gone Unregistered"])
        let three = try #require(bench.at(2, .submitted(bench.request())).starts.first).ticket
        let timeless = Verdict.rejectedToken(reason: "404", since: nil)
        #expect(bench.at(3, .answered(three, tried: 1, timeless)).reasons == ["gone 404"])
    }

    @Test func `closing gives up what waits and lets the rest end`() throws {
        var bench = QueueBench { $0.laneInFlight = 1 }
        let ticket = try #require(bench.at(0, .submitted(bench.request())).starts.first).ticket
        _ = bench.at(0, .submitted(bench.request()))
        #expect(bench.at(1, .closed).reasons == ["shutdown"])
        #expect(bench.at(1, .submitted(bench.request())).reasons == ["shutdown"])
        let done = bench.at(2, .answered(ticket, tried: 1, .retry(after: nil, reason: "503")))
        #expect(done.reasons == ["gave up 503"] && done.starts.isEmpty)
        #expect(bench.queue.count == 0)
    }

    @Test func `every notice that went in comes out once, whatever happens`() throws {
        for seed in UInt64(1)...60 {
            var dice = SeededGenerator(seed: seed)
            var bench = QueueBench {
                $0.inFlight = 4
                $0.laneInFlight = 3
                $0.inbox = 20
                $0.laterInbox = 8
            }
            var open: [PushQueue.Attempt] = []
            var ways = 0
            var finals = 0
            for step in 0..<300 {
                let time = Double(step) * 0.2
                var done = bench.run(to: time)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0:
                    let kind = [NoticeKind.ring, .cancel, .missed].randomElement(using: &dice)
                    let names = ["a", "b"].shuffled(using: &dice).prefix(Int(dice.next() % 3))
                    let call = CallID(high: 1, low: dice.next() % 5)
                    let device = DeviceID(high: 1, low: dice.next() % 5)
                    ways += max(1, names.count)
                    done.actions +=
                        bench.at(
                            time,
                            .submitted(
                                bench.request(
                                    kind ?? .ring,
                                    call: call,
                                    device: device,
                                    notifiers: Array(names),
                                    life: Double(dice.next() % 20)
                                )
                            )
                        ).actions
                case 1 where !open.isEmpty:
                    let attempt = open.remove(at: Int(dice.next() % UInt64(open.count)))
                    let verdicts: [Verdict] = [
                        .accepted(reference: nil), .retry(after: nil, reason: "x"),
                        .pause(for: .seconds(1), reason: "x"), .failed(reason: "x"),
                    ]
                    let verdict = verdicts[Int(dice.next() % 4)]
                    done.actions +=
                        bench.at(
                            time,
                            .answered(attempt.ticket, tried: attempt.tried, verdict)
                        ).actions
                case 2:
                    let call = CallID(high: 1, low: dice.next() % 5)
                    let device = DeviceID(high: 1, low: dice.next() % 5)
                    done.actions += bench.at(time, .silenced(call, [device])).actions
                default: break
                }
                open += done.starts
                finals += done.reports.count(where: \.isFinal)
            }
            finals += bench.at(60, .closed).reports.count(where: \.isFinal)
            finals += bench.run(to: 200).reports.count(where: \.isFinal)
            #expect(finals == ways, "seed \(seed)")
            #expect(bench.queue.count == 0, "seed \(seed)")
        }
    }
}
