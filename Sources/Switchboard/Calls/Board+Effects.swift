// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleWire

/// The one door at which the effects of calls are performed.
extension Board {
    func perform(
        _ effect: CallEffect,
        of call: LiveCall,
        for requester: LiveCall.Requester?,
        length: Int,
        at now: Now
    ) {
        let plan = call.machine.plan
        switch effect {
        case .record: preconditionFailure("records are handed to the ledger before this door")
        case .answer(let answer):
            guard let requester else { return }
            if answer == .accepted, let answeredAt = requester.answeredAt {
                times.answer.add(now.moment - answeredAt)
            }
            settle(reply(answer, call, requester), requester, at: now)
            if requester.key != nil { openPicture(call, at: now) }
        case .offer(let people): offer(people, of: call, length: length, at: now)
        case .tell(let device, let view):
            tell(.callState(state(view, of: call)), .device(device), about: call, at: now)
        case .tellPanel(let view):
            tell(.panelCallState(state(view, of: call)), call.panel, about: call, at: now)
        case .tellPeer(let side, let present, let grace):
            guard let principal = call.principal(of: side) else { return }
            tell(
                .callPeer(
                    call: plan.call,
                    present: present,
                    graceMs: grace.map { Int($0.milliseconds) }
                ),
                principal,
                about: call,
                at: now
            )
        case .warn(let remaining):
            for side in [CallSide.panel, .resident] {
                guard let principal = call.principal(of: side) else { continue }
                let left = Int(remaining.milliseconds)
                tell(
                    .callEnding(call: plan.call, remainingMs: left),
                    principal,
                    about: call,
                    at: now
                )
            }
        case .connect(let party): connect(party, call, at: now)
        case .preview(let party): preview(party, call, at: now)
        case .endPreview(let device): endPreview(device, call, at: now)
        case .disconnect: disconnect(call, at: now)
        case .silencePush(let devices): silencePush(devices, of: call)
        case .cancelPush(let devices): pushCancel(devices, of: call, length: length, at: now)
        case .missedPush(let devices): pushMissed(devices, of: call, length: length, at: now)
        case .missedAfterQuietHours:
            for notice in call.notices { keep(notice, at: now) }
        }
    }

    /// The answer in the words of the wire.
    private func reply(
        _ answer: CallAnswer,
        _ call: LiveCall,
        _ requester: LiveCall.Requester
    ) -> Reply {
        let plan = call.machine.plan
        if requester.key != nil, call.machine.offered.isEmpty {
            return .refused(
                Refusal(.unreachable, detail: "nobody can be reached", call: plan.call)
            )
        }
        switch answer {
        case .accepted:
            guard requester.hasHandle else { return .ok(.done) }
            guard requester.key != nil else { return .ok(.handle(plan.handle)) }
            return .ok(
                .started(
                    plan.call,
                    handle: plan.handle,
                    ringTimeout: Double(plan.times.ring) / 1000
                )
            )
        case .refused(let refusal): return .refused(Refusal(refusal))
        }
    }

    /// Everything told of a call takes its version, and waits where the device is on its way.
    func tell(
        _ event: ServerEvent,
        _ principal: Principal,
        about call: LiveCall,
        pressedAt: Moment? = nil,
        at now: Now
    ) {
        let told = Told(
            event: event,
            call: call.id,
            version: call.nextVersion(),
            pressedAt: pressedAt
        )
        guard let place = exchange.places.withLock({ $0[principal] }) else { return }
        send(.tell(principal, told), to: place.board, at: now)
    }

    private func offer(
        _ people: [OfferedPerson],
        of call: LiveCall,
        length: Int,
        at now: Now
    ) {
        let pressedAt = call.pressedAt
        call.pressedAt = nil
        for device in people.flatMap(\.devices) {
            exchange.calls.withLock { $0.concern(.device(device), call.id) }
            guard let view = call.machine.view(for: device),
                let entry = entry(view, of: call, for: device, at: now)
            else { continue }
            tell(
                .callIncoming(entry.offer),
                .device(device),
                about: call,
                pressedAt: pressedAt,
                at: now
            )
        }
        let devices = people.flatMap(\.devices)
        counters.ringsOffered += devices.count
        pushRing(devices, of: call, length: length, at: now)
    }

    /// The call as a device sees it, with all that its screen needs.
    func entry(
        _ view: CallView,
        of call: LiveCall,
        for device: DeviceID,
        at now: Now
    ) -> CallEntry? {
        guard let resident = directory.resident(of: device) else { return nil }
        let doors = (directory.panel(call.machine.plan.panel)?.doors ?? [])
            .compactMap { directory.door($0) }
            .filter { $0.openFromCall || resident.doors.contains($0.id) }
            .map { DoorName(id: $0.id, name: $0.name) }
        return CallEntry(
            offer: self.offer(of: call, doors: doors, at: now),
            state: view.phase.wire,
            you: view.part.wire,
            mine: view.part == .talking,
            answeredBy: view.answeredBy.map(AnsweredBy.init),
            reason: view.reason?.wire,
            outcome: view.outcome?.wire
        )
    }

    /// The call as its panel sees it.
    func panelEntry(_ view: PanelView, of call: LiveCall, at now: Now) -> CallEntry {
        CallEntry(
            offer: offer(of: call, doors: [], at: now),
            state: view.phase.wire,
            mine: view.phase != .ended,
            answeredBy: view.answeredBy.map(AnsweredBy.init),
            outcome: view.outcome?.wire
        )
    }

    private func offer(of call: LiveCall, doors: [DoorName], at now: Now) -> CallOffer {
        let plan = call.machine.plan
        let remaining = call.machine.ringRemaining(at: now) ?? .zero
        return CallOffer(
            call: plan.call,
            handle: plan.handle,
            panel: PanelName(id: plan.panel, name: call.panelName),
            unit: plan.unit,
            property: plan.property,
            startedAt: call.startedAt,
            expiresAt: now.time + remaining,
            remainingMs: Int(remaining.milliseconds),
            doors: doors
        )
    }

    private func state(_ view: CallView, of call: LiveCall) -> ResidentCallState {
        ResidentCallState(
            call: call.id,
            state: view.phase.wire,
            you: view.part.wire,
            answeredBy: view.answeredBy.map(AnsweredBy.init),
            reason: view.reason?.wire,
            outcome: view.outcome?.wire,
            media: view.part == .talking ? call.abilities[call.panel] : nil
        )
    }

    private func state(_ view: PanelView, of call: LiveCall) -> PanelCallState {
        let answerer = view.answeredBy.map { Principal.device($0.device) }
        return PanelCallState(
            call: call.id,
            state: view.phase.wire,
            answeredBy: view.answeredBy.map(AnsweredBy.init),
            outcome: view.outcome?.wire,
            media: view.phase == .active ? answerer.flatMap { call.abilities[$0] } : nil
        )
    }
}

extension LiveCall {
    /// Who is at this end; nobody at the residents' end before somebody answered.
    func principal(of side: CallSide) -> Principal? {
        switch side {
        case .panel: panel
        case .resident: machine.answeredBy.map { .device($0.device) }
        }
    }
}
