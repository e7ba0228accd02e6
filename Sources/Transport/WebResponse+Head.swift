// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import VestibuleBasics

/// How the length of a response is told (RFC 9112 §6).
enum ResponseFraming: Equatable {
    /// By a content length.
    case length(Int)

    /// In chunks.
    case chunked

    /// By the end of the connection.
    case untilEnd

    /// There is no body, and the status says so.
    case none
}

extension WebResponse {
    /// Whether its status allows a body (RFC 9110 §6.4.1).
    var hasBody: Bool {
        status.kind != .informational && status != .noContent && status != .notModified
    }

    /// The status line and header fields, ended by an empty line; what frames the body, and the
    /// date, are ours.
    func headBytes(_ framing: ResponseFraming, closes: Bool, at time: Timestamp) -> [UInt8] {
        var text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
        let ours: [HTTPField.Name] = [.contentLength, .transferEncoding, .connection, .date]
        for field in headerFields where !ours.contains(field.name) {
            text += "\(field.name.rawName): \(field.value)\r\n"
        }
        text += "date: \(time.httpDate)\r\n"
        switch framing {
        case .length(let length): text += "content-length: \(length)\r\n"
        case .chunked: text += "transfer-encoding: chunked\r\n"
        case .untilEnd, .none: break
        }
        text += closes ? "connection: close\r\n\r\n" : "\r\n"
        return Array(text.utf8)
    }

    /// A whole response that is made here, after which the connection ends.
    func lastBytes(at time: Timestamp) -> [UInt8] {
        guard case .bytes(let body) = body else { return [] }
        return headBytes(.length(body.count), closes: true, at: time) + body
    }
}

extension Timestamp {
    /// RFC 9110 §5.6.7, `Sun, 06 Nov 1994 08:49:37 GMT`.
    var httpDate: String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        // 1970-01-01 was a Thursday; the text is `2026-11-21T10:12:00.000Z`.
        let day = Int((milliseconds / 86_400_000) % 7)
        let text = Array(rfc3339)
        guard milliseconds >= 0, text.count == 24, let month = Int(String(text[5...6])) else {
            return "Thu, 01 Jan 1970 00:00:00 GMT"
        }
        return "\(days[day]), \(String(text[8...9])) \(months[month - 1]) \(String(text[0...3]))"
            + " \(String(text[11...18])) GMT"
    }
}
