// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension ServerMessage {
    /// The message as JSON in UTF-8, for one text message of the WebSocket.
    ///
    /// May be called on any thread.
    public func encoded() -> [UInt8] {
        var fields = JSONWriter()
        switch self {
        case .ok(let re, let answer):
            fields.put("type", "ok")
            fields.put("re", re)
            answer.write(&fields)
        case .refused(let re, let refusal):
            fields.put("type", "error")
            fields.put("re", re)
            refusal.write(&fields)
        case .welcome(let re, let welcome):
            fields.put("type", "welcome")
            fields.put("re", re)
            welcome.write(&fields)
        case .event(let seq, let event):
            fields.put("type", event.type)
            fields.put("seq", seq)
            event.write(&fields)
        }
        return fields.finished()
    }
}

extension ServerEvent {
    /// The event's `type`, which is also a label for counters and logs.
    public var type: String { name?.rawValue ?? unknownType }

    /// The event's name; nil for ``unknown(type:)``.
    public var name: EventName? {
        switch self {
        case .callPeer: .callPeer
        case .callEnding: .callEnding
        case .callMedia: .callMedia
        case .mediaKeyframe: .mediaKeyframe
        case .mediaRate: .mediaRate
        case .serverRestarting: .serverRestarting
        case .authExpiring: .authExpiring
        case .panelCallState, .callState: .callState
        case .doorOpen: .doorOpen
        case .doorVoid: .doorVoid
        case .directoryChanged: .directoryChanged
        case .panelChanged: .panelChanged
        case .passOpened: .passOpened
        case .passRefused: .passRefused
        case .callIncoming: .callIncoming
        case .doorOpened: .doorOpened
        case .doorsChanged: .doorsChanged
        case .passUsed: .passUsed
        case .unknown: nil
        }
    }

    private var unknownType: String {
        if case .unknown(let type) = self { type } else { "" }
    }

    fileprivate func write(_ fields: inout JSONWriter) {
        switch self {
        case .callPeer(let call, let present, let graceMs):
            fields.put("call", call)
            fields.put("present", present)
            fields.put("graceMs", graceMs)
        case .callEnding(let call, let remainingMs):
            fields.put("call", call)
            fields.put("remainingMs", remainingMs)
        case .callMedia(let call, let activity):
            fields.put("call", call)
            activity.write(&fields)
        case .mediaKeyframe(let call, let maxBytes):
            fields.put("call", call)
            fields.put("maxBytes", maxBytes)
        case .mediaRate(let call, let kbps):
            fields.put("call", call)
            fields.put("kbps", kbps)
        case .serverRestarting(let after): fields.put("reconnectAfterMs", after)
        case .authExpiring(let remainingMs): fields.put("remainingMs", remainingMs)
        case .panelCallState(let state): state.write(&fields)
        case .doorOpen(let command): command.write(&fields)
        case .doorVoid(let command): fields.put("command", command)
        case .directoryChanged(let version): fields.put("version", version)
        case .panelChanged(let panel): fields.put("panel", panel)
        case .passOpened(let opened): opened.write(&fields)
        case .passRefused(let code, let remainingMs):
            fields.put("code", word: code)
            fields.put("remainingMs", remainingMs)
        case .callIncoming(let offer): offer.write(&fields)
        case .callState(let state): state.write(&fields)
        case .doorOpened(let opened): opened.write(&fields)
        case .passUsed(let used): used.write(&fields)
        case .doorsChanged, .unknown: break
        }
    }
}
