// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier

/// Answers as told by the token of the registration.
final class ScriptedNotifier: Notifier {
    let name: String
    let sent = Locked<[NoticeKind]>([])
    let shutdowns = Locked(0)

    /// Told of each try that begins to hang.
    let hangs = AsyncStream<Void>.makeStream()

    private let releases = AsyncStream<Void>.makeStream()

    init(name: String = "scripted") {
        self.name = name
    }

    func takes(_ kind: NoticeKind, for registration: Registration) -> Bool {
        registration.kind != "voip" || kind == .ring
    }

    func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict {
        sent.withLock { $0.append(notice.kind) }
        guard registration.token == "hang" else { return .accepted(reference: registration.token) }
        hangs.continuation.yield()
        for await _ in releases.stream { return .accepted(reference: nil) }
        return .failed(reason: "cancelled")
    }

    /// Lets one that hangs go on.
    func release() { releases.continuation.yield() }

    func shutdown() async { shutdowns.withLock { $0 += 1 } }
}

/// A desk with its reports, on a clock that stands still.
struct DeskBench: Sendable {
    let notifier = ScriptedNotifier()
    let desk: NotifierDesk
    let reports: AsyncStream<PushReport>

    /// How many reports came at once.
    let batches = Locked<[Int]>([])

    init(_ change: (inout PushLimits) -> Void = { _ in }) {
        var limits = PushLimits()
        change(&limits)
        let (reports, told) = AsyncStream<PushReport>.makeStream()
        self.reports = reports
        let batches = batches
        let start = Timestamp(milliseconds: 1_800_000_000_000)
        desk = NotifierDesk(
            notifiers: [notifier],
            limits: limits,
            seed: 1,
            clock: { Now(moment: Moment(nanoseconds: 0), time: start) },
            report: { made in
                batches.withLock { $0.append(made.count) }
                for report in made { told.yield(report) }
            }
        )
    }

    func request(
        _ kind: NoticeKind = .ring,
        _ tokens: [String] = ["a"],
        notifier: String = "scripted",
        use: String = "",
        seed: UInt64 = 7
    ) -> PushRequest {
        var bench = QueueBench()
        bench.random = SeededGenerator(seed: seed)
        var request = bench.request(kind, notifiers: [])
        request = PushRequest(
            notice: request.notice,
            registrations: tokens.map {
                Registration(
                    id: bench.id(),
                    device: request.device,
                    notifier: notifier,
                    kind: use,
                    token: $0,
                    registeredAt: bench.start
                )
            },
            device: request.device
        )
        return request
    }

    func take(_ count: Int) async -> [PushReport] {
        var taken: [PushReport] = []
        for await report in reports {
            taken.append(report)
            if taken.count == count { break }
        }
        return taken
    }
}

@Suite(.timeLimit(.minutes(1))) struct NotifierDeskTests {
    @Test func `what is submitted is sent and reported`() async {
        let bench = DeskBench()
        async let work: Void = bench.desk.run()
        bench.desk.submit(bench.request(.ring, ["a", "b"]))
        let reports = await bench.take(2)
        #expect(Set(reports.map(\.verdict).map { "\($0)" }).count == 2)
        #expect(reports.allSatisfy { $0.isFinal })
        bench.desk.close()
        await work
        let counters = bench.desk.counters
        #expect(counters.submitted == 1 && counters.accepted == 2 && counters.pending == 0)
        let shutdowns = bench.notifier.shutdowns.withLock { $0 }
        #expect(shutdowns == 1)
    }

    @Test func `a full inbox refuses by name, way by way`() async {
        let bench = DeskBench { $0.inbox = 3 }
        bench.desk.submit(bench.request(.ring, ["a", "b"]))
        bench.desk.submit(bench.request(.ring, ["c", "d"]))
        let refused = await bench.take(2)
        #expect(refused.allSatisfy { $0.verdict == .failed(reason: "inbox_full") && $0.isFinal })
        #expect(refused.allSatisfy { $0.device == bench.request().device })
        bench.desk.submit(bench.request())
        #expect(bench.desk.counters.refusedInboxFull == 2 && bench.desk.counters.pending == 3)
        async let work: Void = bench.desk.run()
        #expect(await bench.take(3).count == 3)
        bench.desk.submit(bench.request())
        #expect(await bench.take(1).map(\.verdict) == [.accepted(reference: "a")])
        bench.desk.close()
        await work
        #expect(bench.desk.counters.pending == 0)
    }

    @Test func `what can wait leaves room for rings`() async {
        let bench = DeskBench {
            $0.inbox = 3
            $0.laterInbox = 2
        }
        for _ in 0..<3 { bench.desk.submit(bench.request(.missed)) }
        #expect(await bench.take(1).map(\.kind) == [.missed])
        bench.desk.submit(bench.request(.ring))
        #expect(bench.desk.counters.refusedInboxFull == 1)
        bench.desk.close()
        await bench.desk.run()
    }

    @Test func `a cancel that is refused stops the ring all the same`() async {
        let bench = DeskBench {
            $0.inbox = 2
            $0.laneInFlight = 1
        }
        bench.desk.submit(bench.request(.ring, ["hang"], seed: 1))
        bench.desk.submit(bench.request(.ring, ["b"], seed: 2))
        // The same seed makes the same call and device.
        bench.desk.submit(bench.request(.cancel, ["b"], seed: 2))
        #expect(await bench.take(1).map(\.verdict) == [.failed(reason: "inbox_full")])
        async let work: Void = bench.desk.run()
        #expect(await bench.take(1).map(\.verdict) == [.failed(reason: "overtaken")])
        bench.desk.close()
        bench.notifier.release()
        await work
        #expect(bench.desk.counters.pending == 0)
    }

    @Test func `a silenced ring that has not left is dropped`() async throws {
        let bench = DeskBench { $0.laneInFlight = 1 }
        async let work: Void = bench.desk.run()
        bench.desk.submit(bench.request(.ring, ["hang"], seed: 1))
        for await _ in bench.notifier.hangs.stream { break }
        let ring = bench.request(.ring, ["b"], seed: 2)
        bench.desk.submit(ring)
        bench.desk.silence([ring.device], of: try #require(ring.notice.call))
        let reports = await bench.take(1)
        #expect(reports.map(\.verdict) == [.failed(reason: "overtaken")])
        #expect(reports.map(\.device) == [ring.device])
        bench.desk.close()
        bench.notifier.release()
        await work
        let sent = bench.notifier.sent.withLock { $0 }
        #expect(sent.count == 1)
    }

    @Test func `all reports of a turn come at once`() async {
        let bench = DeskBench()
        for seed in 1...5 {
            bench.desk.submit(bench.request(.ring, [], seed: UInt64(seed)))
        }
        async let work: Void = bench.desk.run()
        #expect(await bench.take(5).count == 5)
        let batches = bench.batches.withLock { $0 }
        #expect(batches == [5])
        bench.desk.close()
        await work
    }

    @Test func `a closed desk refuses, and says so`() async {
        let bench = DeskBench()
        bench.desk.close()
        bench.desk.submit(bench.request())
        #expect(await bench.take(1).map(\.verdict) == [.failed(reason: "shutdown")])
        await bench.desk.run()
        #expect(bench.desk.counters.refusedShutdown == 1)
    }

    @Test func `a way without a notifier here is named`() async {
        let bench = DeskBench()
        async let work: Void = bench.desk.run()
        bench.desk.submit(bench.request(.ring, ["a"], notifier: "pager"))
        bench.desk.submit(bench.request(.cancel, ["a"], use: "voip"))
        bench.desk.submit(bench.request(.ring, []))
        let verdicts = await bench.take(3).map(\.verdict)
        #expect(
            verdicts == [
                .failed(reason: "no_notifier"), .failed(reason: "no_notifier"),
                .failed(reason: "no_registration"),
            ]
        )
        bench.desk.close()
        await work
        let sent = bench.notifier.sent.withLock { $0 }
        #expect(sent.isEmpty)
    }

    @Test func `cancelling the desk ends what hangs, and tells of everything`() async {
        let bench = DeskBench { $0.laneInFlight = 1 }
        let work = Task { await bench.desk.run() }
        bench.desk.submit(bench.request(.ring, ["hang"]))
        bench.desk.submit(bench.request(.ring, ["b"]))
        for await _ in bench.notifier.hangs.stream { break }
        work.cancel()
        await work.value
        #expect(bench.desk.counters.pending == 0)
        let verdicts = await bench.take(2).map(\.verdict)
        #expect(Set(verdicts.map { "\($0)" }).count == 2)
        #expect(verdicts.contains(.failed(reason: "shutdown")))
        #expect(verdicts.contains(.failed(reason: "cancelled")))
        let shutdowns = bench.notifier.shutdowns.withLock { $0 }
        #expect(shutdowns == 1)
    }
}
