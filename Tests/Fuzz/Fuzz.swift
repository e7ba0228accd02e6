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

private func tryText(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes.prefix(128), as: UTF8.self)
    if let call = CallID(text) { precondition(CallID(call.text) == call, "an id is stable") }
    if let time = Timestamp(rfc3339: text) { _ = time.rfc3339 }
}
