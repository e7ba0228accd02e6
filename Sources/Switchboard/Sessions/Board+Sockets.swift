// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleWire

/// Sockets: opened, heard, silent, closed.
extension Board {
    /// A socket was accepted; `address` is its numeric address.
    package func opened(_ line: Line, address: String, at now: Now) {
        counters.sockets += 1
        let connection = Connection(
            line: line,
            address: address,
            id: counters.sockets,
            limits: limits.session,
            at: now.moment
        )
        line.owner = connection
        line.lastReceived = now.moment
        guard
            !isRestarting,
            exchange.guardian.withLock({ $0.admit(address, at: now.moment) })
        else {
            connection.phase = .closed
            return close(line, isRestarting ? .restarting : .tooMuch)
        }
        connections[connection.id] = connection
        alarms.add(.hello(connection.id), at: now.moment + limits.session.hello)
    }

    /// A whole text message, decoded or not.
    package func receive(
        _ message: Result<ClientMessage, MessageFault>,
        from line: Line,
        at now: Now
    ) {
        guard let connection = line.owner else { return }
        wakefulness.turn(at: now.moment, alarm: alarms.next)
        counters.messages += 1
        switch connection.phase {
        case .fresh: receiveHello(message, on: connection, at: now)
        case .greeting: give(up: connection, .notAuthenticated, at: now)
        case .open(let principal):
            if let seat = seats[principal] {
                receive(message, from: seat, on: connection, at: now)
            }
        case .closed: break
        }
        endTurn(at: now)
    }

    /// Something came that is longer than its bound.
    package func oversized(_ line: Line, at now: Now) {
        guard let connection = line.owner else { return }
        counters.oversized += 1
        give(up: connection, .tooBig, at: now)
        endTurn(at: now)
    }

    /// The socket is gone, whoever closed it.
    package func closed(_ line: Line, at now: Now) {
        guard let connection = line.owner else { return }
        leave(connection, at: now)
        endTurn(at: now)
    }

    /// Closes a socket and lets its session wait for another one.
    func give(up connection: Connection, _ code: CloseCode, at now: Now) {
        close(connection.line, code)
        leave(connection, at: now)
    }

    func close(_ line: Line, _ code: CloseCode) {
        counters.closes[Int(code.rawValue), default: 0] += 1
        line.close(code: code.rawValue, reason: code.reason)
    }

    private func leave(_ connection: Connection, at now: Now) {
        let phase = connection.phase
        connection.phase = .closed
        connections[connection.id] = nil
        connection.line.owner = nil
        switch phase {
        case .fresh:
            exchange.guardian.withLock { $0.leave(connection.address) }
        case .greeting(let principal):
            exchange.guardian.withLock { $0.leave(connection.address) }
            abandonGreeting(of: principal, connection, at: now)
        case .open(let principal):
            guard let seat = seats[principal], seat.connection === connection else { return }
            vacate(seat, at: now)
        case .closed:
            break
        }
    }

    /// The seat lost its socket: the session is kept, the calls learn it.
    private func vacate(_ seat: Seat, at now: Now) {
        if let line = seat.connection?.line {
            seat.session.handles = line.handles
            relay.lineGone(line)
        }
        seat.connection = nil
        seat.lostAt = now.moment
        seat.talk = nil
        exchange.places.withLock { $0.detach(seat.principal, epoch: seat.epoch) }
        alarms.add(
            .session(seat.principal, epoch: seat.epoch),
            at: now.moment + limits.session.resume
        )
        for call in exchange.calls.withLock({ $0.calls(of: seat.principal) }) {
            guard let owner = exchange.calls.withLock({ $0.owner(of: call) }) else { continue }
            send(.left(seat.principal, epoch: seat.epoch, call), to: owner, at: now)
        }
        boundDetached(at: now)
    }

    func helloIsLate(_ id: Int, at now: Now) {
        guard let connection = connections[id], case .fresh = connection.phase else { return }
        give(up: connection, .notAuthenticated, at: now)
    }

    func sessionIsOld(_ principal: Principal, _ epoch: UInt64, at now: Now) {
        guard let seat = seats[principal], seat.epoch == epoch, seat.connection == nil else {
            return
        }
        forget(seat)
    }

    private func forget(_ seat: Seat) {
        seats[seat.principal] = nil
        exchange.places.withLock { $0.forget(seat.principal, epoch: seat.epoch) }
    }

    /// Looks for the oldest only where there may be too many: a mass disconnect must not cost its
    /// square.
    private func boundDetached(at now: Now) {
        guard seats.count > limits.session.detached + connections.count else { return }
        let oldest = seats.values.filter { $0.connection == nil }.min {
            ($0.lostAt ?? now.moment, $0.epoch) < ($1.lostAt ?? now.moment, $1.epoch)
        }
        if let oldest { forget(oldest) }
    }

    // MARK: Signs of life

    /// Ten thousand quiet devices are some thirty pings in each, every fifteen seconds.
    static let lifeGrain = Duration.milliseconds(50)

    /// Pings who is quiet and gives up who stays so.
    func checkLife(of id: Int, due: Moment, at now: Now) {
        guard let connection = connections[id], connection.checkAt == due,
            case .open(let principal) = connection.phase, let seat = seats[principal]
        else { return }
        connection.checkAt = nil
        let inCall = seat.talk != nil
        let interval = pingInterval(inCall: inCall)
        let patience =
            inCall ? limits.session.callSilence : limits.session.heartbeat * 2
        let silence = now.moment - connection.line.lastReceived
        let ours = silenceIsOurs.map { $0 > now.moment } ?? false
        if silence >= patience, !ours {
            counters.silent += 1
            return give(up: connection, .noSignOfLife, at: now)
        }
        if silence >= interval, now.moment - connection.pingedAt >= interval {
            connection.pingedAt = now.moment
            connection.line.ping()
        }
        let next = min(
            connection.line.lastReceived + (silence >= interval ? patience : interval),
            now.moment + interval
        )
        lookAfter(connection, at: max(next, now.moment + .milliseconds(1)))
    }

    /// Looks for a sign of life at this time, or sooner where that was wanted already; up to a grain
    /// of time later, so that many who are quiet share a wake of the loop, and their answers too.
    func lookAfter(_ connection: Connection, at wanted: Moment) {
        let moment = wanted.rounded(upTo: Self.lifeGrain)
        if let earlier = connection.checkAt, earlier <= moment { return }
        connection.checkAt = moment
        alarms.add(.life(connection.id, due: moment), at: moment)
    }

    /// A tenth sooner than the other side asks for life itself: of the two ways a WebSocket's ping is the
    /// cheaper one, for phones too.
    func pingInterval(inCall: Bool) -> Duration {
        let heartbeat = inCall ? limits.session.callHeartbeat : limits.session.heartbeat
        return heartbeat - heartbeat / 10
    }

    /// A call began or ended: the next check comes sooner.
    func quickenLife(of seat: Seat, at now: Now) {
        guard let connection = seat.connection else { return }
        lookAfter(connection, at: now.moment + pingInterval(inCall: true))
    }

    // MARK: The server's own end

    func announceRestart(at now: Now) {
        isRestarting = true
        for principal in sortedSeats() {
            guard let seat = seats[principal], seat.connection != nil else { continue }
            let isConcerned = !exchange.calls.withLock { $0.calls(of: principal) }.isEmpty
            let most: UInt64 = isConcerned ? 1_000 : 10_000
            let delay = Int(random.next(upperBound: most))
            event(.serverRestarting(reconnectAfterMs: delay), to: principal, at: now)
        }
    }

    /// Whoever is slow hears of the restart too: what waits for them goes before the close.
    func closeAll(at now: Now) {
        for connection in connections.values.sorted(by: { $0.id < $1.id }) {
            connection.line.sayAll(at: now.moment)
            close(connection.line, .restarting)
        }
    }

    /// In an order that does not depend on hashing, so that a run is repeatable.
    func sortedSeats() -> [Principal] {
        seats.values.sorted { $0.epoch < $1.epoch }.map(\.principal)
    }
}

extension CloseCode {
    /// For people who read a packet trace.
    var reason: String {
        switch self {
        case .policy: "too many malformed messages or frames"
        case .tooBig: "too big"
        case .restarting: "restarting"  // Our transport knows 1012 by this word.
        case .notAuthenticated: "not authenticated"
        case .revoked: "revoked"
        case .noSignOfLife: "no sign of life"
        case .replaced: "replaced by a newer connection"
        case .tooMuch: "too much"
        }
    }
}
