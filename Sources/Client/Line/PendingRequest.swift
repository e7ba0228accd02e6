// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

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

    package init(sending: Duration, answer: Duration?, again: Duration? = nil) {
        self.sending = sending
        self.answer = answer
        self.again = again
    }

    /// Most requests: a person waits for them.
    package static let person = Patience(sending: .seconds(15), answer: .seconds(20))

    /// A door: never sent later than its own deadline of 5 s, answered 2 s after it at the latest.
    package static let door = Patience(sending: .seconds(5), answer: .seconds(10))

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
