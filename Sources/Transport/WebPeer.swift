// SPDX-License-Identifier: Apache-2.0

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
    /// Which of the connection's requests it is: a late answer to an earlier one is thrown away.
    var request: UInt64 = 0
    /// Who works for the request: its handler, then its stream.
    var task: Task<Void, Never>?
    /// The connection ends after this response.
    var closes = false
    var deadline: TimerToken?
    var retry: TimerToken?
    var isWebSocket = false
    var hasServed = false
    /// The request is of HTTP/1.0, which knows no chunks.
    var isOld = false
    var completions = 0

    init(id: UInt64, address: String) {
        self.id = id
        self.address = address
    }

    /// Whether a handler has its request.
    var isAnswering: Bool {
        if case .answering = state { true } else { false }
    }

    /// Whether its answer goes out piece by piece.
    var isStreaming: Bool {
        if case .writing(let output) = state { output.isStream } else { false }
    }

    /// Whether a body's first bytes are the request line over again.
    ///
    /// libwebsockets 4.1 reads the head of a request with a body, sent before the last one was
    /// answered, a second time as its body. No client of today sends that; it is refused.
    func isMisread(_ bytes: UnsafeRawBufferPointer, of request: WebRequest) -> Bool {
        hasServed && RequestLine.begins(bytes, request)
    }
}

/// A response on its way.
struct WebOutput {
    /// Bytes of which `sent` were handed to libwebsockets.
    private(set) var pending: [UInt8]
    private(set) var sent = 0

    /// Nothing comes after `pending`.
    var isComplete: Bool

    /// Whether it comes piece by piece.
    var isStream = false

    /// Whether pieces are framed as chunks (RFC 9112 §7.1); else the connection's end ends them.
    var isChunked = false

    /// Who waits until `pending` has left: true for done, false for gone.
    var waiter: Handoff<Bool, Never>?

    init(
        pending: [UInt8],
        isComplete: Bool,
        isStream: Bool = false,
        isChunked: Bool = false
    ) {
        self.pending = pending
        self.isComplete = isComplete
        self.isStream = isStream
        self.isChunked = isChunked
    }

    /// Whether everything that there is was handed over.
    var isEmpty: Bool { sent == pending.count }

    /// Lends the next bytes to `body`, so many that they may be expected to leave in time.
    mutating func slice<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let end = min(pending.count, sent + Tuning.slice)
        let result = pending.withUnsafeBytes {
            body(UnsafeRawBufferPointer(rebasing: $0[sent..<end]))
        }
        sent = end
        if isEmpty {
            pending = []
            sent = 0
        }
        return result
    }

    /// Adds a piece of a stream.
    mutating func append(_ piece: [UInt8]) {
        guard !piece.isEmpty else { return }
        guard isChunked else {
            pending += piece
            return
        }
        pending += Array("\(String(piece.count, radix: 16))\r\n".utf8)
        pending += piece
        pending += [13, 10]
    }

    /// Nothing comes any more.
    mutating func finish() {
        if isChunked { pending += Array("0\r\n\r\n".utf8) }
        isComplete = true
    }
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
