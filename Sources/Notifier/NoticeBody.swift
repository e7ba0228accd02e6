// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// A notice in the words that every notifier uses.
///
/// Providers want it as a JSON object (``json``) or as strings only (``strings``, FCM's `data`);
/// either way names and values are these.
public struct NoticeBody: Sendable, Equatable {
    /// A value of the body.
    public enum Value: Sendable, Equatable {
        /// A string.
        case text(String)

        /// A whole number.
        case number(Int64)
    }

    /// Names and values in the order of the documentation.
    public let fields: [(name: String, value: Value)]

    /// The body of `notice` for `registration`.
    ///
    /// Where many devices share one address (``Registration/sharesAddress``) it names the device.
    public init(_ notice: Notice, for registration: Registration) {
        var fields: [(name: String, value: Value)] = [
            ("push", .text(notice.push.text)), ("kind", .text(notice.kind.rawValue)),
        ]
        if registration.sharesAddress {
            fields.append(("device", .text(registration.device.text)))
        }
        if let call = notice.call { fields.append(("call", .text(call.text))) }
        fields += [
            ("expiresAt", .text(notice.expiresAt.rfc3339)),
            ("remainingMs", .number(notice.remaining.milliseconds)),
            ("serverTime", .text(notice.serverTime.rfc3339)),
            ("seq", .number(Int64(notice.seq))),
        ]
        if let url = notice.url { fields.append(("url", .text(url))) }
        if let key = notice.ackKey { fields.append(("ackKey", .text(key.reveal))) }
        if let key = notice.actionKey { fields.append(("actionKey", .text(key.reveal))) }
        self.fields = fields
    }

    /// One JSON object (RFC 8259), without white space.
    public var json: String {
        let members = fields.map { field in
            switch field.value {
            case .text(let text): Self.quoted(field.name) + ":" + Self.quoted(text)
            case .number(let number): Self.quoted(field.name) + ":" + String(number)
            }
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// All values as strings.
    public var strings: [String: String] {
        var strings: [String: String] = [:]
        for field in fields {
            switch field.value {
            case .text(let text): strings[field.name] = text
            case .number(let number): strings[field.name] = String(number)
            }
        }
        return strings
    }

    /// Whether both have the same fields in the same order.
    public static func == (left: NoticeBody, right: NoticeBody) -> Bool {
        left.fields.elementsEqual(right.fields) { $0 == $1 }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case ..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
