// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension ClientMessage {
    /// Reads one text message of a client; strict and total: whatever the bytes are, it returns.
    ///
    /// Identifiers of a foreign form become `ID.nothing`, which no look-up finds.
    /// Unknown fields are ignored. The size of the whole is the transport's business. Any thread.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) -> Result<ClientMessage, MessageFault> {
        guard let fields = JSONParser.object(bytes) else { return .failure(.notAnObject) }
        return read(FieldReader(fields))
    }

    /// Reads one text message of a client.
    public static func decode(_ bytes: [UInt8]) -> Result<ClientMessage, MessageFault> {
        bytes.withUnsafeBytes { decode($0) }
    }

    private static func read(_ fields: FieldReader) -> Result<ClientMessage, MessageFault> {
        let id = try? fields.text("id", least: 1, most: WireProtocol.idLength)
        do throws(FieldFault) {
            let type = try fields.text("type", most: WireProtocol.idLength)
            guard let name = RequestName(rawValue: type) else {
                return .failure(.unknownType(id: id, type: type))
            }
            guard let id else { throw fields.fault("id") }
            return .success(ClientMessage(id: id, request: try ClientRequest(name, fields)))
        } catch {
            return .failure(.badRequest(id: id, field: error.field))
        }
    }
}

extension ClientRequest {
    fileprivate init(_ name: RequestName, _ fields: FieldReader) throws(FieldFault) {
        switch name {
        case .hello: self = .hello(try Hello(fields))
        case .ping: self = .ping
        case .authRenew: self = .authRenew(token: try fields.secret("token"))
        case .callHangup: self = .callHangup(try fields.value("call"))
        case .callMedia:
            self = .callMedia(try fields.value("call"), try MediaActivity(fields))
        case .mediaKeyframe: self = .mediaKeyframe(try fields.value("call"))
        case .directoryGet: self = .directoryGet(try DirectoryGet(fields))
        case .callStart:
            self = .callStart(unit: try fields.value("unit"), key: try fields.key())
        case .callCancel: self = .callCancel(try fields.value("call"))
        case .passPresent: self = .passPresent(try PassPresentation(fields))
        case .passesSync: self = .passesSync(have: try fields.optional("have"))
        case .passUses: self = .passUses(try fields.list("uses"))
        case .panelCode: self = .panelCode
        case .doorResult: self = .doorResult(try DoorResult(fields))
        case .doorState:
            self = .doorState(door: try fields.value("door"), state: try fields.word("state"))
        case .callRinging: self = .callRinging(try fields.value("call"))
        case .callIgnore: self = .callIgnore(try fields.value("call"))
        case .callPreview: self = .callPreview(try fields.value("call"))
        case .callAnswer: self = .callAnswer(try fields.value("call"))
        case .callDecline: self = .callDecline(try fields.value("call"))
        case .callUnlock: self = .callUnlock(try CallUnlock(fields))
        case .doorUnlock:
            self = .doorUnlock(door: try fields.value("door"), key: try fields.key())
        case .deviceStatus: self = .deviceStatus(try DeviceStatus(fields))
        case .pushAck:
            self = .pushAck(push: try fields.value("push"), key: try fields.key())
        }
    }
}
