// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier
import VestibuleNotifierContract

@Suite struct LogNotifierTests {
    static let registration = Registration(
        id: RegistrationID(high: 1, low: 2),
        device: DeviceID(high: 3, low: 4),
        notifier: "log",
        token: "device-token-1",
        registeredAt: Timestamp(milliseconds: 0)
    )

    @Test(.timeLimit(.minutes(1)), arguments: NotifierContract.clauses)
    func `the log keeps the contract`(clause: NotifierContract.Clause) async throws {
        let gone = Registration(
            id: .nothing,
            device: .nothing,
            notifier: "log",
            token: "",
            registeredAt: Timestamp(milliseconds: 0)
        )
        try await clause.check(
            NotifierContract.Subject(
                notifier: LogNotifier(write: { _ in }),
                good: Self.registration,
                gone: gone
            )
        )
    }

    @Test func `a line says what, to whom and how long, and no secret`() async {
        let lines = Locked<[String]>([])
        let notifier = LogNotifier { line in lines.withLock { $0.append(line) } }
        let notice = NotifierContract.notice()
        _ = await notifier.send(notice, to: Self.registration, within: .seconds(1))
        let line = lines.withLock { $0.first ?? "" }
        #expect(line.hasPrefix("push ring call…"))
        #expect(line.contains("#\(Self.registration.tokenMark), seq 3, 25000 ms left"))
        for secret in ["device-token-1", "9f4b", "77c1"] {
            #expect(!line.contains(secret))
        }
    }
}
