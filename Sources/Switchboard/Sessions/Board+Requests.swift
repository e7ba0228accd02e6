// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleWire

/// Requests of a session: limits, repeats, and where each of them goes.
extension Board {
    func receive(
        _ message: Result<ClientMessage, MessageFault>,
        from seat: Seat,
        on connection: Connection,
        at now: Now
    ) {
        // Whatever it is: what cannot be understood is answered too, so it costs as much.
        guard connection.messages.take(1, at: now.moment) else {
            return rateLimited(message.id, connection, at: now)
        }
        let request: ClientMessage
        switch message {
        case .success(let message): request = message
        case .failure(let fault): return refuse(fault, on: connection, at: now)
        }
        if case .ping = request.request { return pong(request.id, to: seat, at: now) }
        switch seat.session.take(request.id) {
        case .pending: break  // It is answered when its first copy is.
        case .answered(let reply):
            connection.line.tell(reply.message(re: request.id), at: now.moment)
        case .new: perform(request.request, id: request.id, of: seat, at: now)
        }
    }

    private func refuse(_ fault: MessageFault, on connection: Connection, at now: Now) {
        let (id, refusal): (String?, Refusal)
        switch fault {
        case .notAnObject:
            counters.badMessages += 1
            connection.badMessages += 1
            (id, refusal) = (
                nil, Refusal(.badMessage, detail: "a message is one JSON object")
            )
        case .unknownType(let request, let type):
            (id, refusal) = (
                request, Refusal(.unknownType, detail: "no message is called \(type)")
            )
        case .badRequest(let request, let field):
            let missing = Refusal(
                .badRequest,
                detail: "\(field) is missing or of the wrong kind",
                field: field
            )
            (id, refusal) = (request, missing)
        }
        count(refusal)
        connection.line.tell(.refused(re: id, refusal), at: now.moment)
        if connection.badMessages >= limits.session.badMessages {
            give(up: connection, .policy, at: now)
        }
    }

    private func rateLimited(_ request: String?, _ connection: Connection, at now: Now) {
        counters.rateLimited += 1
        if now.moment - connection.refusalsSince > .seconds(10) {
            connection.refusals = 0
            connection.refusalsSince = now.moment
        }
        connection.refusals += 1
        if connection.refusals > limits.session.refusalsBeforeClose {
            return give(up: connection, .tooMuch, at: now)
        }
        let refusal = Refusal(.rateLimited, detail: "too many messages; slow down")
        count(refusal)
        connection.line.tell(.refused(re: request, refusal), at: now.moment)
    }

    private func pong(_ request: String, to seat: Seat, at now: Now) {
        let answer = Answer.clock(
            now.time,
            clockMs: Int((now.moment - seat.welcomedAt).milliseconds)
        )
        seat.connection?.line.tell(.ok(re: request, answer), at: now.moment)
    }

    private func perform(
        _ request: ClientRequest,
        id: String,
        of seat: Seat,
        at now: Now
    ) {
        switch seat.principal {
        case .panel(let panel): perform(request, id: id, ofPanel: panel, seat, at: now)
        case .device(let device): perform(request, id: id, ofDevice: device, seat, at: now)
        }
    }

    private func perform(
        _ request: ClientRequest,
        id: String,
        ofPanel panel: PanelID,
        _ seat: Seat,
        at now: Now
    ) {
        switch request {
        case .directoryGet(let get):
            reply(directoryPage(get, of: panel, at: now), to: seat, id, at: now)
        case .callStart(let unit, let key):
            startCall(to: unit, key: key, by: panel, seat, request: id, at: now)
        case .callCancel(let call), .callHangup(let call):
            ask(call, .hangUp, of: seat, id, at: now)
        case .callMedia(let call, let activity):
            ask(call, .media(activity), of: seat, id, at: now)
        case .mediaKeyframe(let call):
            ask(call, .keyFrame, of: seat, id, at: now)
        case .doorResult(let result):
            panelReports(result, panel, seat, request: id, at: now)
        case .doorState, .passPresent, .passesSync, .passUses, .panelCode, .authRenew:
            reply(.unsupported, to: seat, id, at: now)
        case .hello, .ping:
            reply(.refused(.badRequest, "said once, first"), to: seat, id, at: now)
        case .callRinging, .callIgnore, .callPreview, .callAnswer, .callDecline, .callUnlock,
            .doorUnlock, .deviceStatus, .pushAck:
            reply(.refused(.notPermitted, "not for a panel"), to: seat, id, at: now)
        }
    }

    private func perform(
        _ request: ClientRequest,
        id: String,
        ofDevice device: DeviceID,
        _ seat: Seat,
        at now: Now
    ) {
        switch request {
        case .callRinging(let call): ask(call, .ringing, of: seat, id, at: now)
        case .callIgnore(let call): ask(call, .ignore, of: seat, id, at: now)
        case .callPreview(let call): ask(call, .preview, of: seat, id, at: now)
        case .callAnswer(let call): ask(call, .answer, of: seat, id, at: now)
        case .callDecline(let call): ask(call, .decline, of: seat, id, at: now)
        case .callHangup(let call): ask(call, .hangUp, of: seat, id, at: now)
        case .callMedia(let call, let activity):
            ask(call, .media(activity), of: seat, id, at: now)
        case .mediaKeyframe(let call): ask(call, .keyFrame, of: seat, id, at: now)
        case .callUnlock(let unlock):
            unlockInCall(unlock, by: device, seat, request: id, at: now)
        case .doorUnlock(let door, let key):
            tap(door, key: key, by: device, seat, request: id, at: now)
        case .deviceStatus, .pushAck, .authRenew:
            reply(.unsupported, to: seat, id, at: now)
        case .hello, .ping:
            reply(.refused(.badRequest, "said once, first"), to: seat, id, at: now)
        case .directoryGet, .callStart, .callCancel, .doorResult, .doorState, .passPresent,
            .passesSync, .passUses, .panelCode:
            reply(.refused(.notPermitted, "for panels only"), to: seat, id, at: now)
        }
    }

    /// Sends a request about a call to the board that owns it.
    func ask(_ call: CallID, _ kind: Ask.Kind, of seat: Seat, _ id: String, at now: Now) {
        guard let owner = exchange.calls.withLock({ $0.owner(of: call) }) else {
            return reply(.refused(.unknownCall, "no such call"), to: seat, id, at: now)
        }
        let ask = Ask(
            call: call,
            principal: seat.principal,
            request: id,
            kind: kind,
            abilities: seat.abilities,
            at: now.moment
        )
        send(.ask(ask), to: owner, at: now)
    }

    // MARK: Answers and events

    func reply(_ reply: Reply, to seat: Seat, _ id: String, at now: Now) {
        guard seat.session.answer(id, reply) else { return }
        if case .refused(let refusal) = reply { count(refusal) }
        seat.connection?.line.tell(reply.message(re: id), at: now.moment)
    }

    /// An answer to a session wherever it is.
    func deliver(_ reply: Reply, to principal: Principal, request: String, at now: Now) {
        if let seat = seats[principal] {
            self.reply(reply, to: seat, request, at: now)
        } else if greetings[principal] != nil {
            greetings[principal]?.heldAnswers.append((request, reply))
        } else if let place = exchange.places.withLock({ $0[principal] }), place.board != index {
            post(.answer(principal, request: request, reply), to: place.board)
        }
    }

    /// An event to a session wherever it is.
    func tell(_ principal: Principal, _ told: Told, at now: Now) {
        if let seat = seats[principal] {
            if let call = told.call, !seat.session.isNews(call, version: told.version) { return }
            event(told.event, to: seat, at: now)
            if let pressedAt = told.pressedAt, seat.connection != nil {
                times.ring.add(now.moment - pressedAt)
            }
        } else if greetings[principal] != nil {
            greetings[principal]?.held.append(told)
        } else if let place = exchange.places.withLock({ $0[principal] }), place.board != index {
            post(.tell(principal, told), to: place.board)
        }
    }

    func event(_ event: ServerEvent, to principal: Principal, at now: Now) {
        if let seat = seats[principal] { self.event(event, to: seat, at: now) }
    }

    func event(_ event: ServerEvent, to seat: Seat, at now: Now) {
        let number = seat.session.add(event)
        if case .callIncoming(let offer) = event { give(offer.handle, to: seat) }
        seat.connection?.line.tell(.event(seq: number, event), at: now.moment)
    }

    /// The session knows this media handle from now on: a frame that carries it is no fault.
    func give(_ handle: UInt32, to seat: Seat) {
        if let line = seat.connection?.line {
            line.handles.give(handle)
        } else {
            seat.session.handles.give(handle)
        }
    }

    func count(_ refusal: Refusal) {
        counters.refusals[refusal.code.rawValue, default: 0] += 1
    }
}

extension Result<ClientMessage, MessageFault> {
    /// The request's id, where it could be read.
    fileprivate var id: String? {
        switch self {
        case .success(let message): message.id
        case .failure(.unknownType(let id, _)), .failure(.badRequest(let id, _)): id
        case .failure(.notAnObject): nil
        }
    }
}

extension Reply {
    static var unsupported: Reply {
        .refused(.unsupported, "this server does not serve it yet")
    }

    func message(re request: String) -> ServerMessage {
        switch self {
        case .ok(let answer): .ok(re: request, answer)
        case .refused(let refusal): .refused(re: request, refusal)
        }
    }
}
