// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension CallOffer: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            call: try fields.value("call"),
            handle: try fields.value("handle"),
            panel: try fields.object("panel"),
            unit: try fields.value("unit"),
            property: try fields.value("property"),
            startedAt: try fields.instant("startedAt"),
            expiresAt: try fields.instant("expiresAt"),
            remainingMs: try fields.value("remainingMs"),
            doors: try fields.list("doors")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("call", call)
        fields.put("handle", handle)
        fields.put("panel", panel)
        fields.put("unit", unit)
        fields.put("property", property)
        fields.put("startedAt", startedAt)
        fields.put("expiresAt", expiresAt)
        fields.put("remainingMs", remainingMs)
        fields.put("doors", doors)
    }
}

extension CallEntry: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            offer: try CallOffer(fields),
            state: try fields.openWord("state"),
            you: try fields.optionalWord("you"),
            mine: try fields.value("mine"),
            answeredBy: try fields.optionalObject("answeredBy"),
            reason: try fields.optionalWord("reason"),
            outcome: try fields.optionalWord("outcome")
        )
    }

    func write(_ fields: inout JSONWriter) {
        offer.write(&fields)
        fields.put("state", word: state)
        fields.put("you", word: you)
        fields.put("mine", mine)
        fields.put("answeredBy", answeredBy)
        fields.put("reason", word: reason)
        fields.put("outcome", word: outcome)
    }
}
