// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension PanelCallState: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            call: try fields.value("call"),
            state: try fields.openWord("state"),
            answeredBy: try fields.optionalObject("answeredBy"),
            outcome: try fields.optionalWord("outcome"),
            media: try fields.optionalObject("media")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("call", call)
        fields.put("state", word: state)
        fields.put("answeredBy", answeredBy)
        fields.put("outcome", word: outcome)
        fields.put("media", media)
    }
}

extension ResidentCallState: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            call: try fields.value("call"),
            state: try fields.openWord("state"),
            you: try fields.openWord("you"),
            answeredBy: try fields.optionalObject("answeredBy"),
            reason: try fields.optionalWord("reason"),
            outcome: try fields.optionalWord("outcome"),
            media: try fields.optionalObject("media")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("call", call)
        fields.put("state", word: state)
        fields.put("you", word: you)
        fields.put("answeredBy", answeredBy)
        fields.put("reason", word: reason)
        fields.put("outcome", word: outcome)
        fields.put("media", media)
    }
}

extension DoorOpen: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            command: try fields.value("command"),
            door: try fields.value("door"),
            seconds: try fields.value("seconds"),
            notAfter: try fields.instant("notAfter"),
            notAfterMs: try fields.value("notAfterMs")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("command", command)
        fields.put("door", door)
        fields.put("seconds", seconds: seconds)
        fields.put("notAfter", notAfter)
        fields.put("notAfterMs", notAfterMs)
    }
}

extension DoorOpened: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            door: try fields.value("door"),
            by: try fields.object("by"),
            via: try fields.openWord("via"),
            call: try fields.optional("call"),
            command: try fields.value("command"),
            outcome: try fields.openWord("outcome")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("door", door)
        fields.put("by", by)
        fields.put("via", word: via)
        fields.put("call", call)
        fields.put("command", command)
        fields.put("outcome", word: outcome)
    }
}

extension Who: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            kind: try fields.openWord("kind"),
            id: try fields.text("id"),
            name: try fields.text("name")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("kind", word: kind)
        fields.put("id", id)
        fields.put("name", name)
    }
}

extension PassOpened: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            pass: try fields.object("pass"),
            door: try fields.value("door"),
            handle: try fields.value("handle")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("pass", pass)
        fields.put("door", door)
        fields.put("handle", handle)
    }
}

extension PassUsed: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            pass: try fields.object("pass"),
            door: try fields.value("door"),
            photo: try fields.optionalText("photo")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("pass", pass)
        fields.put("door", door)
        fields.put("photo", photo)
    }
}
