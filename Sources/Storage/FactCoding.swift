// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension KeyRecord.Fact {
    /// What is stored of it: the fields of one of the kinds.
    private struct Stored: Codable {
        var call: CallID?
        var handle: UInt32?
        var ringTimeout: Int64?
        var unreachable: Bool?
        var command: CommandID?
        var refused: String?
    }

    /// The coded form, JSON.
    package func coded() throws(StoreError) -> String {
        var stored = Stored()
        switch self {
        case .call(let call, let handle, let ringTimeout, let unreachable):
            stored.call = call
            stored.handle = handle
            stored.ringTimeout = ringTimeout
            stored.unreachable = unreachable
        case .command(let command):
            stored.command = command
        case .refused(let code):
            stored.refused = code
        }
        return try Coded.text(stored)
    }

    /// Reads the coded form.
    package init(coded text: String) throws(StoreError) {
        let stored = try Coded.value(Stored.self, from: text, what: "what a key led to")
        if let command = stored.command {
            self = .command(command)
        } else if let code = stored.refused {
            self = .refused(code: code)
        } else if let call = stored.call, let handle = stored.handle,
            let ringTimeout = stored.ringTimeout
        {
            self = .call(
                call,
                handle: handle,
                ringTimeout: ringTimeout,
                unreachable: stored.unreachable ?? false
            )
        } else {
            throw .unreadable(detail: "what a key led to is no call, command or refusal")
        }
    }
}

extension OutboxEntry.Payload {
    private static let missed = "missed"

    private struct Missed: Codable {
        let call: CallID
        let resident: ResidentID
    }

    /// The word of its kind, and its JSON.
    package func coded() throws(StoreError) -> (kind: String, json: String) {
        switch self {
        case .missed(let call, let resident):
            (Self.missed, try Coded.text(Missed(call: call, resident: resident)))
        case .other(let kind, let json):
            (kind, json)
        }
    }

    /// Reads the coded form; what is of no kind that is known here is its sender's own.
    package init(kind: String, json: String) throws(StoreError) {
        guard kind == Self.missed else {
            self = .other(kind: kind, json: json)
            return
        }
        let missed = try Coded.value(Missed.self, from: json, what: "a deferred notice")
        self = .missed(missed.call, missed.resident)
    }
}
