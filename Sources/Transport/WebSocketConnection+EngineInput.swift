// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets
import VestibuleBasics

// The input that libwebsockets reads: a client's.
extension WebSocketConnection {
    /// A message or a piece of one has come; a piece is never larger than the receive buffer.
    func receive(_ wsi: OpaquePointer, _ start: UnsafeMutableRawPointer?, _ count: Int) {
        engine.bytesIn &+= UInt64(count)
        received = engine.moment
        guard phase == .open else { return }
        let isBinary = lws_frame_is_binary(wsi) != 0
        let isLast = lws_is_final_fragment(wsi) != 0
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        // The rest of the frame is known from its header: what is too long is refused early. It is
        // the peer's number and may be any.
        let (total, overflow) = ((gathered?.count ?? 0) + bytes.count)
            .addingReportingOverflow(lws_remaining_packet_payload(wsi))
        guard !overflow, total >= 0, total <= (isBinary ? binaryLimit : textLimit) else {
            return overflowed()
        }
        if gathered == nil, isLast, lws_is_first_fragment(wsi) != 0 {
            deliver(bytes, isBinary: isBinary, to: engine.handler)
        } else {
            gatheredIsBinary = isBinary
            gather(bytes, isLast: isLast)
        }
    }
}
