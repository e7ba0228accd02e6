// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension DirectoryGet: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            have: try fields.optional("have"),
            search: try fields.optionalText("search"),
            cursor: try fields.optionalText("cursor")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("have", have)
        fields.put("search", search)
        fields.put("cursor", cursor)
    }
}

extension PassPresentation: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        let credential: Credential
        if fields.has("pin") {
            if fields.has("qr") { throw fields.fault("qr") }
            credential = .pin(
                try fields.secret("pin", most: WireProtocol.keyLength),
                unit: try fields.optional("unit")
            )
        } else if fields.has("qr") {
            credential = .qr(try fields.secret("qr", most: WireProtocol.textLength))
        } else {
            throw fields.fault("pin")
        }
        self.init(credential: credential, door: try fields.optional("door"))
    }

    func write(_ fields: inout JSONWriter) {
        switch credential {
        case .pin(let pin, let unit):
            fields.put("pin", pin.reveal)
            fields.put("unit", unit)
        case .qr(let text):
            fields.put("qr", text.reveal)
        }
        fields.put("door", door)
    }
}

extension PassUse: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            use: try fields.text("use", least: 1, most: WireProtocol.keyLength),
            pass: try fields.value("pass"),
            door: try fields.value("door"),
            at: try fields.instant("at"),
            outcome: try fields.word("outcome")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("use", use)
        fields.put("pass", pass)
        fields.put("door", door)
        fields.put("at", at)
        fields.put("outcome", word: outcome)
    }
}

extension DoorResult: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            command: try fields.value("command"),
            outcome: try fields.word("outcome"),
            detail: try fields.optionalText("detail")
        )
        // A panel that does not know what became of the door repeats nothing and waits.
        guard outcome != .unknown else { throw fields.fault("outcome") }
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("command", command)
        fields.put("outcome", word: outcome)
        fields.put("detail", detail)
    }
}
