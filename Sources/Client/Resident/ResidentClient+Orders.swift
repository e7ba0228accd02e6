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
                Asked(purpose: .nothing, tag: tag),
                at: now,
                using: &random,
                into: &out
            )
        case .preview(let call, let tag):
            ask(
                .callPreview(call),
                Asked(purpose: .preview(call), tag: tag),
                at: now,
                using: &random,
                into: &out
            )
        case .unlock(let call, let door, let tag):
            let unlock = CallUnlock(call: call, door: door, key: FreshKey.draw(using: &random))
            ask(
                .callUnlock(unlock),
                Asked(purpose: .nothing, tag: tag),
                at: now,
                using: &random,
                into: &out
            )
        case .unlockDoor(let door, let tag):
            let request = ClientRequest.doorUnlock(
                door: door,
                key: FreshKey.draw(using: &random)
            )
            ask(
                request,
                Asked(purpose: .nothing, tag: tag),
                at: now,
                using: &random,
                into: &out
            )
        case .sending(let call, let activity):
            ask(.callMedia(call, activity), at: now, using: &random, into: &out)
        case .wantKeyFrame(let call):
            ask(.mediaKeyframe(call), at: now, using: &random, into: &out)
        case .ask(let request, let tag):
            ask(
                request,
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
            Asked(purpose: .nothing, tag: tag),
            at: now,
            using: &random,
            into: &out
        )
    }

    /// Asks; how long that is worth something follows from the request, whoever asks.
    mutating func ask(
        _ request: ClientRequest,
        patience: Patience? = nil,
        _ asked: Asked = Asked(purpose: .nothing, tag: nil),
        at now: Moment,
        using random: inout some RandomNumberGenerator,
        into out: inout Output
    ) {
        let patience = patience ?? .of(request)
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
        switch line.renew(token, at: now, using: &random) {
        case .kept(let actions): take(actions, at: now, using: &random, into: &out)
        case .asked(let number, let actions):
            asked[number] = Asked(purpose: .renewal, tag: nil)
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
        let isLost = offlineSince.map { now - $0 >= Self.offlinePatience } ?? false
        for index in calls.indices {
            let call = calls[index]
            let rangOut = call.isRinging && call.ringsUntil + Self.ringPatience <= now
            guard rangOut || (isLost && call.isMine) else { continue }
            // Nobody told, so the outcome is not known; a later snapshot may say more.
            end(at: index, into: &out)
        }
    }

    private mutating func end(
        at index: Int,
        _ reason: PartReason? = nil,
        into out: inout Output
    ) {
        calls[index].state = .ended
        calls[index].you = .out
        calls[index].reason = reason ?? calls[index].reason
        calls[index].isPreviewing = false
        out.append(.report(.changed(calls[index])))
    }

    /// This process has no part in any call any longer: the device is not this household's, or
    /// another process of it took over.
    mutating func fallSilent(_ reason: PartReason?, into out: inout Output) {
        for index in calls.indices where calls[index].state != .ended {
            end(at: index, reason, into: &out)
        }
    }
}
