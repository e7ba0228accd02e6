// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension Line {
    /// Connects, unless that is under way; also after the line was closed for good.
    mutating func start(at now: Moment) -> [LineAction] {
        switch phase {
        case .idle, .closed, .waiting: connect(at: now)
        case .connecting, .greeting, .open: []
        }
    }

    /// Closes for good.
    mutating func stop() -> [LineAction] {
        guard phase != .closed(.stopped) else { return [] }
        var actions: [LineAction] = []
        if let socket { actions.append(.close(socket: socket, code: 1000)) }
        return actions + end(.stopped)
    }

    /// The handshake succeeded: `hello`, with the session where there is one to resume.
    mutating func opened(
        socket: Int,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        guard case .connecting(socket, _) = phase else {
            counters.stale += 1
            return [.close(socket: socket, code: 1000)]
        }
        let id = nextRequest(using: &random).id
        phase = .greeting(Greeting(socket: socket, id: id, until: now + settings.connecting))
        lastHeard = now
        let hello = Hello(token: token, device: settings.device, resume: session)
        return [.helloSent, .send(ClientMessage(id: id, request: .hello(hello)), socket: socket)]
    }

    /// The socket is gone.
    mutating func closed(
        socket: Int,
        code: UInt16?,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        guard socket == self.socket else {
            counters.stale += 1
            return []
        }
        switch code.flatMap(CloseCode.init(rawValue:)) {
        case .replaced: return end(.replaced)
        case .revoked: return end(.revoked)
        case .notAuthenticated: return end(.notAuthenticated)
        case .tooMuch:
            settle(at: now)
            return wait(backoff.nextLong(using: &random), at: now)
        case .restarting, .policy, .tooBig, .noSignOfLife, nil:
            return lost(at: now, using: &random)
        }
    }

    /// Gives a socket up and tries again later.
    mutating func abandon(
        code: UInt16,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        guard let socket else { return [] }
        return [.close(socket: socket, code: code)] + lost(at: now, using: &random)
    }

    mutating func connect(at now: Moment) -> [LineAction] {
        let socket = nextSocket()
        phase = .connecting(socket: socket, until: now + settings.connecting)
        return [.status(.connecting), .connect(socket: socket)]
    }

    private mutating func lost(
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        settle(at: now)
        if let restartAfter {
            // Drawn by the server, so that all its clients do not return together; if that try
            // fails it is a failure like any other.
            self.restartAfter = nil
            return wait(restartAfter, at: now)
        }
        return wait(backoff.next(using: &random), at: now)
    }

    /// A connection that held makes the next failure a first one; one that the server closes at
    /// once does not.
    private mutating func settle(at now: Moment) {
        if case .open(let open) = phase, now - open.since >= settings.holds { backoff.reset() }
    }

    private mutating func wait(_ duration: Duration, at now: Moment) -> [LineAction] {
        phase = .waiting(until: now + duration)
        return [.status(.waiting(duration))]
    }

    mutating func end(_ reason: ConnectionEnd) -> [LineAction] {
        phase = .closed(reason)
        restartAfter = nil
        // What must be told in the end stays for a later start.
        let over = pending.filter { $0.patience != .untilAnswered }
        pending.removeAll { $0.patience != .untilAnswered }
        return [.status(.closed(reason))] + over.map { .answered($0.number, .failure(.closed)) }
    }
}
