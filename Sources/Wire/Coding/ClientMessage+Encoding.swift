// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension ClientMessage {
    /// The message as JSON in UTF-8, for one text message of the WebSocket.
    ///
    /// May be called on any thread.
    public func encoded() -> [UInt8] {
        var fields = JSONWriter()
        fields.put("type", word: request.name)
        fields.put("id", id)
        request.write(&fields)
        return fields.finished()
    }
}

extension ClientRequest {
    fileprivate func write(_ fields: inout JSONWriter) {
        switch self {
        case .ping, .panelCode: break
        case .hello(let hello): hello.write(&fields)
        case .authRenew(let token): fields.put("token", token.reveal)
        case .callMedia(let call, let activity):
            fields.put("call", call)
            activity.write(&fields)
        case .callHangup(let call), .mediaKeyframe(let call), .callCancel(let call),
            .callRinging(let call), .callIgnore(let call), .callPreview(let call),
            .callAnswer(let call), .callDecline(let call):
            fields.put("call", call)
        case .directoryGet(let wanted): wanted.write(&fields)
        case .callStart(let unit, let key):
            fields.put("unit", unit)
            fields.put("key", key)
        case .passPresent(let presentation): presentation.write(&fields)
        case .passesSync(let have): fields.put("have", have)
        case .passUses(let uses): fields.put("uses", uses)
        case .doorResult(let result): result.write(&fields)
        case .doorState(let door, let state):
            fields.put("door", door)
            fields.put("state", word: state)
        case .callUnlock(let unlock): unlock.write(&fields)
        case .doorUnlock(let door, let key):
            fields.put("door", door)
            fields.put("key", key)
        case .deviceStatus(let status): status.write(&fields)
        case .pushAck(let push, let key):
            fields.put("push", push)
            fields.put("key", key)
        }
    }
}
