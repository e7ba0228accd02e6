// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleWire

/// From `hello` to `welcome`: who it is, the session from wherever it is, the calls from whoever
/// owns them.
extension Board {
    func receiveHello(
        _ message: Result<ClientMessage, MessageFault>,
        on connection: Connection,
        at now: Now
    ) {
        guard case .success(let message) = message, case .hello(let hello) = message.request
        else { return give(up: connection, .notAuthenticated, at: now) }
        let credential = hash(hello.token.reveal)
        guard let principal = directory.principal(credential),
            principal.matches(hello.device.id)
        else {
            exchange.guardian.withLock { $0.failed(connection.address, at: now.moment) }
            return give(up: connection, .notAuthenticated, at: now)
        }
        guard mayConnect(principal) else { return give(up: connection, .revoked, at: now) }
        let (place, before) = exchange.places.withLock { $0.claim(principal, for: index) }
        let older = greetings.removeValue(forKey: principal)
        var greeting = Greeting(
            principal: principal,
            connection: connection,
            request: message.id,
            hello: hello,
            credential: credential,
            epoch: place.epoch,
            local: takeSeat(of: principal, at: now) ?? older?.local
        )
        if let older { greeting.takeOver(older) }
        connection.phase = .greeting(principal)
        greetings[principal] = greeting
        if let before, before.board != index {
            post(.handOver(principal, epoch: place.epoch, to: index), to: before.board)
        }
        if let older {
            restart(older, at: now)
        } else if before == nil || before?.board == index {
            gotSession(greeting.local, for: principal, at: now)
        }
    }

    /// A second socket of a device whose first one still waits for its welcome, on this board.
    private func restart(_ older: Greeting, at now: Now) {
        replace(older, at: now)
        if let other = older.superseded {
            post(.handedOver(older.principal, epoch: other.epoch, nil), to: other.board)
        }
        if let session = older.session { gotSession(session, for: older.principal, at: now) }
    }

    /// Whether somebody who came with this credential may have a session.
    func mayConnect(_ principal: Principal, with credential: CredentialHash) -> Bool {
        directory.principal(credential) == principal && mayConnect(principal)
    }

    private func mayConnect(_ principal: Principal) -> Bool {
        switch principal {
        case .panel(let panel): directory.panel(panel) != nil
        case .device(let device): directory.resident(of: device)?.isInGoodStanding ?? false
        }
    }

    /// Takes the session of a principal off its seat here, closing the older socket.
    private func takeSeat(of principal: Principal, at now: Now) -> Session? {
        guard let seat = seats.removeValue(forKey: principal) else { return nil }
        if let old = seat.connection {
            counters.replaced += 1
            seat.session.handles = old.line.handles
            relay.lineGone(old.line)
            old.phase = .closed
            connections[old.id] = nil
            old.line.owner = nil
            close(old.line, .replaced)
        }
        return seat.session
    }

    // MARK: Sessions that move

    func handOver(_ principal: Principal, epoch: UInt64, to board: BoardIndex, at now: Now) {
        if var greeting = greetings[principal] {
            guard greeting.epoch < epoch else {
                return post(.handedOver(principal, epoch: epoch, nil), to: board)
            }
            if let session = greeting.session {
                greetings[principal] = nil
                replace(greeting, at: now)
                post(.handedOver(principal, epoch: epoch, session), to: board)
                forward(greeting, of: principal, to: board)
            } else {
                greeting.superseded = (board, epoch)
                greetings[principal] = greeting
            }
            return
        }
        if let seat = seats[principal], seat.epoch > epoch {
            return post(.handedOver(principal, epoch: epoch, nil), to: board)
        }
        let session = takeSeat(of: principal, at: now)
        post(.handedOver(principal, epoch: epoch, session), to: board)
    }

    func handedOver(
        _ principal: Principal,
        epoch: UInt64,
        _ session: Session?,
        at now: Now
    ) {
        guard let greeting = greetings[principal] else { return }  // Answered by another board.
        if let newer = greeting.superseded {
            greetings[principal] = nil
            replace(greeting, at: now)
            post(
                .handedOver(principal, epoch: newer.epoch, session ?? greeting.local),
                to: newer.board
            )
            return forward(greeting, of: principal, to: newer.board)
        }
        guard greeting.session == nil else { return }  // Of three hellos, two were answered.
        gotSession(session ?? greeting.local, for: principal, at: now)
    }

    private func replace(_ greeting: Greeting, at now: Now) {
        let old = greeting.connection
        guard case .greeting = old.phase else { return }
        counters.replaced += 1
        exchange.guardian.withLock { $0.leave(old.address) }
        old.phase = .closed
        connections[old.id] = nil
        old.line.owner = nil
        close(old.line, .replaced)
    }

    private func forward(_ greeting: Greeting, of principal: Principal, to board: BoardIndex) {
        for told in greeting.held { post(.tell(principal, told), to: board) }
        for (request, reply) in greeting.heldAnswers {
            post(.answer(principal, request: request, reply), to: board)
        }
    }

    /// The socket went before its welcome.
    ///
    /// The session, where it is here, waits on a seat.
    func abandonGreeting(of principal: Principal, _ connection: Connection, at now: Now) {
        guard let greeting = greetings[principal], greeting.connection === connection,
            let session = greeting.session
        else { return }  // Still under way: `handedOver` finds the socket closed.
        greetings[principal] = nil
        let kept = session ?? Session(id: newID(at: now), limits: limits.session)
        let seat = Seat(
            principal: principal,
            epoch: greeting.epoch,
            session: kept,
            connection: connection,
            credential: greeting.credential,
            abilities: greeting.hello.device.media,
            welcomedAt: now.moment
        )
        seat.connection = nil
        seat.lostAt = now.moment
        seats[principal] = seat
        exchange.places.withLock { $0.detach(principal, epoch: greeting.epoch) }
        alarms.add(
            .session(principal, epoch: greeting.epoch),
            at: now.moment + limits.session.resume
        )
        for told in greeting.held { tell(principal, told, at: now) }
        for (request, reply) in greeting.heldAnswers {
            deliver(reply, to: principal, request: request, at: now)
        }
        for call in exchange.calls.withLock({ $0.calls(of: principal) }) {
            guard let owner = exchange.calls.withLock({ $0.owner(of: call) }) else { continue }
            send(.left(principal, epoch: greeting.epoch, call), to: owner, at: now)
        }
    }

    // MARK: The calls, then the welcome

    private func gotSession(_ session: Session?, for principal: Principal, at now: Now) {
        guard var greeting = greetings[principal] else { return }
        greeting.session = .some(session)
        let calls = exchange.calls.withLock { $0.calls(of: principal) }
        greeting.awaited = Set(calls)
        greetings[principal] = greeting
        if case .closed = greeting.connection.phase {
            return abandonGreeting(of: principal, greeting.connection, at: now)
        }
        let forgot = greeting.hello.resume == nil && principal.isPanel
        for call in calls {
            guard let owner = exchange.calls.withLock({ $0.owner(of: call) }) else {
                greetings[principal]?.awaited.remove(call)
                continue
            }
            let arrival = Arrival(
                principal: principal,
                epoch: greeting.epoch,
                board: index,
                call: call,
                forgot: forgot,
                abilities: greeting.hello.device.media
            )
            send(.arrived(arrival), to: owner, at: now)
        }
        welcomeIfReady(principal, at: now)
    }

    func entryArrived(_ call: CallID, _ reply: EntryReply, at now: Now) {
        guard var greeting = greetings[reply.principal], greeting.epoch == reply.epoch,
            greeting.awaited.remove(call) != nil
        else { return }
        if let entry = reply.entry { greeting.entries.append(entry) }
        greeting.versions[call] = reply.version
        greetings[reply.principal] = greeting
        welcomeIfReady(reply.principal, at: now)
    }

    private func welcomeIfReady(_ principal: Principal, at now: Now) {
        guard let greeting = greetings[principal], greeting.awaited.isEmpty,
            let found = greeting.session
        else { return }
        let connection = greeting.connection
        guard mayConnect(principal, with: greeting.credential) else {
            return give(up: connection, .revoked, at: now)  // Revoked while it waited.
        }
        greetings[principal] = nil
        precondition(seats[principal] == nil, "a greeting has taken the seat before it is welcomed")
        let replay = greeting.hello.resume.flatMap { resume in
            found.flatMap { $0.id == resume.session ? $0.replay(after: resume.seq) : nil }
        }
        var session =
            (replay == nil ? nil : found) ?? Session(id: newID(at: now), limits: limits.session)
        for (call, version) in greeting.versions {
            session.shown(call, version: version)
        }
        let seat = Seat(
            principal: principal,
            epoch: greeting.epoch,
            session: session,
            connection: connection,
            credential: greeting.credential,
            abilities: greeting.hello.device.media,
            welcomedAt: now.moment
        )
        seats[principal] = seat
        connection.phase = .open(principal)
        connection.line.open()
        connection.line.handles = session.handles
        exchange.guardian.withLock { $0.leave(connection.address) }
        lookAfter(connection, at: now.moment + pingInterval(inCall: false))
        if replay != nil { counters.resumed += 1 }
        for entry in greeting.entries { give(entry.offer.handle, to: seat) }
        let welcome = welcome(
            for: seat,
            resumed: replay != nil,
            calls: welcomedCalls(greeting.entries),
            at: now
        )
        connection.line.tell(.welcome(re: greeting.request, welcome), at: now.moment)
        for (number, event) in replay ?? [] {
            connection.line.tell(.event(seq: number, event), at: now.moment)
        }
        for told in greeting.held { tell(principal, told, at: now) }
        for (request, reply) in greeting.heldAnswers {
            deliver(reply, to: principal, request: request, at: now)
        }
        arrivedAtSeat(seat)
        for order in greeting.heldOrders { install(order, at: now) }
    }

    /// Live calls before tombstones, then the newest: an identifier is only as ordered as the civil
    /// clock, and a client takes a call that is not listed for over.
    private func welcomedCalls(_ entries: [CallEntry]) -> ArraySlice<CallEntry> {
        entries.sorted { left, right in
            let (isLeftLive, isRightLive) = (left.state != .ended, right.state != .ended)
            guard isLeftLive == isRightLive else { return isRightLive }
            return left.offer.call < right.offer.call
        }.suffix(limits.session.welcomedCalls)
    }

    private func welcome(
        for seat: Seat,
        resumed: Bool,
        calls: ArraySlice<CallEntry>,
        at now: Now
    ) -> Welcome {
        let bounds = limits.session
        return Welcome(
            session: seat.session.id,
            role: seat.principal.isPanel ? .panel : .resident,
            seq: seat.session.sequence,
            resumed: resumed,
            time: now.time,
            heartbeat: Double(bounds.heartbeat.milliseconds) / 1000,
            limits: WelcomeLimits(
                message: bounds.message,
                frame: bounds.frame,
                messagesPerSecond: bounds.messagesPerSecond,
                framesPerSecond: bounds.framesPerSecond,
                bitsPerSecond: bounds.bitsPerSecond
            ),
            panel: panelInfo(for: seat.principal),
            calls: Array(calls)
        )
    }

    func panelInfo(for principal: Principal) -> PanelInfo? {
        guard case .panel(let id) = principal, let panel = directory.panel(id),
            let property = directory.property(panel.property)
        else { return nil }
        return PanelInfo(
            id: panel.id,
            name: panel.name,
            doors: panel.doors.compactMap { directory.door($0) }
                .map { DoorName(id: $0.id, name: $0.name) },
            timeZone: property.timeZone,
            ringTimeout: Double(callTimes(of: property).ring) / 1000
        )
    }
}

extension Principal {
    var isPanel: Bool {
        if case .panel = self { true } else { false }
    }

    /// A device id counts only with its own principal.
    func matches(_ id: String) -> Bool {
        switch self {
        case .panel(let panel): panel.text == id
        case .device(let device): device.text == id
        }
    }
}
