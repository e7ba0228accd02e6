// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier
import VestibuleTestKit

/// Breaks the contract in one way.
private struct BadNotifier: Notifier {
    let name: String
    let answer: @Sendable (Notice, Registration) -> Verdict

    func send(
        _ notice: Notice,
        to registration: Registration,
        within allowance: Duration
    ) async -> Verdict { answer(notice, registration) }
}

@Suite struct ContractTests {
    @Test(arguments: [
        ("accepts all", 3), ("leaks", 1), ("refuses rings", 7), ("bad name", 1),
    ])
    func `the contract notices who does not keep it`(fault: String, least: Int) async {
        let name = fault == "bad name" ? "a b" : "bad"
        let notifier = BadNotifier(name: name) { notice, registration in
            switch fault {
            case "leaks": .accepted(reference: registration.token)
            case "refuses rings" where notice.kind == .ring: .failed(reason: "no")
            default: .accepted(reference: nil)
            }
        }
        let registration = Registration(
            id: .nothing,
            device: .nothing,
            notifier: name,
            token: "t0k3n",
            registeredAt: Timestamp(milliseconds: 0)
        )
        var breaches: [String] = []
        for clause in NotifierContract.clauses {
            do {
                try await clause.check(
                    NotifierContract.Subject(
                        notifier: notifier,
                        good: registration,
                        gone: registration
                    )
                )
            } catch { breaches.append(error.sentence) }
        }
        #expect(breaches.count >= least, "\(breaches)")
    }
}
