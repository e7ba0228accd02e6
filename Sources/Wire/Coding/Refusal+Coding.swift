// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension Refusal: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            try fields.word("code"),
            detail: try fields.optionalText("detail") ?? "",
            field: try fields.optionalText("field"),
            call: try fields.optional("call"),
            answeredBy: try fields.optionalObject("answeredBy"),
            remainingMs: try fields.optional("remainingMs")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("code", word: code)
        fields.put("detail", detail)
        fields.put("field", field)
        fields.put("call", call)
        fields.put("answeredBy", answeredBy)
        fields.put("remainingMs", remainingMs)
    }
}

extension AnsweredBy: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(resident: try fields.value("resident"), device: try fields.value("device"))
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("resident", resident)
        fields.put("device", device)
    }
}
