// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension Hello: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            token: try fields.secret("token"),
            device: try fields.object("device"),
            resume: try fields.optionalObject("resume")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("token", token.reveal)
        fields.put("device", device)
        fields.put("resume", resume)
    }
}

extension HelloDevice: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            id: try fields.text("id"),
            model: try fields.optionalText("model"),
            version: try fields.optionalText("version"),
            media: try fields.optionalObject("media")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("id", id)
        fields.put("model", model)
        fields.put("version", version)
        fields.put("media", media)
    }
}

extension MediaAbilities: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            maxWidth: try fields.optional("maxWidth"),
            maxHeight: try fields.optional("maxHeight"),
            fps: try fields.optional("fps"),
            screen: try fields.optional("screen"),
            microphone: try fields.optional("microphone")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("maxWidth", maxWidth)
        fields.put("maxHeight", maxHeight)
        fields.put("fps", fps)
        fields.put("screen", screen)
        fields.put("microphone", microphone)
    }
}

extension Resume: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(session: try fields.value("session"), seq: try fields.value("seq"))
        guard seq >= 0 else { throw fields.fault("seq") }
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("session", session)
        fields.put("seq", seq)
    }
}

extension MediaActivity: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(audio: try fields.value("audio"), video: try fields.value("video"))
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("audio", audio)
        fields.put("video", video)
    }
}
