// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

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

extension DeferredNotice {
    /// The kind under which it waits in an outbox.
    package static let outboxKind = "missed"

    private struct Payload: Codable {
        let call: CallID
        let resident: ResidentID
    }

    /// What of it is no column of its own, as JSON.
    package func payload() throws(StoreError) -> String {
        try Coded.text(Payload(call: call, resident: resident))
    }

    /// Reads it back from an outbox.
    package init(
        id: EventID,
        property: PropertyID,
        payload text: String,
        due: Timestamp
    ) throws(StoreError) {
        let payload = try Coded.value(Payload.self, from: text, what: "a deferred notice")
        self.init(
            id: id,
            property: property,
            call: payload.call,
            resident: payload.resident,
            due: due
        )
    }
}
