// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
public import VestibuleNotifier

/// What every notifier keeps, whoever wrote it: each clause is one test.
///
/// With Swift Testing a test takes ``clauses`` as its arguments and makes a fresh ``Subject`` for
/// each:
///
///     @Test(arguments: NotifierContract.clauses)
///     func `it keeps the contract`(clause: NotifierContract.Clause) async throws {
///         try await clause.check(.init(notifier: MyNotifier(), good: registration))
///     }
///
/// It needs no test library, so that any other runs it too.
public struct NotifierContract: Sendable {
    /// A notifier under test with registrations that its provider treats in known ways.
    public struct Subject: Sendable {
        /// The notifier, fresh.
        public let notifier: any Notifier

        /// Delivered to.
        public let good: Registration

        /// Whom the provider calls gone, if the provider can.
        public let gone: Registration?

        /// Whose provider never answers, if there is a provider.
        public let hanging: Hanging?

        /// A notifier with what its provider does.
        public init(
            notifier: any Notifier,
            good: Registration,
            gone: Registration? = nil,
            hanging: Hanging? = nil
        ) {
            self.notifier = notifier
            self.good = good
            self.gone = gone
            self.hanging = hanging
        }
    }

    /// A registration whose provider takes a request and never answers it.
    public struct Hanging: Sendable {
        /// Its address.
        public let registration: Registration

        /// Returns once the provider has the first request.
        public let arrived: @Sendable () async -> Void

        /// A provider that hangs; `arrived` is awaited at most once for each fresh subject.
        public init(
            _ registration: Registration,
            arrived: @escaping @Sendable () async -> Void
        ) {
            self.registration = registration
            self.arrived = arrived
        }
    }

    /// One thing to keep.
    public struct Clause: Sendable, CustomStringConvertible {
        /// The sentence.
        public let description: String

        /// Throws a ``NotifierBreach`` if the subject does not keep it.
        ///
        /// The subject is shut down afterwards.
        public let check: @Sendable (Subject) async throws(NotifierBreach) -> Void
    }

    /// All of them.
    public static let clauses = [
        Clause(description: "has a name that registrations can carry", check: name),
        Clause(description: "names a lane that stays the same", check: lane),
        Clause(description: "delivers every kind it takes, unknown ones too", check: kinds),
        Clause(description: "delivers the same notice again", check: again),
        Clause(description: "takes many at once", check: many),
        Clause(description: "sends nothing whose life is over", check: expired),
        Clause(description: "says that a device is gone", check: gone),
        Clause(description: "returns in its time from a provider that hangs", check: hanging),
        Clause(description: "returns when it is cancelled under way", check: cancelled),
        Clause(description: "keeps secrets out of what people read", check: secrets),
        Clause(description: "accepts nothing after its shutdown", check: shutdown),
    ]

    /// A notice as a server makes it, alive for `life`; `seed` draws its ids.
    public static func notice(
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
            ackKey: Secret("ack-key-9f4b"),
            actionKey: Secret("action-key-77c1")
        )
    }
}

/// A way in which a notifier does not keep the contract.
public struct NotifierBreach: Error, CustomStringConvertible {
    /// Which, and how.
    public let sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }

    /// The sentence.
    public var description: String { sentence }
}
