// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension Answer: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init()
        call = try fields.optional("call")
        handle = try fields.optional("handle")
        ringTimeout = try fields.optional("ringTimeout")
        command = try fields.optional("command")
        outcome = try fields.optionalWord("outcome")
        pass = try fields.optionalObject("pass")
        code = try fields.optionalText("code")
        remainingMs = try fields.optional("remainingMs")
        time = fields.has("time") ? try fields.instant("time") : nil
        clockMs = try fields.optional("clockMs")
        if fields.has("maxAge") {
            passes = try PassBook(fields)
        } else if fields.has("version") {
            directory = try DirectoryPage(fields)
        }
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("call", call)
        fields.put("handle", handle)
        fields.put("ringTimeout", seconds: ringTimeout)
        fields.put("command", command)
        fields.put("outcome", word: outcome)
        fields.put("pass", pass)
        fields.put("code", code)
        fields.put("remainingMs", remainingMs)
        fields.put("time", time)
        fields.put("clockMs", clockMs)
        directory?.write(&fields)
        passes?.write(&fields)
    }
}

extension DirectoryPage: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            version: try fields.value("version"),
            entries: fields.has("entries") ? try fields.list("entries") : nil,
            next: try fields.optionalText("next")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("version", version)
        if entries == nil { fields.put("unchanged", true) }
        fields.put("entries", entries)
        fields.put("next", next)
    }
}

extension DirectoryEntry: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            unit: try fields.value("unit"),
            label: try fields.text("label"),
            name: try fields.text("name")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("unit", unit)
        fields.put("label", label)
        fields.put("name", name)
    }
}

extension PassName: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(id: try fields.optional("id"), name: try fields.text("name"))
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("id", id)
        fields.put("name", name)
    }
}

extension PassBook: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(
            version: try fields.value("version"),
            keys: try fields.list("keys"),
            revoked: try fields.value("revoked"),
            zones: try fields.value("zones"),
            maxAge: try fields.value("maxAge")
        )
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("version", version)
        fields.put("keys", keys)
        fields.put("revoked", texts: revoked.map(\.text))
        fields.put("zones", texts: zones)
        fields.put("maxAge", seconds: maxAge)
    }
}

extension PassKey: WireObject {
    init(_ fields: FieldReader) throws(FieldFault) {
        self.init(id: try fields.text("id"), key: try fields.text("key"))
    }

    func write(_ fields: inout JSONWriter) {
        fields.put("id", id)
        fields.put("key", key)
    }
}
