// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension Line {
    /// A text message came.
    mutating func received(
        _ message: ServerMessage,
        socket: Int,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        guard socket == self.socket else {
            counters.stale += 1
            return []
        }
        lastHeard = max(lastHeard, now)
        switch phase {
        case .greeting(let greeting):
            return greeted(message, greeting, at: now, using: &random)
        case .open(let open):
            return receivedOpen(message, open, at: now, using: &random)
        case .idle, .waiting, .connecting, .closed:
            counters.stale += 1
            return []
        }
    }

    /// A text message came that is none of this protocol; it is counted and otherwise ignored.
    mutating func unreadable(socket: Int, at now: Moment) {
        guard socket == self.socket else { return }
        counters.unreadable += 1
        lastHeard = max(lastHeard, now)
    }

    // MARK: Greeting

    private mutating func greeted(
        _ message: ServerMessage,
        _ greeting: Greeting,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        switch message {
        case .welcome(greeting.id, let welcome):
            return welcomed(welcome, socket: greeting.socket, at: now)
        case .refused(greeting.id, let refusal):
            return refused(refusal, socket: greeting.socket, at: now, using: &random)
        case .welcome, .refused, .ok, .event:
            counters.strayAnswers += 1
            return []
        }
    }

    private mutating func welcomed(
        _ welcome: Welcome,
        socket: Int,
        at now: Moment
    ) -> [LineAction] {
        let isSame = welcome.resumed && session?.session == welcome.session
        session = Resume(
            session: welcome.session,
            seq: isSame ? session?.seq ?? 0 : welcome.seq
        )
        phase = .open(
            Open(
                socket: socket,
                since: now,
                heartbeat: Self.heartbeat(welcome.heartbeat),
                included: welcome.seq,
                clockDue: now + settings.clock
            )
        )
        restartAfter = nil
        let lost = isSame ? [] : giveUpSessionBound()
        return [.status(.open), .welcomed(welcome)] + lost + sendPending(on: socket, at: now)
    }

    private mutating func refused(
        _ refusal: Refusal,
        socket: Int,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        switch refusal.code {
        case .badToken, .notYours, .notPermitted:
            return [.close(socket: socket, code: 1000)] + end(.notAuthenticated)
        default:
            return abandon(code: 1000, at: now, using: &random)
        }
    }

    /// A server's number, within reason.
    private static func heartbeat(_ seconds: Double) -> Duration {
        guard seconds.isFinite else { return .seconds(15) }
        return .milliseconds(Int64(min(max(seconds, 0.05), 300) * 1_000))
    }

    // MARK: Open

    private mutating func receivedOpen(
        _ message: ServerMessage,
        _ open: Open,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        switch message {
        case .ok(let id, let answer): return answered(id, .success(answer))
        case .refused(let id?, let refusal):
            return answered(id, .failure(.refused(refusal)))
        case .event(let sequence, let event):
            return happened(sequence, event, open, at: now, using: &random)
        case .refused(nil, _), .welcome:
            counters.strayAnswers += 1
            return []
        }
    }

    private mutating func answered(
        _ id: String,
        _ result: Result<Answer, RequestFailure>
    ) -> [LineAction] {
        if case .open(var open) = phase, let ping = open.ping, ping.id == id {
            open.ping = nil
            phase = .open(open)
            guard case .success(let answer) = result, let clock = answer.clockMs else { return [] }
            return [.clock(milliseconds: clock, sent: ping.sent)]
        }
        guard let index = pending.firstIndex(where: { $0.id == id }) else {
            counters.strayAnswers += 1
            return []
        }
        let answered = pending.remove(at: index)
        // A credential counts once the server took it; a refused one would shut the client out.
        if case .authRenew(let token) = answered.request, case .success = result {
            self.token = token
        }
        return [.answered(answered.number, result)]
    }

    /// Events count up by one: a repeated one is dropped, and after a gap the rest is asked for
    /// again by resuming.
    private mutating func happened(
        _ sequence: Int,
        _ event: ServerEvent,
        _ open: Open,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [LineAction] {
        guard let known = session else { return [] }
        guard sequence > known.seq else {
            counters.duplicates += 1
            return []
        }
        if sequence - 1 > known.seq {
            counters.gaps += 1
            // The second time at the same place the server has no more: what is missing is gone,
            // and snapshots of calls mend the screen.
            guard gapAt == known.seq else {
                gapAt = known.seq
                return abandon(code: 1000, at: now, using: &random)
            }
        }
        gapAt = nil
        session = Resume(session: known.session, seq: sequence)
        if case .serverRestarting(let after) = event {
            restartAfter = .milliseconds(min(max(0, after), 300_000))
        }
        return [.event(event, isReplayed: sequence <= open.included)]
    }
}
