// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleNotifier

extension NotifierContract {
    private static let allowance: Duration = .seconds(5)
    private static let allKinds: [NoticeKind] = [
        .ring, .cancel, .missed, .test, NoticeKind(rawValue: "later"),
    ]

    static func name(_ subject: Subject) async throws(NotifierBreach) {
        let name = subject.notifier.name
        let isWord = !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        try require(isWord, "its name is \"\(name)\", which is no word")
        try require(subject.good.notifier == name, "it is not the notifier of its registration")
        try require(name == subject.notifier.name, "its name changes")
        await subject.notifier.shutdown()
    }

    static func lane(_ subject: Subject) async throws(NotifierBreach) {
        for registration in [subject.good, subject.gone].compactMap(\.self) {
            let lane = subject.notifier.lane(for: registration)
            try require(!lane.isEmpty, "a lane has no name")
            try require(lane == subject.notifier.lane(for: registration), "a lane changes")
        }
        await subject.notifier.shutdown()
    }

    static func kinds(_ subject: Subject) async throws(NotifierBreach) {
        let taken = allKinds.filter { subject.notifier.takes($0, for: subject.good) }
        try require(!taken.isEmpty, "it takes no kind of notice at all")
        for kind in taken { try await requireAccepted(notice(kind), subject) }
        await subject.notifier.shutdown()
    }

    static func again(_ subject: Subject) async throws(NotifierBreach) {
        for _ in 0..<3 { try await requireAccepted(subject.notice(), subject) }
        await subject.notifier.shutdown()
    }

    static func many(_ subject: Subject) async throws(NotifierBreach) {
        let accepted = await withTaskGroup { group in
            for seed in 1...40 {
                group.addTask {
                    let verdict = await subject.notifier.send(
                        subject.notice(seed: UInt64(seed)),
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

    static func expired(_ subject: Subject) async throws(NotifierBreach) {
        let verdict = await subject.notifier.send(
            subject.notice(life: .zero),
            to: subject.good,
            within: allowance
        )
        guard case .failed = verdict else {
            throw NotifierBreach("a notice without life left was \(verdict)")
        }
        await subject.notifier.shutdown()
    }

    static func gone(_ subject: Subject) async throws(NotifierBreach) {
        if let gone = subject.gone {
            let notice = subject.notice(for: gone)
            let verdict = await subject.notifier.send(notice, to: gone, within: allowance)
            guard case .rejectedToken = verdict else {
                throw NotifierBreach("a notice to a device that is gone was \(verdict)")
            }
        }
        try await requireAccepted(subject.notice(), subject)
        await subject.notifier.shutdown()
    }

    static func hanging(_ subject: Subject) async throws(NotifierBreach) {
        if let hanging = subject.hanging {
            let verdict = await subject.notifier.send(
                subject.notice(for: hanging.registration),
                to: hanging.registration,
                within: .milliseconds(200)
            )
            guard case .retry = verdict else {
                throw NotifierBreach("a provider that does not answer was \(verdict)")
            }
        }
        try await requireAccepted(subject.notice(), subject)
        await subject.notifier.shutdown()
    }

    static func cancelled(_ subject: Subject) async throws(NotifierBreach) {
        if let hanging = subject.hanging {
            let verdict = await cancelledUnderWay(hanging, subject)
            switch verdict {
            case .retry, .failed: break
            case .accepted, .rejectedToken, .pause:
                throw NotifierBreach("a cancelled try ended \(verdict)")
            }
        }
        try await requireAccepted(subject.notice(), subject)
        await subject.notifier.shutdown()
    }

    /// Cancels the try when the provider has it, not before.
    private static func cancelledUnderWay(_ hanging: Hanging, _ subject: Subject) async -> Verdict {
        await withTaskGroup { group in
            group.addTask {
                await subject.notifier.send(
                    subject.notice(for: hanging.registration),
                    to: hanging.registration,
                    within: .seconds(600)
                )
            }
            await hanging.arrived()
            group.cancelAll()
            return await group.next() ?? .failed(reason: "no verdict")
        }
    }

    static func secrets(_ subject: Subject) async throws(NotifierBreach) {
        for registration in [subject.good, subject.gone].compactMap(\.self) {
            let verdict = await subject.notifier.send(
                subject.notice(for: registration),
                to: registration,
                within: allowance
            )
            let shown = "\(verdict)"
            let secrets = [registration.token, "9f4b", "77c1"] + registration.parameters.values
            for secret in secrets where !secret.isEmpty && shown.contains(secret) {
                throw NotifierBreach("its verdict shows a secret: \(shown)")
            }
        }
        await subject.notifier.shutdown()
    }

    static func shutdown(_ subject: Subject) async throws(NotifierBreach) {
        try await requireAccepted(subject.notice(), subject)
        await subject.notifier.shutdown()
        await subject.notifier.shutdown()
        let verdict = await subject.notifier.send(
            subject.notice(),
            to: subject.good,
            within: allowance
        )
        guard case .failed = verdict else {
            throw NotifierBreach("a notice after the shutdown was \(verdict)")
        }
    }

    private static func requireAccepted(
        _ notice: Notice,
        _ subject: Subject
    ) async throws(NotifierBreach) {
        let verdict = await subject.notifier.send(notice, to: subject.good, within: allowance)
        guard case .accepted = verdict else {
            throw NotifierBreach("a good \(notice.kind) was \(verdict)")
        }
    }

    private static func require(
        _ condition: Bool,
        _ sentence: @autoclosure () -> String
    ) throws(NotifierBreach) {
        if !condition { throw NotifierBreach(sentence()) }
    }
}

extension NotifierContract.Subject {
    /// A notice of the first kind that the notifier takes for a registration, the good one if none
    /// is named: not all take rings.
    fileprivate func notice(
        for registration: Registration? = nil,
        life: Duration = .seconds(25),
        seed: UInt64 = 1
    ) -> Notice {
        let kinds: [NoticeKind] = [.ring, .cancel, .missed, .test]
        let kind = kinds.first { notifier.takes($0, for: registration ?? good) }
        return NotifierContract.notice(kind ?? .missed, life: life, seed: seed)
    }
}
