// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension PanelClient {
    /// Hands on what the line says, and takes what concerns the panel.
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
            case .helloSent: door.clock.helloSent(at: now)
            case .clock(let milliseconds, let sent):
                door.clock.pingAnswered(clock: Int64(milliseconds), sent: sent, at: now)
            case .welcomed(let welcome): welcomed(welcome, at: now, using: &random, into: &out)
            case .event(let event, let isReplayed):
                isReplayed
                    ? replayed(event, into: &out)
                    : happened(event, at: now, using: &random, into: &out)
            case .answered(let number, let result):
                answered(number, result, at: now, using: &random, into: &out)
            }
        }
    }

    private mutating func connection(
        _ status: ConnectionStatus,
        at now: Moment,
        into out: inout Output
    ) {
        out.append(.report(.connection(status)))
        guard status != .open else {
            offlineSince = nil
            return
        }
        door.clock.lost()
        isDirectoryLoading = isPending(.directory)
        offlineSince = offlineSince ?? now
        if case .closed = status, case .live(let live) = state {
            state = .ended(live.call, .connectionLost)
        }
    }

    // MARK: Welcome

    private mutating func welcomed(
        _ welcome: Welcome,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        limit = max(64_000, min(welcome.limits.bitsPerSecond, 100_000_000))
        if let panel = welcome.panel { out.append(.report(.panel(panel))) }
        take(welcome.calls, isResumed: welcome.resumed)
        remembersCall = false
        for entry in welcome.calls where isForgotten(entry) {
            end(
                entry.offer.call,
                active: entry.state == .active,
                at: now,
                using: &random,
                into: &out
            )
        }
        if directory.held != nil || isDirectoryWanted {
            loadDirectory(at: now, using: &random, into: &out)
        }
        sensors.welcomed(resumed: welcome.resumed)
        tellSensors(at: now, using: &random, into: &out)
    }

    /// What the welcome says of the panel's call.
    private mutating func take(_ calls: [CallEntry], isResumed: Bool) {
        switch state {
        case .live(let live): adopt(calls.first { $0.offer.call == live.call }, live)
        case .starting(var starting):
            // The answer to the press, still under way, will say which of them is meant.
            for entry in calls { starting.saw(PanelCallState(entry)) }
            state = .starting(starting)
        case .idle where remembersCall && isResumed: comeBack(to: calls)
        case .idle, .ended: break
        }
    }

    /// An earlier process of this panel had a call, and left its memory to this one.
    private mutating func comeBack(to calls: [CallEntry]) {
        let live = calls.filter { $0.mine && PanelCallState($0).isLive }
        guard live.count == 1, let entry = live.first else { return }
        let offer = entry.offer
        adopt(entry, Live(call: offer.call, handle: offer.handle, unit: offer.unit))
    }

    /// The call as the server has it now; what it no longer lists ended long ago.
    private mutating func adopt(_ entry: CallEntry?, _ live: Live) {
        guard let entry else {
            state = .ended(live.call, .outcome(nil))
            return
        }
        var live = live
        live.answeredBy = entry.answeredBy ?? live.answeredBy
        live.isActive = entry.state == .active
        state = entry.state == .ended ? .ended(live.call, .outcome(entry.outcome)) : .live(live)
    }

    /// A live call that this panel knows nothing of, or has ended: nobody stands there any longer.
    private func isForgotten(_ entry: CallEntry) -> Bool {
        switch (entry.state, state) {
        case (.ended, _), (.unknown, _): false
        case (_, .live(let live)): live.call != entry.offer.call
        // The answer to the press, still under way, will name it.
        case (_, .starting): ended.contains(entry.offer.call)
        case (_, .idle), (_, .ended): true
        }
    }

    // MARK: Events

    private mutating func happened(
        _ event: ServerEvent,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch event {
        case .panelCallState(let call): changed(call, at: now, using: &random, into: &out)
        case .doorOpen(let open): self.open(open, at: now, using: &random, into: &out)
        case .doorVoid(let command): door.voided(command)
        case .directoryChanged: loadDirectory(at: now, using: &random, into: &out)
        case .panelChanged(let panel): out.append(.report(.panel(panel)))
        case .passOpened(let opened): out.append(.report(.passOpened(opened)))
        case .passRefused(let code, let remaining):
            out.append(.report(.passRefused(code, remaining: remaining.map(Duration.bounded))))
        case .authExpiring(let remaining):
            out.append(.report(.tokenExpiring(.bounded(remaining))))
        case .callPeer, .callEnding, .callMedia, .mediaKeyframe, .mediaRate:
            inCall(event, into: &out)
        case .serverRestarting, .unknown: break
        // A resident's; a server that sends them to a panel errs, and they mean nothing here.
        case .callIncoming, .callState, .doorOpened, .doorsChanged, .passUsed: break
        }
    }

    private func inCall(_ event: ServerEvent, into out: inout Output) {
        guard case .live(let live) = state else { return }
        let call = live.call
        switch event {
        case .callPeer(call, let present, let grace):
            out.append(
                .report(.peer(call: call, present: present, grace: grace.map(Duration.bounded)))
            )
        case .callEnding(call, let remaining):
            out.append(.report(.ending(call: call, remaining: .bounded(remaining))))
        case .callMedia(call, let activity):
            out.append(.report(.peerMedia(call: call, activity)))
        case .mediaKeyframe(call, let maxBytes):
            out.append(.report(.keyFrameWanted(call: call, maxBytes: maxBytes)))
        case .mediaRate(call, let kilobits):
            out.append(.report(.rate(call: call, kilobits: max(0, kilobits))))
        default: break
        }
    }

    /// What is in the welcome already: a door, too, whose command was replayed against the rules.
    private mutating func replayed(_ event: ServerEvent, into out: inout Output) {
        switch event {
        case .doorOpen(let open): door.voided(open.command)
        case .doorVoid(let command): door.voided(command)
        default: break
        }
        out.append(.report(.log(event)))
    }

    private mutating func changed(
        _ call: PanelCallState,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch state {
        case .starting(var starting):
            starting.saw(call)
            state = .starting(starting)
        case .live(let live) where live.call == call.call: state = Self.changed(live, call)
        case .ended(call.call, .here) where call.state == .ended:
            state = .ended(call.call, .outcome(call.outcome))
        // Nobody stands there: the press that began it counts as failed, or was given up.
        case .live, .idle, .ended:
            guard call.isLive else { return }
            end(call.call, active: call.state == .active, at: now, using: &random, into: &out)
        }
    }

    static func changed(_ live: Live, _ call: PanelCallState) -> State {
        var live = live
        live.answeredBy = call.answeredBy ?? live.answeredBy
        live.media = call.media ?? live.media
        switch call.state {
        case .ended: return .ended(live.call, .outcome(call.outcome))
        case .active: live.isActive = true
        case .ringing: live.isActive = false
        case .unknown: break
        }
        return .live(live)
    }

    private mutating func open(
        _ open: DoorOpen,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch door.received(open, at: now) {
        case .ignore: break
        case .act(let hold):
            out.append(
                .report(.openDoor(command: open.command, door: open.door, hold: hold))
            )
        case .refuse(let result): tell(result, at: now, using: &random, into: &out)
        }
    }
}

extension Duration {
    /// Milliseconds that a peer sent, within a day.
    static func bounded(_ milliseconds: Int) -> Duration {
        .milliseconds(min(max(milliseconds, 0), 86_400_000))
    }
}
