// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics
import VestibuleWire

/// What libFuzzer calls with each input: every decoder that meets bytes of a peer.
///
/// A trap is a find, and so is a message that is taken but cannot be written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    tryClientMessage(bytes)
    tryServerMessage(bytes)
    tryMedia(bytes)
    tryWebSocketHead(bytes)
    tryText(bytes)
    return 0
}

private func tryClientMessage(_ bytes: UnsafeRawBufferPointer) {
    guard case .success(let message) = ClientMessage.decode(bytes) else { return }
    precondition(
        ClientMessage.decode(message.encoded()) == .success(message),
        "a client's message survives being written"
    )
}

private func tryServerMessage(_ bytes: UnsafeRawBufferPointer) {
    guard case .success(let message) = ServerMessage.decode(bytes) else { return }
    // A word of a later version is forgotten by the first reading, never by the second.
    guard case .success(let again) = ServerMessage.decode(message.encoded()) else {
        preconditionFailure("a server's message survives being written")
    }
    precondition(
        ServerMessage.decode(again.encoded()) == .success(again),
        "a server's message settles"
    )
}

private func tryMedia(_ bytes: UnsafeRawBufferPointer) {
    _ = Opus.inspect(bytes)
    _ = VP8.inspect(bytes)
    if let report = ReceiverReport(bytes) {
        precondition(report.payload == Array(bytes), "a report survives being written")
    }
    if case .success(let header) = inspectMedia(bytes) {
        precondition(
            header.frame(MediaHeader.payload(of: bytes)) == Array(bytes),
            "a frame survives being written"
        )
    }
}

/// The head of a frame is the one way to write what it says, and each beginning of it is told from
/// a whole one.
private func tryWebSocketHead(_ bytes: UnsafeRawBufferPointer) {
    guard case .head(let head) = WebSocketHead.read(bytes) else { return }
    precondition(head.length >= 0 && head.size <= WebSocketHead.most, "a head has its bounds")
    precondition(head.size <= Int.max - head.length, "a frame's end can be counted")
    // The greatest lengths are all told as one.
    if head.length < Int.max - WebSocketHead.most {
        let again = written(head)
        precondition(again == Array(bytes.prefix(head.size)), "a head survives being written")
    }
    for count in 0..<head.size {
        let beginning = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        guard case .needs(let needed) = WebSocketHead.read(beginning),
            needed > count, needed <= head.size
        else { preconditionFailure("a head's beginning asks for more, not for too much") }
    }
}

/// A client's frame head by the book (RFC 6455 §5.2).
private func written(_ head: WebSocketHead) -> [UInt8] {
    let first: UInt8 = (head.isFinal ? 0x80 : 0) | head.kind.rawValue
    let wide = UInt64(head.length)
    let length: [UInt8] =
        switch head.length {
        case ..<126: [0x80 | UInt8(head.length)]
        case ..<65_536:
            [0xFE] + (0..<2).reversed().map { UInt8(truncatingIfNeeded: wide >> ($0 * 8)) }
        default: [0xFF] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: wide >> ($0 * 8)) }
        }
    return [first] + length + withUnsafeBytes(of: head.key) { Array($0) }
}

private func tryText(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes.prefix(128), as: UTF8.self)
    if let call = CallID(text) { precondition(CallID(call.text) == call, "an id is stable") }
    if let time = Timestamp(rfc3339: text) { _ = time.rfc3339 }
}
