// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension Welcome: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            session: try fields.value("session"),
            role: try fields.openWord("role"),
            seq: try fields.value("seq"),
            resumed: try fields.value("resumed"),
            time: try fields.instant("time"),
            heartbeat: try fields.value("heartbeat"),
            limits: try fields.object("limits"),
            panel: try fields.optionalObject("panel"),
            calls: try fields.list("calls")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("session", session)
        fields.put("role", word: role)
        fields.put("seq", seq)
        fields.put("resumed", resumed)
        fields.put("time", time)
        fields.put("heartbeat", seconds: heartbeat)
        fields.put("limits", limits)
        fields.put("panel", panel)
        fields.put("calls", calls)
    }
}

extension WelcomeLimits: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            message: try fields.value("message"),
            frame: try fields.value("frame"),
            messagesPerSecond: try fields.value("messagesPerSecond"),
            framesPerSecond: try fields.value("framesPerSecond"),
            bitsPerSecond: try fields.value("bitsPerSecond")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("message", message)
        fields.put("frame", frame)
        fields.put("messagesPerSecond", messagesPerSecond)
        fields.put("framesPerSecond", framesPerSecond)
        fields.put("bitsPerSecond", bitsPerSecond)
    }
}

extension PanelInfo: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            id: try fields.value("id"),
            name: try fields.text("name"),
            doors: try fields.list("doors"),
            timeZone: try fields.text("timeZone"),
            ringTimeout: try fields.value("ringTimeout")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("id", id)
        fields.put("name", name)
        fields.put("doors", doors)
        fields.put("timeZone", timeZone)
        fields.put("ringTimeout", seconds: ringTimeout)
    }
}

extension DoorName: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(id: try fields.value("id"), name: try fields.text("name"))
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("id", id)
        fields.put("name", name)
    }
}

extension PanelName: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(id: try fields.value("id"), name: try fields.text("name"))
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("id", id)
        fields.put("name", name)
    }
}
