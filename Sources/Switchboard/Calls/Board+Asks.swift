// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleWire

/// Requests about the calls of this board, from parties on whatever board.
extension Board {
    func answer(_ ask: Ask, at now: Now) {
        guard let call = calls[ask.call] else {
            return refuse(ask, .unknownCall, "no such call", at: now)
        }
        if let abilities = ask.abilities { call.abilities[ask.principal] = abilities }
        switch ask.principal {
        case .panel(let panel): answer(ask, ofPanel: panel, call, at: now)
        case .device(let device): answer(ask, of: device, call, at: now)
        }
    }

    private func answer(_ ask: Ask, ofPanel panel: PanelID, _ call: LiveCall, at now: Now) {
        guard call.machine.plan.panel == panel else {
            return refuse(ask, .unknownCall, "no such call", at: now)
        }
        switch ask.kind {
        case .hangUp: request(.panelHungUp, ask, call, at: now)
        case .media(let activity): media(activity, from: .panel, ask, call, at: now)
        case .keyFrame: keyFrame(from: .panel, ask, call, at: now)
        case .ringing, .answer, .decline, .ignore, .preview, .unlock:
            refuse(ask, .notPermitted, "not for a panel", at: now)
        }
    }

    private func answer(_ ask: Ask, of device: DeviceID, _ call: LiveCall, at now: Now) {
        guard call.machine.concerns(device), let resident = directory.resident(of: device) else {
            return refuse(ask, .unknownCall, "no such call", at: now)
        }
        guard resident.isInGoodStanding else {
            return refuse(ask, .notPermitted, "not a current resident", at: now)
        }
        let party = Party(resident: resident.id, device: device)
        switch ask.kind {
        case .ringing: request(.rang(party), ask, call, at: now)
        case .answer: answered(by: party, ask, call, at: now)
        case .decline: request(.declined(party), ask, call, at: now)
        case .ignore: request(.ignored(party), ask, call, at: now)
        case .preview: request(.previewed(party), ask, call, at: now)
        case .hangUp: request(.hungUp(party), ask, call, at: now)
        case .media(let activity): media(activity, from: .resident, ask, call, at: now)
        case .keyFrame: keyFrame(from: .resident, ask, call, at: now)
        case .unlock(let door, let key, let until):
            unlock(door, key: key, until: until, by: party, ask, call, at: now)
        }
    }

    private func request(_ input: CallInput, _ ask: Ask, _ call: LiveCall, at now: Now) {
        let requester = LiveCall.Requester(
            principal: ask.principal,
            request: ask.request,
            hasHandle: ask.kind.wantsHandle,
            answeredAt: ask.kind.isAnswer ? ask.at : nil
        )
        let effects = call.machine.handle(input, at: now)
        perform(effects, of: call, for: requester, at: now)
    }

    /// One talk a device, one winner a call: claimed first, given back by who did not win.
    private func answered(by party: Party, _ ask: Ask, _ call: LiveCall, at now: Now) {
        let free = exchange.calls.withLock { $0.talk(party.device, in: call.id) }
        guard free || call.machine.phase != .ringing else {
            return release(
                .reply(ask, .refused(.busy, "this device talks already")),
                of: call,
                at: now
            )
        }
        request(.answered(party), ask, call, at: now)
        let won =
            call.machine.phase == .active
            && call.machine.answeredBy?.device == party.device
        if !won { exchange.calls.withLock { $0.stopTalk(party.device, in: call.id) } }
    }

    private func media(
        _ activity: MediaActivity,
        from side: CallSide,
        _ ask: Ask,
        _ call: LiveCall,
        at now: Now
    ) {
        guard mayConverse(ask, side, call, at: now) else { return }
        if let other = call.principal(of: side.other) {
            release(.told(.callMedia(call: call.id, activity), other), of: call, at: now)
        }
        release(.reply(ask, .ok(.done)), of: call, at: now)
    }

    private func keyFrame(from side: CallSide, _ ask: Ask, _ call: LiveCall, at now: Now) {
        guard mayConverse(ask, side, call, at: now) else { return }
        if let sender = side == .panel ? call.principal(of: .resident) : call.panel {
            wantKeyFrame(of: sender, call.id, at: now)
        }
        release(.reply(ask, .ok(.done)), of: call, at: now)
    }

    /// Whether the asking side takes part now; answers it where not.
    private func mayConverse(
        _ ask: Ask,
        _ side: CallSide,
        _ call: LiveCall,
        at now: Now
    ) -> Bool {
        switch call.machine.state {
        case .ended:
            release(.reply(ask, .refused(.callEnded, "the call is over")), of: call, at: now)
            return false
        case .ringing(let ringing):
            if side == .panel { return true }
            if case .device(let device) = ask.principal, ringing.previewers.contains(device) {
                return true
            }
            refuse(ask, .notPermitted, "answer it first", at: now)
            return false
        case .active(let active):
            guard side == .resident, ask.principal != .device(active.answeredBy.device) else {
                return true
            }
            let refusal = Refusal(
                .alreadyAnswered,
                detail: "answered by another device",
                answeredBy: AnsweredBy(active.answeredBy)
            )
            release(.reply(ask, .refused(refusal)), of: call, at: now)
            return false
        }
    }

    /// Refuses a request for a reason that has nothing to do with what a call decided.
    func refuse(_ ask: Ask, _ code: ErrorCode, _ detail: String, at now: Now) {
        conclude(ask, .refused(code, detail), at: now)
    }

    /// Answers a request; a refused unlock's key has its answer with that.
    func conclude(_ ask: Ask, _ reply: Reply, at now: Now) {
        if case .unlock(_, let key, _) = ask.kind, case .refused(let refusal) = reply {
            refuse(key, of: ask.principal, refusal, at: now)
        } else {
            deliver(reply, to: ask.principal, request: ask.request, at: now)
        }
    }

    // MARK: Comings and goings

    func arrived(_ arrival: Arrival, at now: Now) {
        guard let call = calls[arrival.call] else {
            let none = EntryReply(
                principal: arrival.principal,
                epoch: arrival.epoch,
                entry: nil,
                version: 0
            )
            return send(.entry(arrival.call, none), to: arrival.board, at: now)
        }
        if arrival.epoch >= call.epochs[arrival.principal] ?? 0 {
            call.epochs[arrival.principal] = arrival.epoch
            call.abilities[arrival.principal] = arrival.abilities
            switch arrival.principal {
            case .panel:
                input(arrival.forgot ? .panelForgot : .panelReturned, to: call, at: now)
                openPicture(call, at: now)
            case .device(let device): input(.deviceReturned(device), to: call, at: now)
            }
        }
        let glimpse = call.glimpse(of: arrival.principal)
        release(.entry(arrival, glimpse), of: call, at: now)
        tellAbsence(to: arrival.principal, call, at: now)
    }

    /// Who comes back to a call learns that the other party is still gone: it was told so in an
    /// older session, or before the server was stopped, or never.
    private func tellAbsence(to principal: Principal, _ call: LiveCall, at now: Now) {
        let side: CallSide = principal.isPanel ? .panel : .resident
        guard call.principal(of: side) == principal,
            let grace = call.machine.grace(of: side.other, at: now)
        else { return }
        let event = ServerEvent.callPeer(
            call: call.id,
            present: false,
            graceMs: Int(grace.milliseconds)
        )
        release(.told(event, principal), of: call, at: now)
    }

    func sendEntry(
        _ glimpse: LiveCall.Glimpse,
        of call: LiveCall,
        to arrival: Arrival,
        at now: Now
    ) {
        let entry: CallEntry?
        switch (glimpse, arrival.principal) {
        case (.panel(let view), _): entry = panelEntry(view, of: call, at: now)
        case (.device(let view), .device(let device)):
            entry = self.entry(view, of: call, for: device, at: now)
        case (.device, .panel), (.nothing, _): entry = nil
        }
        let reply = EntryReply(
            principal: arrival.principal,
            epoch: arrival.epoch,
            entry: entry,
            version: call.version
        )
        send(.entry(call.id, reply), to: arrival.board, at: now)
    }

    func left(_ principal: Principal, epoch: UInt64, call id: CallID, at now: Now) {
        guard let call = calls[id], epoch >= call.epochs[principal] ?? 0 else { return }
        switch principal {
        case .panel: input(.panelLost, to: call, at: now)
        case .device(let device): input(.deviceLost(device), to: call, at: now)
        }
    }
}

extension LiveCall {
    /// The call as they see it now.
    func glimpse(of principal: Principal) -> Glimpse {
        switch principal {
        case .panel: .panel(machine.panelView)
        case .device(let device): machine.view(for: device).map { .device($0) } ?? .nothing
        }
    }
}

extension Ask.Kind {
    /// Somebody takes the call.
    var isAnswer: Bool { if case .answer = self { true } else { false } }

    /// Answering and previewing give a handle.
    var wantsHandle: Bool {
        switch self {
        case .answer, .preview: true
        default: false
        }
    }
}
