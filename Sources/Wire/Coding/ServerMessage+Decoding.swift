// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension ServerMessage {
    /// Reads one text message of the server; total: whatever the bytes are, it returns.
    ///
    /// What a later version added is ignored: fields, words (`unknown`) and events
    /// (``ServerEvent/unknown(type:)``, whose `seq` counts). Any thread.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) -> Result<ServerMessage, MessageFault> {
        guard let fields = JSONParser.object(bytes) else { return .failure(.notAnObject) }
        return read(FieldReader(fields))
    }

    /// Reads one text message of the server.
    public static func decode(_ bytes: [UInt8]) -> Result<ServerMessage, MessageFault> {
        bytes.withUnsafeBytes { decode($0) }
    }

    private static func read(_ fields: FieldReader) -> Result<ServerMessage, MessageFault> {
        let re = try? fields.text("re", most: WireProtocol.idLength)
        do throws(FieldFault) {
            let type = try fields.text("type", most: WireProtocol.idLength)
            if type == "error" { return .success(.refused(re: re, try Refusal(fields))) }
            if fields.has("seq"), type != "ok", type != "welcome" {
                let event = try ServerEvent(type, fields)
                return .success(.event(seq: try fields.value("seq"), event))
            }
            guard type == "ok" || type == "welcome" else {
                return .failure(.unknownType(id: re, type: type))
            }
            guard let re else { throw fields.fault("re") }
            if type == "ok" { return .success(.ok(re: re, try Answer(fields))) }
            return .success(.welcome(re: re, try Welcome(fields)))
        } catch {
            return .failure(.badRequest(id: re, field: error.field))
        }
    }
}

extension ServerEvent {
    fileprivate init(_ type: String, _ fields: FieldReader) throws(FieldFault) {
        guard let name = EventName(rawValue: type) else {
            self = .unknown(type: type)
            return
        }
        switch name {
        case .callPeer:
            self = .callPeer(
                call: try fields.value("call"),
                present: try fields.value("present"),
                graceMs: try fields.optional("graceMs")
            )
        case .callEnding:
            self = .callEnding(
                call: try fields.value("call"),
                remainingMs: try fields.value("remainingMs")
            )
        case .callMedia:
            self = .callMedia(call: try fields.value("call"), try MediaActivity(fields))
        case .mediaKeyframe:
            self = .mediaKeyframe(
                call: try fields.value("call"),
                maxBytes: try fields.optional("maxBytes")
            )
        case .mediaRate:
            self = .mediaRate(call: try fields.value("call"), kbps: try fields.value("kbps"))
        case .serverRestarting:
            self = .serverRestarting(reconnectAfterMs: try fields.value("reconnectAfterMs"))
        case .authExpiring: self = .authExpiring(remainingMs: try fields.value("remainingMs"))
        case .callState:
            // Only a resident's device has a part of its own in a call.
            self =
                fields.has("you")
                ? .callState(try ResidentCallState(fields))
                : .panelCallState(try PanelCallState(fields))
        case .doorOpen: self = .doorOpen(try DoorOpen(fields))
        case .doorVoid: self = .doorVoid(command: try fields.value("command"))
        case .directoryChanged: self = .directoryChanged(version: try fields.value("version"))
        case .panelChanged: self = .panelChanged(try fields.object("panel"))
        case .passOpened: self = .passOpened(try PassOpened(fields))
        case .passRefused:
            self = .passRefused(
                code: try fields.word("code"),
                remainingMs: try fields.optional("remainingMs")
            )
        case .callIncoming: self = .callIncoming(try CallOffer(fields))
        case .doorOpened: self = .doorOpened(try DoorOpened(fields))
        case .doorsChanged: self = .doorsChanged
        case .passUsed: self = .passUsed(try PassUsed(fields))
        }
    }
}
