// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets
import VestibuleBasics
import VestibuleEventLoop

extension WebSocketConnection {
    /// A message or a piece of one has come; a piece is never larger than the receive buffer.
    @inline(__always)
    func receive(_ wsi: OpaquePointer, _ start: UnsafeMutableRawPointer?, _ count: Int) {
        engine.bytesIn &+= UInt64(count)
        received = engine.moment
        guard phase == .open else { return }
        let isBinary = lws_frame_is_binary(wsi) != 0
        let isLast = lws_is_final_fragment(wsi) != 0
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        if gathered == nil, isLast, lws_is_first_fragment(wsi) != 0 {
            deliver(bytes, isBinary: isBinary)
        } else {
            gather(
                bytes,
                isBinary: isBinary,
                isLast: isLast,
                rest: lws_remaining_packet_payload(wsi)
            )
        }
    }

    /// Collects a message that comes in pieces, up to its limit.
    private func gather(
        _ bytes: UnsafeRawBufferPointer,
        isBinary: Bool,
        isLast: Bool,
        rest: Int
    ) {
        let limit = isBinary ? binaryLimit : textLimit
        let collected = gathered?.count ?? 0
        // The rest of the frame is known from its header: what is too long is refused early. It is
        // the peer's number and may be any.
        let (total, overflow) = (collected + bytes.count).addingReportingOverflow(rest)
        guard !overflow, total >= 0, total <= limit else {
            overflowed()
            return
        }
        let buffer = gathered ?? engine.takeBuffer()
        gathered = buffer
        buffer.append(bytes)
        guard isLast else { return }
        gathered = nil
        deliver(buffer.bytes, isBinary: isBinary)
        engine.giveBuffer(buffer)
    }

    @inline(__always)
    private func deliver(_ bytes: UnsafeRawBufferPointer, isBinary: Bool) {
        engine.loop.noteFrames(1)
        guard bytes.count <= (isBinary ? binaryLimit : textLimit) else {
            overflowed()
            return
        }
        if isBinary {
            engine.handler?.binary(self, bytes)
        } else {
            engine.handler?.text(self, bytes)
        }
    }

    private func overflowed() {
        dropGathered()
        engine.handler?.oversized(self)
        close(code: 1009, reason: "too large")
    }

    func dropGathered() {
        guard let gathered else { return }
        self.gathered = nil
        engine.giveBuffer(gathered)
    }
}
