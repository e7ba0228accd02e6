// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets
import Glibc
import HTTPTypes
import VestibuleBasics
import VestibuleEventLoop

/// One accepted socket while it speaks HTTP: from its adoption until it is gone or has become a
/// WebSocket.
///
/// Loop-confined.
///
/// ```
/// waiting ─ head ─▶ receiving ─ body ─▶ answering ─ response ─▶ writing ─▶ waiting …
///    │ upgrade          │ refused                                  │ refused, or to be closed
///    ▼                  └────────────────▶ writing ────────────────▶ lingering
/// WebSocketConnection
/// ```
final class WebPeer {
    enum State {
        /// For a request's head.
        case waiting
        /// A body of the request.
        case receiving(WebRequest, expected: Int)
        /// The handler has the request; nothing is read meanwhile.
        case answering(isHead: Bool)
        /// The response goes out.
        case writing(WebOutput)
        /// The response is out; what still comes is thrown away until the peer closes, so that
        /// the response is not lost to a reset.
        case lingering
    }

    let id: UInt64
    let address: String
    var wsi: OpaquePointer?
    var state = State.waiting
    /// The connection ends after this response.
    var closes = false
    var deadline: TimerToken?
    var isWebSocket = false
    var hasServed = false
    var completions = 0

    init(id: UInt64, address: String) {
        self.id = id
        self.address = address
    }

    /// Whether a body's first bytes are the request line over again.
    ///
    /// libwebsockets 4.1 reads the head of a request with a body, sent before the last one was
    /// answered, a second time as its body. No client of today sends that; it is refused.
    func isMisread(_ bytes: UnsafeRawBufferPointer, of method: HTTPRequest.Method) -> Bool {
        hasServed && zip(bytes, "\(method.rawValue) /".utf8).allSatisfy { $0 == $1 }
    }
}

/// A response on its way.
struct WebOutput {
    /// Bytes that were not handed to libwebsockets yet.
    var pending: [UInt8]

    /// Nothing comes after `pending`.
    var isComplete: Bool

    /// Whether pieces are framed as chunks (RFC 9112 §7.1).
    var isChunked = false

    /// Who waits until `pending` has left: true for done, false for gone.
    var waiter: CheckedContinuation<Bool, Never>?
}

/// How long a request's body is, and whether the connection can go on after it.
enum BodyLength: Equatable {
    case known(Int)

    /// None was declared. libwebsockets waits for a body of some methods then, so the connection
    /// has to end after the response.
    case undeclared
    case refused(HTTPResponse.Status)

    /// Decides by the head (RFC 9112 §6): libwebsockets takes no chunked bodies, and only one plain
    /// number is a length.
    init(_ reader: WebHeadReader, method: HTTPRequest.Method, limit: Int) {
        if reader.value(named: "transfer-encoding") != nil {
            self = .refused(.lengthRequired)
            return
        }
        guard let text = reader.value(named: "content-length") else {
            self = [.post, .put, .patch].contains(method) ? .undeclared : .known(0)
            return
        }
        guard text.utf8.count <= 18, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let length = Int(text)
        else {
            self = .refused(.badRequest)
            return
        }
        self = length <= limit ? .known(length) : .refused(.contentTooLarge)
    }
}

extension WebResponse {
    /// The status line and header fields, ended by an empty line; what frames the body is ours.
    func headBytes(length: Int?, closes: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
        let ours: [HTTPField.Name] = [.contentLength, .transferEncoding, .connection]
        for field in headerFields where !ours.contains(field.name) {
            text += "\(field.name.rawName): \(field.value)\r\n"
        }
        if let length {
            if status != .noContent && status != .notModified {
                text += "content-length: \(length)\r\n"
            }
        } else {
            text += "transfer-encoding: chunked\r\n"
        }
        text += closes ? "connection: close\r\n\r\n" : "\r\n"
        return Array(text.utf8)
    }
}
