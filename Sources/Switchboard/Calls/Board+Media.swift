// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
package import VestibuleBasics
import VestibuleCallCore
import VestibuleWire

/// What a call's owner tells the boards of its parties: who sends and receives what.
///
/// Frames then flow without it.
package struct RouteOrder: Sendable {
    enum Kind: Sendable {
        /// The panel's picture of a ringing call.
        case picture

        /// Everything, both ways, with the one at this place; nil while it is away.
        case talk(with: RelayPlace?)

        /// At the panel's end: one more or one fewer looks on.
        case addPreview(RelayPlace)
        case removePreview(party: UInt32)

        /// At the device's end: it sees the picture of the one at this place.
        case preview(of: RelayPlace)
        case end
    }

    let principal: Principal
    let call: CallID
    let port: RelayPort
    let kind: Kind
}

extension Board {
    /// A whole binary message.
    ///
    /// The hot path: header, place, receiver; nothing else.
    package func receive(frame: UnsafeRawBufferPointer, from line: Line, at now: Moment) {
        guard let connection = line.owner else { return }
        guard case .open = connection.phase else {
            return give(up: connection, .notAuthenticated, at: Now(moment: now, time: wall(now)))
        }
        counters.framesIn &+= 1
        switch relay.receive(frame: frame, from: line, at: now) {
        case .passed, .dropped: break
        case .overBudget: overBudget(connection, at: now)
        case .fault: badFrame(connection, at: now)
        }
    }

    private func overBudget(_ connection: Connection, at now: Moment) {
        counters.rateLimited += 1
        if now - connection.refusalsSince > .seconds(10) {
            connection.refusals = 0
            connection.refusalsSince = now
        }
        connection.refusals += 1
        if connection.refusals > limits.session.refusalsBeforeClose {
            give(up: connection, .tooMuch, at: Now(moment: now, time: wall(now)))
        } else if connection.refusals == 1 {
            // Said once: an answer to each frame of a flood would be a flood of its own.
            let refusal = Refusal(.rateLimited, detail: "too many frames or bits; slow down")
            count(refusal)
            connection.line.tell(.refused(re: nil, refusal), at: now)
        }
    }

    private func badFrame(_ connection: Connection, at now: Moment) {
        counters.badFrames += 1
        if now - connection.badFramesSince > .seconds(10) {
            connection.badFrames = 0
            connection.badFramesSince = now
        }
        connection.badFrames += 1
        if connection.badFrames >= limits.session.badFrames {
            give(up: connection, .policy, at: Now(moment: now, time: wall(now)))
        }
    }

    /// Civil time for a turn that was entered with the deciding clock alone.
    private func wall(_ moment: Moment) -> Timestamp { lastTurn.time(at: moment) }

    /// Whether ``endTurn(at:)`` has something to do; asked after every turn.
    package var hasEndOfTurnWork: Bool { relay.hasNotes || relay.hasBatches }

    /// After each turn of the loop: says what the relay has to say, sends what goes to others.
    package func endTurn(at now: Now) {
        lastTurn = now
        for note in relay.takeNotes() { perform(note, at: now) }
        guard relay.hasBatches else { return }
        for (board, batch) in relay.takeBatches() { post(.frames(batch), to: board) }
    }

    private func perform(_ note: RelayNote, at now: Now) {
        switch note {
        case .askKeyFrame(let line, let handle, let maxBytes):
            guard let seat = seat(of: line), let talk = seat.talk, talk.handle == handle else {
                return
            }
            event(.mediaKeyframe(call: talk.call, maxBytes: maxBytes), to: seat, at: now)
        case .rate(let line, let handle, let kilobits):
            guard let seat = seat(of: line), let talk = seat.talk, talk.handle == handle else {
                return
            }
            event(.mediaRate(call: talk.call, kbps: kilobits), to: seat, at: now)
        case .stalled(let line):
            if let connection = line.owner { give(up: connection, .noSignOfLife, at: now) }
        }
    }

    private func seat(of line: Line) -> Seat? {
        guard let connection = line.owner, case .open(let principal) = connection.phase else {
            return nil
        }
        return seats[principal]
    }

    // MARK: On the board that owns the call

    /// The panel may send its picture from the ok of `call.start`, and after it came back.
    func openPicture(_ call: LiveCall, at now: Now) {
        guard call.machine.phase == .ringing else { return }
        order(.picture, for: call.panel, call, at: now)
        for device in call.previewing { showPicture(to: device, call, at: now) }
    }

    func connect(_ party: Party, _ call: LiveCall, at now: Now) {
        let device = Principal.device(party.device)
        call.previewing.removeAll { $0 == party.device }
        order(.talk(with: place(of: device, call)), for: call.panel, call, at: now)
        order(.talk(with: place(of: call.panel, call)), for: device, call, at: now)
    }

    func preview(_ party: Party, _ call: LiveCall, at now: Now) {
        if !call.previewing.contains(party.device) { call.previewing.append(party.device) }
        showPicture(to: party.device, call, at: now)
    }

    private func showPicture(to device: DeviceID, _ call: LiveCall, at now: Now) {
        let principal = Principal.device(device)
        guard let looker = place(of: principal, call), let panel = place(of: call.panel, call)
        else { return }
        order(.preview(of: panel), for: principal, call, at: now)
        order(.addPreview(looker), for: call.panel, call, at: now)
    }

    func endPreview(_ device: DeviceID, _ call: LiveCall, at now: Now) {
        guard let index = call.previewing.firstIndex(of: device) else { return }
        call.previewing.remove(at: index)
        let principal = Principal.device(device)
        order(.removePreview(party: call.party(of: principal)), for: call.panel, call, at: now)
        order(.end, for: principal, call, at: now)
    }

    func disconnect(_ call: LiveCall, at now: Now) {
        for device in call.previewing { order(.end, for: .device(device), call, at: now) }
        call.previewing = []
        order(.end, for: call.panel, call, at: now)
        if let party = call.machine.answeredBy {
            order(.end, for: .device(party.device), call, at: now)
        }
    }

    func wantKeyFrame(of sender: Principal, _ call: CallID, at now: Now) {
        guard let place = exchange.places.withLock({ $0[sender] }) else { return }
        send(.keyFrame(sender, call), to: place.board, at: now)
    }

    private func place(of principal: Principal, _ call: LiveCall) -> RelayPlace? {
        exchange.places.withLock { $0[principal] }.flatMap { place in
            place.hasSocket
                ? RelayPlace(board: place.board, party: call.party(of: principal)) : nil
        }
    }

    private func order(
        _ kind: RouteOrder.Kind,
        for principal: Principal,
        _ call: LiveCall,
        at now: Now
    ) {
        guard let place = exchange.places.withLock({ $0[principal] }) else { return }
        let port = RelayPort(
            handle: call.machine.plan.handle,
            party: call.party(of: principal)
        )
        let order = RouteOrder(principal: principal, call: call.id, port: port, kind: kind)
        send(.route(order), to: place.board, at: now)
    }

    // MARK: On the board of the party

    func install(_ order: RouteOrder, at now: Now) {
        if greetings[order.principal] != nil {
            greetings[order.principal]?.heldOrders.append(order)
            return
        }
        guard let seat = seats[order.principal], let line = seat.connection?.line else { return }
        switch order.kind {
        case .picture:
            if relay.route(at: order.port) == nil {
                _ = relay.openRoute(order.port, from: line, stage: .ringing)
            }
            begin(order, seat, at: now)
        case .talk(let peer):
            talk(order, with: peer, line, at: now)
            begin(order, seat, at: now)
        case .addPreview(let place):
            _ = relay.route(at: order.port)?.addPreview(place, at: now.moment)
        case .removePreview(let party):
            relay.route(at: order.port)?.removePreview(party: party)
        case .preview(let source):
            relay.openOutlet(
                order.port,
                to: line,
                from: source,
                isPreview: true,
                at: now.moment
            )
        case .end:
            relay.close(order.port)
            if seat.talk?.call == order.call { seat.talk = nil }
        }
    }

    private func talk(_ order: RouteOrder, with peer: RelayPlace?, _ line: Line, at now: Now) {
        let route =
            relay.route(at: order.port)
            ?? relay.openRoute(order.port, from: line, stage: .active)
        route.activate()
        if let peer { relay.openOutlet(order.port, to: line, from: peer, at: now.moment) }
        route.connect(to: peer, at: now.moment)
    }

    private func begin(_ order: RouteOrder, _ seat: Seat, at now: Now) {
        seat.talk = (order.call, order.port.handle)
        quickenLife(of: seat, at: now)
    }

    func keyFrameWanted(of principal: Principal, _ call: CallID, at now: Now) {
        guard let seat = seats[principal], seat.talk?.call == call else { return }
        seat.connection?.line.route?.want(.max, at: now.moment)
    }
}
