// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension PanelClient {
    typealias Output = [ClientAction<PanelEvent>]

    mutating func obey(
        _ order: PanelOrder,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch order {
        case .press(let unit): press(unit, at: now, using: &random, into: &out)
        case .hangUp: hangUp(at: now, using: &random, into: &out)
        case .doorDid(let command, let outcome, let detail):
            guard let result = door.did(command, outcome, detail: detail) else { return }
            tell(result, at: now, using: &random, into: &out)
        case .doorIs(let door, let state):
            sensors.reads(door, state)
            tellSensors(at: now, using: &random, into: &out)
        case .sending(let activity):
            guard case .live(let live) = state else { return }
            let request = ClientRequest.callMedia(live.call, activity)
            ask(request, for: .nothing, at: now, using: &random, into: &out)
        case .wantKeyFrame:
            guard case .live(let live) = state else { return }
            let request = ClientRequest.mediaKeyframe(live.call)
            ask(request, for: .nothing, at: now, using: &random, into: &out)
        case .loadDirectory:
            isDirectoryWanted = true
            loadDirectory(at: now, using: &random, into: &out)
        case .ask(let request, let tag):
            ask(request, for: .tagged(tag), at: now, using: &random, into: &out)
        }
    }

    // MARK: The call

    /// A press starts a call under a fresh key; while there is one already it does nothing.
    private mutating func press(
        _ unit: UnitID,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch state {
        case .idle, .ended: break
        case .starting, .live: return
        }
        let request = ClientRequest.callStart(unit: unit, key: FreshKey.draw(using: &random))
        let asked = ask(request, for: .start, at: now, using: &random, into: &out)
        state =
            asked.map { .starting(Starting(unit: unit, request: $0)) }
            ?? .ended(nil, .failed(.notPossible))
    }

    private mutating func hangUp(
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch state {
        case .idle, .ended: return
        case .starting(var starting):
            starting.isCancelled = true
            state = .starting(starting)
        case .live(let live):
            end(live.call, active: live.isActive, at: now, using: &random, into: &out)
            state = .ended(live.call, .here)
        }
    }

    /// Tells the server that a call is over here, whatever it still believes; once at a time.
    mutating func end(
        _ call: CallID,
        active: Bool,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        guard !isPending(.end(call)) else { return }
        ended.append(call)
        if ended.count > 16 { ended.removeFirst() }
        let request: ClientRequest = active ? .callHangup(call) : .callCancel(call)
        ask(request, for: .end(call), at: now, using: &random, into: &out)
    }

    // MARK: Doors and directory

    func isPending(_ purpose: Purpose) -> Bool { purposes.values.contains(purpose) }

    mutating func tell(
        _ result: DoorResult,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        let asked = ask(
            .doorResult(result),
            patience: .untilAnswered,
            for: .door(result),
            at: now,
            using: &random,
            into: &out
        )
        if asked == nil { door.postpone(result, at: now) }
    }

    mutating func tellSensors(
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        guard line.openSocket != nil else { return }
        for (door, state) in sensors.due(at: now) {
            let asked = ask(
                .doorState(door: door, state: state),
                for: .sensor,
                at: now,
                using: &random,
                into: &out
            )
            sensors.asked(door, number: asked, at: now)
        }
    }

    mutating func loadDirectory(
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        guard isDirectoryWanted, !isDirectoryLoading else { return }
        advance(directory.begin(), at: now, using: &random, into: &out)
    }

    mutating func advance(
        _ step: DirectoryDownload.Step,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        isDirectoryLoading = false
        switch step {
        case .ask(let get):
            let request = ClientRequest.directoryGet(get)
            let asked = ask(
                request,
                for: .directory,
                at: now,
                using: &random,
                into: &out
            )
            isDirectoryLoading = asked != nil
        case .done(let whole): out.append(.report(.directory(whole)))
        case .unchanged, .gaveUp: break
        }
    }

    // MARK: Asking

    /// Asks; how long that is worth something follows from the request, whoever asks.
    @discardableResult
    mutating func ask(
        _ request: ClientRequest,
        patience: Patience? = nil,
        for purpose: Purpose,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) -> Int? {
        let patience = patience ?? .of(request)
        guard let asked = line.ask(request, patience, at: now, using: &random) else {
            if case .tagged(let tag) = purpose {
                out.append(.report(.answered(tag: tag, .failure(.notPossible))))
            }
            return nil
        }
        if purpose != .nothing { purposes[asked.number] = purpose }
        take(asked.actions, at: now, using: &random, into: &out)
        return asked.number
    }

    mutating func renew(
        _ token: Secret,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch line.renew(token, at: now, using: &random) {
        case .kept(let actions): take(actions, at: now, using: &random, into: &out)
        case .asked(let number, let actions):
            purposes[number] = .renewal
            take(actions, at: now, using: &random, into: &out)
        case .notPossible: out.append(.report(.tokenNotRenewed(.notPossible)))
        }
    }

    mutating func tick(
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        take(line.tick(at: now, using: &random), at: now, using: &random, into: &out)
        for result in door.takeDue(at: now) {
            tell(result, at: now, using: &random, into: &out)
        }
        tellSensors(at: now, using: &random, into: &out)
        guard case .live(let live) = state, let offlineSince,
            now - offlineSince >= Self.offlinePatience
        else { return }
        end(live.call, active: live.isActive, at: now, using: &random, into: &out)
        state = .ended(live.call, .connectionLost)
    }
}
