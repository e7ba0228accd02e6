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
        try? await Task.sleep(for: .seconds(3600))
        return .failed(reason: "cancelled")
    }

    func shutdown() async { shutdowns.withLock { $0 += 1 } }
}

/// A desk with its reports, on a clock that stands still.
struct DeskBench: Sendable {
    let notifier = ScriptedNotifier()
    let desk: NotifierDesk
    let reports: AsyncStream<PushReport>

    init(_ change: (inout PushLimits) -> Void = { _ in }) {
        var limits = PushLimits()
        change(&limits)
        let (reports, told) = AsyncStream<PushReport>.makeStream()
        self.reports = reports
        let start = Timestamp(milliseconds: 1_800_000_000_000)
        desk = NotifierDesk(
            notifiers: [notifier],
            limits: limits,
            seed: 1,
            clock: { Now(moment: Moment(nanoseconds: 0), time: start) },
            report: { told.yield($0) }
        )
    }

    func request(
        _ kind: NoticeKind = .ring,
        _ tokens: [String] = ["a"],
        notifier: String = "scripted",
        use: String = ""
    ) -> PushRequest {
        var bench = QueueBench()
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
        #expect(bench.desk.submit(bench.request(.ring, ["a", "b"])))
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

    @Test func `a full inbox refuses and counts`() async {
        let bench = DeskBench { $0.inbox = 3 }
        #expect(bench.desk.submit(bench.request(.ring, ["a", "b"])))
        #expect(!bench.desk.submit(bench.request(.ring, ["a", "b"])))
        #expect(bench.desk.submit(bench.request()))
        #expect(!bench.desk.submit(bench.request()))
        #expect(bench.desk.counters.refusedInboxFull == 2 && bench.desk.counters.pending == 3)
        async let work: Void = bench.desk.run()
        #expect(await bench.take(3).count == 3)
        #expect(bench.desk.submit(bench.request()))
        bench.desk.close()
        await work
        #expect(bench.desk.counters.pending == 0)
    }

    @Test func `a closed desk refuses`() async {
        let bench = DeskBench()
        bench.desk.close()
        #expect(!bench.desk.submit(bench.request()))
        await bench.desk.run()
        #expect(bench.desk.counters.refusedShutdown == 1)
    }

    @Test func `a way without a notifier here is named`() async {
        let bench = DeskBench()
        async let work: Void = bench.desk.run()
        #expect(bench.desk.submit(bench.request(.ring, ["a"], notifier: "pager")))
        #expect(bench.desk.submit(bench.request(.cancel, ["a"], use: "voip")))
        #expect(bench.desk.submit(bench.request(.ring, [])))
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
        let bench = DeskBench { $0.inFlight = 1 }
        let work = Task { await bench.desk.run() }
        #expect(bench.desk.submit(bench.request(.ring, ["hang"])))
        #expect(bench.desk.submit(bench.request(.ring, ["b"])))
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
