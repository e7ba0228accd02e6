// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleNotifier

/// A way in which a notifier does not keep the contract; `sentence` says which and how.
package struct ContractBreach: Error, CustomStringConvertible {
    package let sentence: String

    package init(_ sentence: String) {
        self.sentence = sentence
    }

    package var description: String { sentence }
}

/// What every notifier keeps, whoever wrote it: each clause is one test.
///
/// A test takes ``clauses`` as its arguments and makes a fresh ``Subject`` for each.
package struct NotifierContract: Sendable {
    /// A notifier under test with registrations that its provider treats in known ways.
    package struct Subject: Sendable {
        /// The notifier, fresh.
        package let notifier: any Notifier

        /// Delivered to.
        package let good: Registration

        /// Whom the provider calls gone, if the provider can.
        package let gone: Registration?

        /// Whose provider never answers, if there is a provider.
        package let hanging: Registration?

        package init(
            notifier: any Notifier,
            good: Registration,
            gone: Registration? = nil,
            hanging: Registration? = nil
        ) {
            self.notifier = notifier
            self.good = good
            self.gone = gone
            self.hanging = hanging
        }
    }

    /// One thing to keep.
    package struct Clause: Sendable, CustomStringConvertible {
        /// The sentence.
        package let description: String

        /// Throws a ``ContractBreach`` if the subject does not keep it.
        ///
        /// The subject is shut down afterwards.
        package let check: @Sendable (Subject) async throws(ContractBreach) -> Void
    }

    /// All of them.
    package static let clauses = [
        Clause(description: "has a name that registrations can carry", check: name),
        Clause(description: "delivers every kind, unknown ones too", check: kinds),
        Clause(description: "delivers the same notice again", check: again),
        Clause(description: "takes many at once", check: many),
        Clause(description: "sends nothing whose life is over", check: expired),
        Clause(description: "says that a device is gone", check: gone),
        Clause(description: "returns in its time from a provider that hangs", check: hanging),
        Clause(description: "returns when it is cancelled", check: cancelled),
        Clause(description: "keeps secrets out of what people read", check: secrets),
        Clause(description: "accepts nothing after its shutdown", check: shutdown),
    ]

    /// A notice as a board makes it, alive for `life`.
    package static func notice(
        _ kind: NoticeKind = .ring,
        life: Duration = .seconds(25),
        seed: UInt64 = 1
    ) -> Notice {
        var random = SeededGenerator(seed: seed)
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        return Notice(
            push: PushID(at: now, using: &random),
            kind: kind,
            call: CallID(at: now, using: &random),
            property: PropertyID(at: now, using: &random),
            expiresAt: now + life,
            now: now,
            seq: 3,
            url: "wss://node1.example/v1/socket",
            ackKey: Concealed("ack-key-9f4b"),
            actionKey: Concealed("action-key-77c1"),
            names: Notice.Names(panel: "Gate \"A\"", unit: "Unit 12")
        )
    }
}

extension NotifierContract {
    private static let allowance: Duration = .seconds(5)

    private static func name(_ subject: Subject) async throws(ContractBreach) {
        let name = subject.notifier.name
        let isWord = !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        try require(isWord, "its name is \"\(name)\", which is no word")
        try require(subject.good.notifier == name, "it is not the notifier of its registration")
        try require(name == subject.notifier.name, "its name changes")
        await subject.notifier.shutdown()
    }

    private static func kinds(_ subject: Subject) async throws(ContractBreach) {
        let all: [NoticeKind] = [.ring, .cancel, .missed, .test, NoticeKind(rawValue: "later")]
        for kind in all where subject.notifier.takes(kind, for: subject.good) {
            try await requireAccepted(notice(kind), subject)
        }
        await subject.notifier.shutdown()
    }

    private static func again(_ subject: Subject) async throws(ContractBreach) {
        for _ in 0..<3 { try await requireAccepted(notice(), subject) }
        await subject.notifier.shutdown()
    }

    private static func many(_ subject: Subject) async throws(ContractBreach) {
        let accepted = await withTaskGroup { group in
            for seed in 1...40 {
                group.addTask {
                    let verdict = await subject.notifier.send(
                        notice(seed: UInt64(seed)),
                        to: subject.good,
                        within: allowance
                    )
                    if case .accepted = verdict { return 1 }
                    return 0
                }
            }
            return await group.reduce(0, +)
        }
        try require(accepted == 40, "of 40 at once it delivered \(accepted)")
        await subject.notifier.shutdown()
    }

    private static func expired(_ subject: Subject) async throws(ContractBreach) {
        let verdict = await subject.notifier.send(
            notice(life: .zero),
            to: subject.good,
            within: allowance
        )
        guard case .failed = verdict else {
            throw ContractBreach("a notice without life left was \(verdict)")
        }
        await subject.notifier.shutdown()
    }

    private static func gone(_ subject: Subject) async throws(ContractBreach) {
        if let gone = subject.gone {
            let verdict = await subject.notifier.send(notice(), to: gone, within: allowance)
            guard case .rejectedToken = verdict else {
                throw ContractBreach("a notice to a device that is gone was \(verdict)")
            }
        }
        try await requireAccepted(notice(), subject)
        await subject.notifier.shutdown()
    }

    private static func hanging(_ subject: Subject) async throws(ContractBreach) {
        if let hanging = subject.hanging {
            let verdict = await subject.notifier.send(
                notice(),
                to: hanging,
                within: .milliseconds(200)
            )
            guard case .retry = verdict else {
                throw ContractBreach("a provider that does not answer was \(verdict)")
            }
        }
        try await requireAccepted(notice(), subject)
        await subject.notifier.shutdown()
    }

    private static func cancelled(_ subject: Subject) async throws(ContractBreach) {
        if let hanging = subject.hanging {
            let verdict = await withTaskGroup { group in
                group.addTask {
                    await subject.notifier.send(notice(), to: hanging, within: .seconds(600))
                }
                group.cancelAll()
                return await group.next()
            }
            switch verdict {
            case .retry, .failed: break
            default: throw ContractBreach("a cancelled try ended \(String(describing: verdict))")
            }
        }
        try await requireAccepted(notice(), subject)
        await subject.notifier.shutdown()
    }

    private static func secrets(_ subject: Subject) async throws(ContractBreach) {
        for registration in [subject.good, subject.gone].compactMap(\.self) {
            let verdict = await subject.notifier.send(
                notice(),
                to: registration,
                within: allowance
            )
            let shown = "\(verdict)"
            let secrets = [registration.token, "9f4b", "77c1"] + registration.parameters.values
            for secret in secrets where !secret.isEmpty && shown.contains(secret) {
                throw ContractBreach("its verdict shows a secret: \(shown)")
            }
        }
        await subject.notifier.shutdown()
    }

    private static func shutdown(_ subject: Subject) async throws(ContractBreach) {
        try await requireAccepted(notice(), subject)
        await subject.notifier.shutdown()
        await subject.notifier.shutdown()
        let verdict = await subject.notifier.send(notice(), to: subject.good, within: allowance)
        guard case .failed = verdict else {
            throw ContractBreach("a notice after the shutdown was \(verdict)")
        }
    }

    private static func requireAccepted(
        _ notice: Notice,
        _ subject: Subject
    ) async throws(ContractBreach) {
        let verdict = await subject.notifier.send(notice, to: subject.good, within: allowance)
        guard case .accepted = verdict else {
            throw ContractBreach("a good \(notice.kind) was \(verdict)")
        }
    }

    private static func require(
        _ condition: Bool,
        _ sentence: @autoclosure () -> String
    ) throws(ContractBreach) {
        if !condition { throw ContractBreach(sentence()) }
    }
}
