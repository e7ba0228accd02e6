// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleWire

/// How long a request is worth something.
package struct Patience: Sendable, Equatable {
    /// It is not sent, or sent again on a later connection, after this time.
    ///
    /// A press that opens a
    /// door must not do so minutes later, when the link is back.
    package var sending: Duration

    /// It counts as unanswered after this time; nil: never.
    package var answer: Duration?

    /// It is repeated on one connection after this time; nil: only on the next connection.
    package var again: Duration?

    /// Once sent, it is not sent again in another session.
    ///
    /// Answers are kept for a session: in another one the same request would be done twice.
    package var isForOneSession: Bool

    package init(
        sending: Duration,
        answer: Duration?,
        again: Duration? = nil,
        isForOneSession: Bool = false
    ) {
        self.sending = sending
        self.answer = answer
        self.again = again
        self.isForOneSession = isForOneSession
    }

    /// Most requests: a person waits for them.
    package static let person = Patience(sending: .seconds(15), answer: .seconds(20))

    /// A door: never sent later than its own deadline of 5 s, answered 2 s after it at the latest.
    package static let door = Patience(sending: .seconds(5), answer: .seconds(10))

    /// A pass opens a door without a key: like a door, and done in one session or not at all.
    package static let pass = Patience(
        sending: .seconds(5),
        answer: .seconds(10),
        isForOneSession: true
    )

    /// A new credential is asked for two minutes before the old one ends.
    package static let renewal = Patience(sending: .seconds(60), answer: .seconds(60))

    /// The press of a guest, who stands there and waits.
    package static let press = Patience(sending: .seconds(20), answer: .seconds(30))

    /// An end: it must arrive, as the other side goes on otherwise.
    package static let end = Patience(sending: .seconds(60), answer: .seconds(60))

    /// What means nothing on another connection.
    package static let fleeting = Patience(sending: .zero, answer: .seconds(10))

    /// What is repeated until it is answered, for a day.
    package static let untilAnswered = Patience(
        sending: .seconds(86_400),
        answer: .seconds(86_400),
        again: .seconds(10)
    )
}

extension Patience {
    /// What a request is worth, whoever asks.
    package static func of(_ request: ClientRequest) -> Patience {
        switch request {
        case .callUnlock, .doorUnlock: .door
        case .passPresent: .pass
        case .callStart: .press
        case .callCancel, .callHangup, .callDecline: .end
        case .authRenew: .renewal
        case .hello, .ping, .callMedia, .mediaKeyframe, .doorState: .fleeting
        // A panel's own result has a patience of its own, as it must be heard; see ``untilAnswered``.
        case .doorResult, .directoryGet, .passesSync, .passUses, .panelCode, .callRinging,
            .callIgnore, .callPreview, .callAnswer, .deviceStatus, .pushAck:
            .person
        }
    }
}

/// A request that was not answered yet, with the id under which it is sent every time.
struct PendingRequest: Sendable, Equatable {
    let id: String
    let number: Int
    let request: ClientRequest
    let asked: Moment
    let patience: Patience

    /// The socket it was last sent on, and when.
    var sent: Sent?

    struct Sent: Sendable, Equatable {
        let socket: Int
        let at: Moment
    }

    /// Whether it may (still) be sent on `socket`.
    func maySend(on socket: Int, at now: Moment) -> Bool {
        guard let sent else { return now - asked <= max(patience.sending, .milliseconds(1)) }
        if sent.socket != socket {
            return now - asked <= patience.sending && patience.sending > .zero
        }
        guard let again = patience.again else { return false }
        return now - sent.at >= again
    }

    func isOver(at now: Moment) -> Bool {
        guard let answer = patience.answer else { return false }
        return now - asked >= answer
    }

    /// When it must be looked at again, while `socket` is open (nil: none is).
    func deadline(on socket: Int?) -> Moment? {
        let over = patience.answer.map { asked + $0 }
        guard let socket, let again = patience.again, let sent, sent.socket == socket else {
            return over
        }
        let repeated = sent.at + again
        return over.map { min($0, repeated) } ?? repeated
    }
}
