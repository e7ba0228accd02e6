// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension ResidentClient {
    /// Hands on what the line says, and takes what concerns the device.
    mutating func take(
        _ actions: [LineAction],
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        for action in actions {
            switch action {
            case .connect(let socket): out.append(.connect(socket: socket))
            case .send(let message, let socket): out.append(.send(message, socket: socket))
            case .close(let socket, let code): out.append(.close(socket: socket, code: code))
            case .status(let status): connection(status, at: now, into: &out)
            // Only panels judge deadlines by the server's clock.
            case .helloSent, .clock: break
            case .welcomed(let welcome): welcomed(welcome, at: now, using: &random, into: &out)
            case .event(let event, let isReplayed):
                if isReplayed {
                    out.append(.report(.log(event)))
                } else {
                    happened(event, at: now, using: &random, into: &out)
                }
            case .answered(let number, let result): answered(number, result, into: &out)
            }
        }
    }

    private mutating func connection(
        _ status: ConnectionStatus,
        at now: Moment,
        into out: inout Output
    ) {
        out.append(.report(.connection(status)))
        offlineSince = status == .open ? nil : offlineSince ?? now
        switch status {
        case .closed(.revoked): fallSilent(.revoked, into: &out)
        case .closed(.replaced): fallSilent(nil, into: &out)
        // A program that stops, or has to fetch a new credential, may come back to the ring.
        case .connecting, .open, .waiting, .closed(.stopped), .closed(.notAuthenticated): break
        }
    }

    // MARK: Welcome

    /// The screen is drawn from the welcome alone.
    private mutating func welcomed(
        _ welcome: Welcome,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        limit = max(64_000, min(welcome.limits.bitsPerSecond, 100_000_000))
        let known = calls
        calls = welcome.calls.suffix(Self.most).map { ResidentCall($0, at: now) }
        leaving.formIntersection(calls.filter { $0.state != .ended }.map(\.call))
        for index in calls.indices {
            let old = known.first { $0.call == calls[index].call }
            calls[index].media = old?.media
            tell(calls[index], old: old, at: now, using: &random, into: &out)
        }
        for var gone in known where !calls.contains(where: { $0.call == gone.call }) {
            guard gone.state != .ended else { continue }
            gone.state = .ended
            gone.you = .out
            out.append(.report(.changed(gone)))
        }
    }

    private mutating func tell(
        _ call: ResidentCall,
        old: ResidentCall?,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        // One that ended here without a word from the server rings again.
        guard let old, old.state != .ended || !call.isRinging else {
            out.append(.report(call.isRinging ? .incoming(call) : .changed(call)))
            return acknowledge(call, at: now, using: &random, into: &out)
        }
        guard call.differs(from: old) else { return }
        out.append(.report(.changed(call)))
    }

    // MARK: Events

    private mutating func happened(
        _ event: ServerEvent,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch event {
        case .callIncoming(let offer): offered(offer, at: now, using: &random, into: &out)
        case .callState(let snapshot): changed(snapshot, into: &out)
        case .doorOpened(let opened): out.append(.report(.doorOpened(opened)))
        case .doorsChanged: out.append(.report(.doorsChanged))
        case .passUsed(let used): out.append(.report(.passUsed(used)))
        case .authExpiring(let remaining):
            out.append(.report(.tokenExpiring(.bounded(remaining))))
        case .callPeer(let call, let present, let grace):
            out.append(
                .report(.peer(call: call, present: present, grace: grace.map(Duration.bounded)))
            )
        case .callEnding(let call, let remaining):
            out.append(.report(.ending(call: call, remaining: .bounded(remaining))))
        case .callMedia(let call, let activity):
            out.append(.report(.peerMedia(call: call, activity)))
        case .mediaKeyframe(let call, let maxBytes):
            out.append(.report(.keyFrameWanted(call: call, maxBytes: maxBytes)))
        case .mediaRate(let call, let kilobits):
            out.append(.report(.rate(call: call, kilobits: max(0, kilobits))))
        case .serverRestarting, .unknown: break
        // A panel's; a server that sends them to a resident errs, and they mean nothing here.
        case .panelCallState, .doorOpen, .doorVoid, .directoryChanged, .panelChanged,
            .passOpened, .passRefused:
            break
        }
    }

    /// A call is offered; one that is known already was offered before the connection was lost.
    private mutating func offered(
        _ offer: CallOffer,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        let call = ResidentCall(offer, state: .ringing, you: .ringing, at: now)
        if let index = calls.firstIndex(where: { $0.call == offer.call }) {
            guard calls[index].state == .ringing else { return }
            calls[index] = call
            return out.append(.report(.changed(call)))
        }
        calls.append(call)
        forgetOld()
        out.append(.report(.incoming(call)))
        acknowledge(call, at: now, using: &random, into: &out)
    }

    private mutating func forgetOld() {
        guard calls.count > Self.most else { return }
        let index = calls.firstIndex { $0.state == .ended } ?? calls.startIndex
        leaving.remove(calls.remove(at: index).call)
    }

    private mutating func changed(_ snapshot: ResidentCallState, into out: inout Output) {
        guard let index = calls.firstIndex(where: { $0.call == snapshot.call }) else { return }
        let old = calls[index]
        calls[index].take(snapshot)
        if calls[index].state == .ended { leaving.remove(snapshot.call) }
        if calls[index] != old { out.append(.report(.changed(calls[index]))) }
    }

    // MARK: Answers

    private mutating func answered(
        _ number: Int,
        _ result: Result<Answer, RequestFailure>,
        into out: inout Output
    ) {
        guard let asked = asked.removeValue(forKey: number) else { return }
        switch (asked.purpose, result) {
        case (.renewal, .success): out.append(.report(.tokenRenewed))
        case (.renewal, .failure(let failure)): out.append(.report(.tokenNotRenewed(failure)))
        case (.answer(let call), .success): update(call, into: &out) { $0.answerTaken() }
        case (.answer(let call), .failure(.refused(let refusal))):
            update(call, into: &out) { $0.answerRefused(refusal) }
        case (.preview(let call), .success):
            update(call, into: &out) { $0.isPreviewing = $0.state == .ringing }
        case (.answer, .failure), (.preview, .failure), (.nothing, _): break
        }
        if let tag = asked.tag { out.append(.report(.answered(tag: tag, result))) }
    }

    private mutating func update(
        _ call: CallID,
        into out: inout Output,
        _ change: (inout ResidentCall) -> Void
    ) {
        guard let index = calls.firstIndex(where: { $0.call == call }) else { return }
        let old = calls[index]
        change(&calls[index])
        if calls[index] != old { out.append(.report(.changed(calls[index]))) }
    }
}

extension ResidentCall {
    /// Whether anything but the time left differs.
    fileprivate func differs(from other: ResidentCall) -> Bool {
        var same = other
        same.ringsUntil = ringsUntil
        return self != same
    }

    /// This device won: media may flow from now on, whichever of answer and event came first.
    fileprivate mutating func answerTaken() {
        guard state == .ringing else { return }
        state = .active
        you = .talking
        isPreviewing = false
    }

    /// Somebody else was first, or it is over.
    fileprivate mutating func answerRefused(_ refusal: Refusal) {
        switch refusal.code {
        case .alreadyAnswered:
            guard state == .ringing else { return }
            state = .active
            you = .out
            reason = .answeredElsewhere
            answeredBy = refusal.answeredBy ?? answeredBy
            isPreviewing = false
        case .callEnded, .unknownCall:
            state = .ended
            you = .out
            isPreviewing = false
        default: break
        }
    }
}
