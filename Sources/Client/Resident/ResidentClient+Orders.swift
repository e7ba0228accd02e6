// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

extension ResidentClient {
    typealias Output = [ClientAction<ResidentEvent>]

    mutating func obey(
        _ order: ResidentOrder,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        switch order {
        case .answer(let call, let tag):
            ask(
                .callAnswer(call),
                .person,
                Asked(purpose: .answer(call), tag: tag),
                at: now,
                using: &random,
                into: &out
            )
        case .decline(let call, let tag):
            leave(call, .callDecline(call), tag, at: now, using: &random, into: &out)
        case .hangUp(let call, let tag):
            leave(call, .callHangup(call), tag, at: now, using: &random, into: &out)
        case .ignore(let call, let tag):
            ask(
                .callIgnore(call),
                .person,
                Asked(purpose: .nothing, tag: tag),
                at: now,
                using: &random,
                into: &out
            )
        case .preview(let call, let tag):
            ask(
                .callPreview(call),
                .person,
                Asked(purpose: .preview(call), tag: tag),
                at: now,
                using: &random,
                into: &out
            )
        case .unlock(let call, let door, let tag):
            let unlock = CallUnlock(call: call, door: door, key: FreshKey.draw(using: &random))
            open(.callUnlock(unlock), tag, at: now, using: &random, into: &out)
        case .unlockDoor(let door, let tag):
            let request = ClientRequest.doorUnlock(
                door: door,
                key: FreshKey.draw(using: &random)
            )
            open(request, tag, at: now, using: &random, into: &out)
        case .sending(let call, let activity):
            ask(.callMedia(call, activity), .fleeting, at: now, using: &random, into: &out)
        case .wantKeyFrame(let call):
            ask(.mediaKeyframe(call), .fleeting, at: now, using: &random, into: &out)
        case .ask(let request, let tag):
            ask(
                request,
                .person,
                Asked(purpose: .nothing, tag: tag),
                at: now,
                using: &random,
                into: &out
            )
        }
    }

    /// Ends this device's part; the media stops here and now.
    private mutating func leave(
        _ call: CallID,
        _ request: ClientRequest,
        _ tag: Int?,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        if calls.contains(where: { $0.call == call }) { leaving.insert(call) }
        ask(
            request,
            .end,
            Asked(purpose: .nothing, tag: tag),
            at: now,
            using: &random,
            into: &out
        )
    }

    /// A door, under a key of its own for each press: sent within its deadline or not at all.
    private mutating func open(
        _ request: ClientRequest,
        _ tag: Int?,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        ask(
            request,
            .door,
            Asked(purpose: .nothing, tag: tag),
            at: now,
            using: &random,
            into: &out
        )
    }

    mutating func ask(
        _ request: ClientRequest,
        _ patience: Patience,
        _ asked: Asked = Asked(purpose: .nothing, tag: nil),
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        guard let (number, actions) = line.ask(request, patience, at: now, using: &random) else {
            if let tag = asked.tag {
                out.append(.report(.answered(tag: tag, .failure(.notPossible))))
            }
            return
        }
        if asked.purpose != .nothing || asked.tag != nil { self.asked[number] = asked }
        take(actions, at: now, using: &random, into: &out)
    }

    mutating func renew(
        _ token: Secret,
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        guard let (_, actions) = line.renew(token, at: now, using: &random) else { return }
        take(actions, at: now, using: &random, into: &out)
    }

    mutating func tick(
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        take(line.tick(at: now, using: &random), at: now, using: &random, into: &out)
        let isLost = offlineSince.map { now - $0 >= Self.offlinePatience } ?? false
        for index in calls.indices {
            let call = calls[index]
            let rangOut = call.isRinging && call.ringsUntil + Self.ringPatience <= now
            guard rangOut || (isLost && call.isMine) else { continue }
            // Nobody told, so the outcome is not known; a later snapshot may say more.
            calls[index].state = .ended
            calls[index].you = .out
            out.append(.report(.changed(calls[index])))
        }
    }
}
