// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
import VestibuleWire

extension Line {
    /// Asks something, now or as soon as there is a connection.
    ///
    /// - Returns: the number under which the answer will be told; nil where too much waits.
    mutating func ask(
        _ request: ClientRequest,
        _ patience: Patience,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> (number: Int, actions: [LineAction])? {
        let isFleeting = patience.sending == .zero
        guard pending.count < settings.pending, !isFleeting || openSocket != nil else {
            return nil
        }
        if case .closed = phase, patience != .untilAnswered { return nil }
        let (number, id) = nextRequest(using: &random)
        pending.append(
            PendingRequest(
                id: id,
                number: number,
                request: request,
                asked: now,
                patience: patience
            )
        )
        guard let socket = openSocket else { return (number, []) }
        return (number, send(at: pending.count - 1, on: socket, at: now))
    }

    /// Sends what waits, in its order, each under the id it always had.
    mutating func sendPending(on socket: Int, at now: Moment) -> [LineAction] {
        pending.indices.flatMap { index in
            pending[index].maySend(on: socket, at: now) ? send(at: index, on: socket, at: now) : []
        }
    }

    private mutating func send(at index: Int, on socket: Int, at now: Moment) -> [LineAction] {
        pending[index].sent = PendingRequest.Sent(socket: socket, at: now)
        let message = ClientMessage(id: pending[index].id, request: pending[index].request)
        return [.send(message, socket: socket)]
    }

    /// What was sent in a session that is gone, and may not be done twice.
    mutating func giveUpSessionBound() -> [LineAction] {
        giveUp { $0.patience.isForOneSession && $0.sent != nil }
    }

    private mutating func giveUp(_ isGivenUp: (PendingRequest) -> Bool) -> [LineAction] {
        let over = pending.filter(isGivenUp)
        guard !over.isEmpty else { return [] }
        pending.removeAll(where: isGivenUp)
        return over.map { .answered($0.number, .failure(.unanswered)) }
    }

    /// What became of a new credential so far.
    enum Renewal {
        /// The next `hello` carries it.
        case kept([LineAction])

        /// The server is asked, and it counts from its answer.
        case asked(Int, [LineAction])

        /// Too much waits.
        case notPossible
    }

    /// Takes a new credential.
    ///
    /// The server is asked where it knows the old one; otherwise the next `hello` carries it. A
    /// newer one takes the place of one that was not answered yet.
    mutating func renew(
        _ token: Secret,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> Renewal {
        let older = giveUp { $0.request.name == .authRenew }
        switch phase {
        case .idle, .waiting, .connecting, .closed:
            self.token = token
            return .kept(older)
        case .greeting, .open:
            let request = ClientRequest.authRenew(token: token)
            guard let asked = ask(request, .of(request), at: now, using: &random) else {
                return .notPossible
            }
            return .asked(asked.number, older + asked.actions)
        }
    }

    // MARK: Time

    /// Does what is due.
    mutating func tick(
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        var actions = expire(at: now)
        switch phase {
        case .waiting(let until) where until <= now: actions += connect(at: now)
        case .connecting(_, let until) where until <= now:
            actions += abandon(code: 1000, at: now, using: &random)
        case .greeting(let greeting) where greeting.until <= now:
            actions += abandon(code: 1000, at: now, using: &random)
        case .open(let open):
            actions += sendPending(on: open.socket, at: now)
            actions += watch(open, at: now, using: &random)
        case .idle, .waiting, .connecting, .greeting, .closed: break
        }
        return actions
    }

    private mutating func expire(at now: Moment) -> [LineAction] {
        giveUp { $0.isOver(at: now) }
    }

    /// Signs of life: asks after silence, gives up after silence upon that.
    private mutating func watch(
        _ open: Open,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        guard let ping = open.ping else {
            let isDue = lastHeard + silence(open) <= now || open.clockDue <= now
            return isDue ? sendPing(open, at: now, using: &random) : []
        }
        guard deadline(of: ping) <= now else { return [] }
        if !ping.isForgiven, now - deadline(of: ping) > .seconds(1) {
            // The tick itself is late: this process was stopped, and the answer may lie unread.
            var forgiven = ping
            forgiven.isForgiven = true
            forgiven.until = now + settings.answer
            var open = open
            open.ping = forgiven
            phase = .open(open)
            return []
        }
        return abandon(code: CloseCode.noSignOfLife.rawValue, at: now, using: &random)
    }

    private mutating func sendPing(
        _ open: Open,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        let id = nextRequest(using: &random).id
        var open = open
        open.ping = Ping(id: id, sent: now, until: now + settings.answer)
        open.clockDue = now + settings.clock
        phase = .open(open)
        return [.send(ClientMessage(id: id, request: .ping), socket: open.socket)]
    }

    private func silence(_ open: Open) -> Duration {
        isInCall ? min(open.heartbeat, settings.callHeartbeat) : open.heartbeat
    }

    /// On a slow link the answer may stand behind a large frame: bytes that still come buy it
    /// time, but not for ever.
    private func deadline(of ping: Ping) -> Moment {
        let most = ping.until + settings.answer + settings.answer
        return min(max(ping.until, lastHeard + settings.answer), most)
    }

    /// When ``tick(at:using:)`` has something to do.
    package var nextDeadline: Moment? {
        let socket = openSocket
        let requests = pending.compactMap { $0.deadline(on: socket) }.min()
        return [requests, phaseDeadline].compactMap { $0 }.min()
    }

    private var phaseDeadline: Moment? {
        switch phase {
        case .idle, .closed: nil
        case .waiting(let until), .connecting(_, let until): until
        case .greeting(let greeting): greeting.until
        case .open(let open):
            open.ping.map { deadline(of: $0) } ?? min(lastHeard + silence(open), open.clockDue)
        }
    }

    /// Media came on a socket.
    // Not inlined: Swift 6.3.1's CopyPropagation fails on the borrow of `phase` where this lands in a
    // generic shell.
    @inline(never)
    package mutating func heard(socket: Int, at now: Moment) {
        guard socket == openSocket, now > lastHeard else { return }
        lastHeard = now
    }
}
