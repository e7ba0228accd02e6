// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension CallUnlock: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            call: try fields.value("call"),
            door: try fields.optional("door"),
            key: try fields.key()
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("call", call)
        fields.put("door", door)
        fields.put("key", key)
    }
}

extension DeviceStatus: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            notifications: try fields.word("notifications"),
            focus: try fields.value("focus"),
            fullScreen: try fields.value("fullScreen"),
            microphone: try fields.value("microphone"),
            camera: try fields.value("camera"),
            foreground: try fields.value("foreground")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("notifications", word: notifications)
        fields.put("focus", focus)
        fields.put("fullScreen", fullScreen)
        fields.put("microphone", microphone)
        fields.put("camera", camera)
        fields.put("foreground", foreground)
    }
}
