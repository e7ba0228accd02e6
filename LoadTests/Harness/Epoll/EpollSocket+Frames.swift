// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleWire

extension EpollSocket {
    func append(opcode: UInt8, head: UnsafeRawBufferPointer, tail: PreparedPayload?) {
        let count = head.count + (tail?.count ?? 0)
        let prefix = FrameHead.size(of: count)
        let place = output.extend(by: prefix + count)
        FrameHead.write(opcode: opcode, count: count, to: place)
        let body = place + prefix
        if let base = head.baseAddress {
            body.copyMemory(from: base, byteCount: head.count)
            FrameMask.apply(to: body, count: head.count)
        }
        if let tail, let base = tail.masked.baseAddress {
            (body + head.count).copyMemory(from: base, byteCount: tail.count)
        }
        guard !isTouched else { return }
        isTouched = true
        loop.touch(self)
    }

    /// Takes whole frames; returns how many bytes they had.
    func parse(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        if phase == .shaking {
            guard let end = Handshake.end(of: bytes) else {
                if bytes.count > 8_192 { lost() }
                return 0
            }
            guard shake(UnsafeRawBufferPointer(rebasing: bytes[0..<end])) else {
                lost()
                return bytes.count
            }
            phase = .open
            delegate?.opened(self)
            used = end
        }
        while phase == .open {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            guard let frame = FrameHead(rest, isMasked: takesMasked) else { break }
            guard frame.isAllowed else {
                lost()
                break
            }
            guard rest.count - frame.size >= frame.count else { break }
            let end = frame.size + frame.count
            if takesMasked, !unmask(rest, frame) {
                lost()
                break
            }
            take(frame.opcode, UnsafeRawBufferPointer(rebasing: rest[frame.size..<end]))
            used += end
        }
        return used
    }

    /// Whether the head is what must come: the answer, or to a far end the request.
    private func shake(_ head: UnsafeRawBufferPointer) -> Bool {
        guard isFar else { return Handshake.isAccepted(head) }
        guard let asked = Handshake.path(in: head) else { return false }
        path = asked
        Handshake.answer.withUnsafeBytes { output.append($0) }
        flush()
        return phase == .shaking
    }

    /// Takes the mask off a frame of ours; both buffers that frames are read from may be written.
    private func unmask(_ bytes: UnsafeRawBufferPointer, _ frame: FrameHead) -> Bool {
        guard let base = bytes.baseAddress, FrameMask.isKey(before: base + frame.size) else {
            return false
        }
        let payload = UnsafeMutableRawPointer(mutating: base + frame.size)
        FrameMask.apply(to: payload, count: frame.count)
        return true
    }

    private func take(_ opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
        switch opcode {
        case 1: delegate?.text(self, payload)
        case 2: delegate?.binary(self, payload)
        case 8:
            closeCode =
                payload.count >= 2
                ? UInt16(bigEndian: payload.loadUnaligned(as: UInt16.self)) : 1005
            append(opcode: 8, head: payload, tail: nil)
            flush()
            lost()
        case 9: append(opcode: 10, head: payload, tail: nil)
        default: break
        }
    }
}
