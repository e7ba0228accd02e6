// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier
import VestibuleNotifierContract

/// Breaks the contract in one way.
private struct BadNotifier: Notifier {
    let name: String
    var taken: @Sendable (NoticeKind) -> Bool = { _ in true }
    let answer: @Sendable (Notice, Registration) -> Verdict

    func takes(_ kind: NoticeKind, for registration: Registration) -> Bool { taken(kind) }

    func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict { answer(notice, registration) }
}

@Suite struct ContractTests {
    @Test(arguments: [
        ("accepts all", 3), ("leaks", 1), ("takes nothing", 1), ("refuses rings", 7),
        ("bad name", 1),
    ])
    func `the contract notices who does not keep it`(fault: String, least: Int) async {
        let name = fault == "bad name" ? "a b" : "bad"
        let isPicky = fault == "takes nothing"
        let notifier = BadNotifier(name: name, taken: { _ in !isPicky }) { notice, registration in
            switch fault {
            case "leaks": .accepted(reference: registration.token)
            case "refuses rings" where notice.kind == .ring: .failed(reason: "no")
            default: .accepted(reference: nil)
            }
        }
        let breaches = await breaches(
            of: NotifierContract.Subject(
                notifier: notifier,
                good: registration(name),
                gone: registration(name)
            )
        )
        #expect(breaches.count >= least, "\(breaches)")
    }

    @Test func `a notifier of alerts alone can keep the contract`() async {
        let alerts = Alerts()
        let subject = NotifierContract.Subject(notifier: alerts, good: registration("alerts"))
        // It takes whatever comes after its shutdown: the one clause that it breaks.
        #expect(await breaches(of: subject) == ["a notice after the shutdown was \(taken)"])
    }

    @Test func `who does not heed a cancellation under way is found out`() async {
        let deaf = Deaf()
        let subject = NotifierContract.Subject(
            notifier: deaf,
            good: registration("deaf"),
            hanging: .init(registration("deaf", "hang")) {
                for await _ in deaf.arrivals.stream { return }
            }
        )
        let breaches = await breaches(of: subject, only: "returns when it is cancelled under way")
        #expect(breaches == ["a cancelled try ended \(taken)"])
    }

    private var taken: Verdict { .accepted(reference: nil) }

    private func registration(_ notifier: String, _ token: String = "t0k3n") -> Registration {
        Registration(
            id: .nothing,
            device: .nothing,
            notifier: notifier,
            token: token,
            registeredAt: Timestamp(milliseconds: 0)
        )
    }

    private func breaches(
        of subject: NotifierContract.Subject,
        only sentence: String? = nil
    ) async -> [String] {
        var breaches: [String] = []
        for clause in NotifierContract.clauses
        where sentence == nil || clause.description == sentence {
            do {
                try await clause.check(subject)
            } catch { breaches.append(error.sentence) }
        }
        return breaches
    }
}

/// Shows missed calls and rings nobody.
private struct Alerts: Notifier {
    let name = "alerts"

    func takes(_ kind: NoticeKind, for registration: Registration) -> Bool { kind == .missed }

    func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict {
        guard notice.remaining > .zero else { return .failed(reason: "expired") }
        return notice.kind == .missed ? .accepted(reference: nil) : .failed(reason: "unknown kind")
    }
}

/// Takes what was cancelled for done, but only when it was under way.
private struct Deaf: Notifier {
    let name = "deaf"
    let arrivals = AsyncStream<Void>.makeStream()

    func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict {
        guard registration.token == "hang" else { return .accepted(reference: nil) }
        guard !Task.isCancelled else { return .failed(reason: "cancelled") }
        arrivals.continuation.yield()
        let (forever, _) = AsyncStream<Void>.makeStream()
        for await _ in forever {}
        return .accepted(reference: nil)
    }
}
