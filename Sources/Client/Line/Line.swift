// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// The connection of one client, across sockets: hello and resume, requests and answers, the
/// order of events, signs of life, reconnecting.
///
/// ```text
/// idle ─ start ─▶ connecting ─ opened ─▶ greeting ─ welcome ─▶ open
///                     ▲                                          │
///                     └──── waiting ◀── lost, in any of them ────┘      any ─ 4401, 4403, 4409, stop ─▶ closed
/// ```
///
/// It is a part of ``PanelClient`` and ``ResidentClient``, which hand it what concerns it.
package struct Line: Sendable {
    /// What the connection waits for.
    enum Phase: Sendable, Equatable {
        case idle
        case waiting(until: Moment)
        case connecting(socket: Int, until: Moment)
        case greeting(Greeting)
        case open(Open)
        case closed(ConnectionEnd)
    }

    struct Greeting: Sendable, Equatable {
        let socket: Int
        let id: String
        let until: Moment
    }

    struct Open: Sendable, Equatable {
        let socket: Int
        let since: Moment
        let heartbeat: Duration

        /// Events up to this one are in the welcome's calls already.
        let included: Int
        var ping: Ping?

        /// When the clock must have been asked for again.
        var clockDue: Moment
    }

    struct Ping: Sendable, Equatable {
        let id: String
        let sent: Moment
        var until: Moment

        /// A late tick was forgiven once: this process itself was stopped.
        var isForgiven = false
    }

    package let settings: LineSettings
    var token: Secret
    var phase = Phase.idle
    var session: Resume?
    var pending: [PendingRequest] = []
    var backoff: Backoff
    var lastHeard = Moment(nanoseconds: 0)
    var restartAfter: Duration?
    var gapAt: Int?
    private var lastSocket = 0
    private var lastNumber = 0
    private var prefix = ""

    /// Messages that were dropped, by reason; for tests and diagnosis.
    package internal(set) var counters = LineCounters()

    /// Whether a call is live, so that silence is noticed sooner.
    package var isInCall = false

    package init(settings: LineSettings, token: Secret, resume: Resume? = nil) {
        self.settings = settings
        self.token = token
        session = resume
        backoff = settings.backoff
    }

    /// What a later process needs to resume; nil before the first welcome.
    package var resume: Resume? { session }

    /// The socket on which signalling and media flow now.
    package var openSocket: Int? {
        if case .open(let open) = phase { open.socket } else { nil }
    }

    /// The newest socket, whatever it does.
    var socket: Int? {
        switch phase {
        case .connecting(let socket, _): socket
        case .greeting(let greeting): greeting.socket
        case .open(let open): open.socket
        case .idle, .waiting, .closed: nil
        }
    }

    mutating func nextSocket() -> Int {
        lastSocket += 1
        return lastSocket
    }

    /// Ids are unique in the session, also when an earlier process began it.
    mutating func nextRequest(
        using random: inout some RandomNumberGenerator
    ) -> (number: Int, id: String) {
        if prefix.isEmpty { prefix = FreshKey.draw(length: 6, using: &random) + "-" }
        lastNumber += 1
        return (lastNumber, prefix + String(lastNumber))
    }
}

/// What a line is made from.
package struct LineSettings: Sendable, Equatable {
    /// What `hello` says of the device.
    package var device: HelloDevice

    /// For the handshake, and then for the `welcome`.
    package var connecting: Duration = .seconds(10)

    /// For the answer to a ping.
    package var answer: Duration = .seconds(5)

    /// Silence before a ping in a live call; otherwise the welcome's `heartbeat` counts.
    package var callHeartbeat: Duration = .seconds(3)

    /// Between two readings of the server's clock.
    package var clock: Duration = .seconds(540)

    /// A connection that held so long was good: the next failure is a first one.
    package var holds: Duration = .seconds(5)

    /// Requests that wait for answers; more are refused here.
    package var pending = 64

    package var backoff = Backoff()

    package init(device: HelloDevice) {
        self.device = device
    }
}

/// What a line dropped, and why.
package struct LineCounters: Sendable, Equatable {
    /// From a socket that is not the newest.
    package internal(set) var stale = 0

    /// Events seen already.
    package internal(set) var duplicates = 0

    /// Gaps in the events' numbers.
    package internal(set) var gaps = 0

    /// Answers to nothing that was asked.
    package internal(set) var strayAnswers = 0

    /// What could not be decoded.
    package internal(set) var unreadable = 0
}

/// What the line tells the client around it.
enum LineAction: Sendable, Equatable {
    case connect(socket: Int)
    case send(ClientMessage, socket: Int)
    case close(socket: Int, code: UInt16)
    case status(ConnectionStatus)
    case helloSent
    case welcomed(Welcome)

    /// In order, each once; a replayed one is for the log, not for the screen.
    case event(ServerEvent, isReplayed: Bool)
    case answered(Int, Result<Answer, RequestFailure>)
    case clock(milliseconds: Int, sent: Moment)
}

/// Random text, new for each press.
package enum FreshKey {
    private static let alphabet = [UInt8]("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// Draws `length` characters of 5 bits; 26 cannot be guessed nor meet by chance.
    package static func draw(
        length: Int = 26,
        using random: inout some RandomNumberGenerator
    ) -> String {
        let characters = (0..<length).map { _ in
            alphabet[Int(truncatingIfNeeded: random.next() & 31)]
        }
        return String(decoding: characters, as: UTF8.self)
    }
}
