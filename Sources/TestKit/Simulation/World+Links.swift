// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleSwitchboard
package import VestibuleWire

/// Sockets: opened, delayed, stalled, cut, closed, each end in its time.
extension World {
    /// A client connects; to the board that it is told to, or to a drawn one.
    func connect(_ peer: Peer, _ socket: Int) {
        linkCount += 1
        let board = peer.wantedBoard ?? peer.random.draw(0...(options.boards - 1))
        let link = Link(
            number: linkCount,
            peer: peer,
            socket: socket,
            board: board,
            life: life,
            isInBytes: options.bytes > 0 && peer.random.once(in: options.bytes),
            delay: peer.random.draw(options.delay),
            random: SeededGenerator(seed: peer.random.next())
        )
        peer.links[socket] = link
        links.append(link)
        link.downFree = now
        let fails = isDown || link.random.percent(options.connectFailures)
        guard !fails else {
            after(link.delay * 2) { [self] in hear(.closed(nil), on: link) }
            return
        }
        after(link.delay * 2) { [self] in accept(link) }
    }

    private func accept(_ link: Link) {
        guard link.life == life, !isDown, now >= stalledUntil else {
            return after(link.delay) { [self] in hear(.closed(nil), on: link) }
        }
        let line = SimulatedLine(link, self, boards[link.board])
        link.line = line
        link.isServerOpen = true
        trace { "\(link.peer.name) connects, link \(link.number) on board \(link.board)" }
        send(.opened, down: link)
        turn(link.board) { $0.opened(line, address: "192.0.2.1", at: time) }
    }

    // MARK: Upwards

    /// The client sends.
    package func send(_ item: ClientMessage, from link: Link) { send(.message(item), up: link) }

    /// The client sends what is no message.
    package func sendMalformed(from link: Link) { send(.malformed, up: link) }

    /// The client sends a media frame.
    package func send(frame: [UInt8], from link: Link) { send(.frame(frame), up: link) }

    func send(_ item: Link.Up, up link: Link) {
        guard link.isClientOpen, link.upward != .dead else { return }
        link.up.append(item)
        scheduleUp(link, after: link.delay + link.random.draw(options.jitter))
    }

    private func scheduleUp(_ link: Link, after delay: Duration) {
        link.upFree = max(link.upFree, now + delay)
        add(link.upFree, link, server: true) { [self] in deliverUp(link) }
    }

    private func deliverUp(_ link: Link) {
        if case .stalled(let until) = link.upward {
            if now < until { return scheduleUp(link, after: until - now) }
            link.upward = .open
        }
        guard let item = link.up.popFirst(), link.upward != .dead, link.isServerOpen,
            let line = link.line
        else { return }
        if case .closed = item { return serverHearsEnd(of: link) }
        guard !link.isClosedByServer else { return }
        line.lastReceived = now
        switch item {
        case .message(let message): serverHears(message, line, link)
        case .malformed:
            turn(link.board) { $0.receive(.failure(.notAnObject), from: line, at: time) }
        case .frame(let bytes):
            witness.sent(frame: bytes, on: link)
            bytes.withUnsafeBytes { frame in
                turn(link.board) { $0.receive(frame: frame, from: line, at: now) }
                turn(link.board) { if $0.hasEndOfTurnWork { $0.endTurn(at: time) } }
            }
        case .closed: break
        }
    }

    private func serverHears(
        _ message: ClientMessage,
        _ line: SimulatedLine,
        _ link: Link
    ) {
        var message = message
        if link.isInBytes {
            guard case .success(let decoded) = ClientMessage.decode(message.encoded()),
                decoded == message
            else { return breach("a message from \(link.peer.name) differs in bytes: \(message)") }
            message = decoded
        }
        trace { "\(link.peer.name) asks, link \(link.number): \(message)" }
        witness.asked(message, on: link)
        message = distorted(message)
        turn(link.board) { $0.receive(.success(message), from: line, at: time) }
    }

    private func serverHearsEnd(of link: Link) {
        guard link.isServerOpen, link.life == life, let line = link.line else { return }
        trace { "the server hears that link \(link.number) of \(link.peer.name) is gone" }
        turn(link.board) { $0.closed(line, at: time) }
        link.isServerOpen = false
        link.line = nil
        forget(link)
    }

    // MARK: Downwards

    /// The server tells.
    func told(_ message: ServerMessage, on link: Link) {
        guard link.isServerOpen, !link.isClosedByServer else { return }
        readLedger()
        trace { "told \(link.peer.name), link \(link.number): \(message)" }
        let message = distorted(message)
        witness.told(message, on: link)
        misobey(message, on: link)
        if case .event = message, plants.eventLost, random.once(in: 50) { return }
        send(.message(message), down: link)
        if case .event = message, plants.eventTwice, random.once(in: 50) {
            witness.told(message, on: link)
        }
    }

    func send(_ item: Link.Down, down link: Link) {
        guard link.downward != .dead else { return }
        link.down.append(item)
        scheduleDown(link, after: link.delay + link.random.draw(options.jitter))
    }

    private func scheduleDown(_ link: Link, after delay: Duration) {
        link.downFree = max(link.downFree, now + delay)
        add(link.downFree, link, server: false) { [self] in deliverDown(link) }
    }

    private func deliverDown(_ link: Link) {
        if case .stalled(let until) = link.downward {
            if now < until { return scheduleDown(link, after: until - now) }
            link.downward = .open
        }
        guard link.isClientOpen else { return }
        if !link.peer.isAwake { return scheduleDown(link, after: .milliseconds(100)) }
        guard let item = link.down.popFirst(), link.downward != .dead else { return }
        hear(item, on: link)
    }

    private func hear(_ item: Link.Down, on link: Link) {
        guard link.isClientOpen else { return }
        let peer = link.peer
        if link.isOrphan {
            if case .closed = item {
                link.isClientOpen = false
                forget(link)
            }
            return
        }
        switch item {
        case .opened: peer.opened(link.socket)
        case .message(let message): peer.received(message, on: link.socket)
        case .frame(let frame):
            peer.heard(frame, on: link.socket)
            witness.received(frame: frame, on: link)
        case .closed(let code):
            link.isClientOpen = false
            peer.links[link.socket] = nil
            trace { "\(peer.name) hears that link \(link.number) is closed: \(code ?? 0)" }
            peer.closed(link.socket, code)
            forget(link)
        }
    }

    private func add(_ at: Moment, _ link: Link, server: Bool, _ run: @escaping () -> Void) {
        let event = EventQueue.Event(
            at: at,
            site: server ? .server(life: link.life) : .outside,
            run: run
        )
        queue.add(event, order: link.random.next())
    }

    func forget(_ link: Link) {
        guard !link.isClientOpen, !link.isServerOpen else { return }
        if let index = links.firstIndex(where: { $0 === link }) { links.remove(at: index) }
    }

    // MARK: Ends

    func clientCloses(_ link: Link) {
        guard link.isClientOpen else { return }
        send(.closed, up: link)
        link.isClientOpen = false
        forget(link)
    }

    func serverCloses(_ link: Link, _ code: UInt16?) {
        guard link.isServerOpen, !link.isClosedByServer else { return }
        link.isClosedByServer = true
        trace { "the server closes link \(link.number) of \(link.peer.name): \(code ?? 0)" }
        witness.closed(link, code: code)
        send(.closed(code), down: link)
        let back = link.delay * 2
        add(now + back, link, server: true) { [self] in serverHearsEnd(of: link) }
    }

    func processDied(_ link: Link) {
        link.isServerOpen = false
        link.line = nil
        // What is in the kernel's buffer still arrives, more often than not.
        if link.random.percent(70) {
            send(.closed(nil), down: link)
        } else {
            link.down = Fifo()
            send(.closed(nil), down: link)
        }
    }

    // MARK: Signs of life, room

    func ping(_ link: Link) {
        add(now + link.delay * 2, link, server: true) { [self] in pong(link) }
    }

    private func pong(_ link: Link) {
        for path in [link.upward, link.downward] {
            if case .stalled(let until) = path, now < until {
                return add(until, link, server: true) { [self] in pong(link) }
            }
        }
        // A frozen process's kernel answers no WebSocket ping.
        guard link.isWhole || link.upward != .dead && link.downward != .dead,
            link.isClientOpen, link.peer.isAwake
        else { return }
        link.line?.lastReceived = now
    }

    func scheduleRoom(on link: Link) {
        guard !link.wantsRoom else { return }
        link.wantsRoom = true
        let until = max(link.congestedUntil ?? now, now + .microseconds(50))
        add(until, link, server: true) { [self] in
            link.wantsRoom = false
            guard link.isServerOpen, let line = link.line else { return }
            sender = link.board
            line.roomMade(at: now)
            turn(link.board) { if $0.hasEndOfTurnWork { $0.endTurn(at: time) } }
        }
    }
}
