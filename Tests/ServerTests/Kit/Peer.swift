// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport
import VestibuleWire

/// One socket of a panel or a device, as a test speaks for it.
///
/// What comes is kept until the test asks for it, in whatever order it asks; each wait is bounded.
/// The numbering of events is checked on the way. State lives on the clients' loop only; that is
/// what makes it Sendable.
final class Peer: @unchecked Sendable {
    /// How long anything is waited for before a test fails: for a machine that does much else.
    static let patience = Duration.seconds(10) * TestTimes.factor

    /// What came.
    enum Heard: Sendable {
        case opened
        case message(ServerMessage)
        case frame([UInt8])

        /// The socket is gone, with the code of the server's close frame if one came.
        case closed(UInt16?)
    }

    private struct Waiter {
        let number: Int

        /// Takes what it waits for out of the list; true where it was there.
        let serve: (inout [Heard]) -> Bool
        let fail: (Disappointment) -> Void
        let isForTheEnd: Bool
        var timer: TimerToken?
    }

    /// What a client does by itself when something comes; on the loop only.
    typealias Reaction = @Sendable (ServerMessage) -> ClientMessage?

    let clients: Clients
    private let reaction: Reaction?
    private var loop: EventLoop { clients.loop }
    private var connection: WebSocketConnection?
    private var unheard: [Heard] = []
    private var waiters: [Waiter] = []
    private var lastWaiter = 0
    private var end: UInt16??
    private var atEnd: (() -> Void)?
    private var flaw: String?

    /// The session and the newest event, for `resume`.
    private var session: SessionID?
    private var newest = 0
    private let serial = Locked(0)
    private let mark: UInt64

    init(_ clients: Clients, reaction: Reaction? = nil) {
        self.clients = clients
        self.reaction = reaction
        var random = SystemRandomNumberGenerator()
        mark = random.next()
    }

    // MARK: On the loop

    func hear(text bytes: UnsafeRawBufferPointer) {
        switch ServerMessage.decode(bytes) {
        case .success(let message):
            check(message)
            if let answer = reaction?(message) {
                sendNow(String(decoding: answer.encoded(), as: UTF8.self))
            }
            hear(.message(message))
        case .failure(let fault):
            flaw = "the server wrote \(String(decoding: bytes, as: UTF8.self)): \(fault)"
        }
    }

    func hear(_ heard: Heard) {
        if case .closed(let code) = heard {
            end = .some(code)
            connection = nil
        }
        unheard.append(heard)
        for waiter in waiters where waiter.serve(&unheard) { retire(waiter) }
        guard end != nil else { return }
        atEnd?()
        for waiter in waiters where !waiter.isForTheEnd {
            retire(waiter)
            waiter.fail(Disappointment("closed \(endText)"))
        }
    }

    func sendNow(_ text: String) { connection?.send(text: text) }

    private func retire(_ waiter: Waiter) {
        if let timer = waiters.first(where: { $0.number == waiter.number })?.timer {
            loop.cancel(timer)
        }
        waiters.removeAll { $0.number == waiter.number }
    }

    /// Events are numbered without a gap, on from what the client had.
    private func check(_ message: ServerMessage) {
        switch message {
        case .welcome(_, let welcome):
            session = welcome.session
            if !welcome.resumed { newest = 0 }
        case .event(let number, _):
            if number != newest + 1 { flaw = "event \(number) came after event \(newest)" }
            newest = number
        case .ok, .refused:
            break
        }
    }

    private var endText: String {
        switch end {
        case .some(.some(let code)): "with \(code)"
        case .some(nil): "without a word"
        case nil: "not at all"
        }
    }

    private func wait<T: Sendable>(
        _ what: String,
        _ patience: Duration,
        forTheEnd: Bool,
        _ pick: @escaping @Sendable (Heard) -> T?,
        _ done: @escaping (Result<T, any Error>) -> Void
    ) {
        if let flaw { return done(.failure(Disappointment(flaw))) }
        if let found = Self.take(pick, from: &unheard) { return done(.success(found)) }
        if end != nil, !forTheEnd {
            return done(.failure(Disappointment("\(what): the socket was closed \(endText)")))
        }
        lastWaiter += 1
        let number = lastWaiter
        var waiter = Waiter(
            number: number,
            serve: { heard in
                guard let found = Self.take(pick, from: &heard) else { return false }
                done(.success(found))
                return true
            },
            fail: { done(.failure(Disappointment("\(what): \($0)"))) },
            isForTheEnd: forTheEnd
        )
        waiter.timer = loop.schedule(after: patience) { [self] in
            waiters.removeAll { $0.number == number }
            done(.failure(Disappointment("\(what) never came; unheard: \(unheard)")))
        }
        waiters.append(waiter)
    }

    private static func take<T>(_ pick: (Heard) -> T?, from heard: inout [Heard]) -> T? {
        for (index, item) in heard.enumerated() {
            guard let found = pick(item) else { continue }
            heard.remove(at: index)
            return found
        }
        return nil
    }

    // MARK: For tests, anywhere

    /// Takes the first that `pick` wants of what came, or waits for it.
    func hears<T: Sendable>(
        _ what: String,
        within patience: Duration = Peer.patience,
        forTheEnd: Bool = false,
        _ pick: @escaping @Sendable (Heard) -> T?
    ) async throws -> T {
        try await withThrowingHandoff { continuation in
            loop.submit {
                self.wait(what, patience, forTheEnd: forTheEnd, pick) {
                    continuation.resume(with: $0)
                }
            }
        }
    }

    /// Begins to connect; the end of the handshake is heard as `opened`.
    func connect(to target: WebSocketTarget) async throws {
        try await loop.run {
            self.connection = self.clients.client.connect(to: target, context: self)
        }
    }

    /// Waits for the end of the handshake.
    func isOpen() async throws {
        try await hears("the end of the handshake") { heard -> Void? in
            if case .opened = heard { () } else { nil }
        }
    }

    func send(text: String) async throws {
        try await loop.run { self.connection?.send(text: text) }
    }

    /// Sends several messages in one turn.
    func send(texts: [String]) async throws {
        try await loop.run { for text in texts { self.connection?.send(text: text) } }
    }

    func send(frame: [UInt8]) async throws { try await send(frames: [frame]) }

    /// Sends several frames in one turn.
    func send(frames: [[UInt8]]) async throws {
        try await loop.run {
            for frame in frames { frame.withUnsafeBytes { self.connection?.send(binary: $0) } }
        }
    }

    /// From here on events are counted on from this one.
    func expects(eventsAfter number: Int) async throws {
        try await loop.run { self.newest = number }
    }

    /// Calls `done` when the socket is closed, at once if it is; on the loop only.
    func whenClosed(_ done: @escaping () -> Void) {
        if end != nil { done() } else { atEnd = done }
    }

    /// Ends the socket without a word, as a lost network does.
    func drop() async throws {
        try await loop.run { self.connection?.drop() }
        _ = try await closing()
    }

    /// Waits until the server has closed the socket; its code, if it named one.
    func closing() async throws -> UInt16? {
        let code: UInt16?? = try await hears("the end", forTheEnd: true) { heard in
            if case .closed(let code) = heard { .some(code) } else { nil }
        }
        return code ?? nil
    }

    /// What a new socket says to have what was missed.
    func resume() async throws -> Resume? {
        try await loop.run { self.session.map { Resume(session: $0, seq: self.newest) } }
    }

    /// Everything that came and was not asked for, and is forgotten now.
    func takeUnheard() async throws -> [Heard] {
        try await loop.run {
            defer { self.unheard = [] }
            return self.unheard
        }
    }

    /// A request's id, unique in its session whichever socket sends it.
    func newID() -> String {
        let number = serial.withLock { serial in
            serial += 1
            return serial
        }
        return String(mark, radix: 36) + "-\(number)"
    }
}
