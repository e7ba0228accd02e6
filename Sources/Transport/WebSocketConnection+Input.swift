// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop

// The input of a server's connection, which is read and taken apart here.
extension WebSocketConnection {
    /// Reads what has come, and hands its messages on: once a turn, however much there is.
    func readInput() {
        guard let pipe, phase != .closed else { return }
        let buffer = inputBuffer()
        let (place, room) = buffer.free
        let found = pipe.read(into: place, room)
        if found.count > 0 {
            engine.bytesIn &+= UInt64(found.count)
            received = engine.moment
            buffer.fill(found.count)
        }
        // Also where nothing came: the loop's buffer is given back empty.
        if buffer.count > 0 { consume(buffer) }
        if found.isEnd {
            drop()
        } else if found.mayHaveMore {
            readNextTurn()
        }
    }

    /// Where to read: behind what has come of a frame, or with all the room there is once that
    /// is little.
    ///
    /// A buffer of its own has no more room than its frame needs, and in a stream of small frames
    /// there is always one torn.
    @inline(__always)
    private func inputBuffer() -> ByteBuffer {
        guard let partial else { return engine.scratch }
        guard partial.count <= Tuning.smallPartial else { return partial }
        engine.scratch.append(partial.bytes)
        self.partial = nil
        engine.giveBuffer(partial)
        return engine.scratch
    }

    /// Reads again without being told: the kernel knows nothing of what TLS has read ahead.
    func readNextTurn() {
        readAgain = engine.loop.schedule(after: .zero) { [self] in
            readAgain = nil
            readInput()
        }
    }

    /// Takes the whole frames out of a buffer, and keeps the beginning of the next one.
    private func consume(_ buffer: ByteBuffer) {
        let bytes = UnsafeMutableRawBufferPointer(start: buffer.base, count: buffer.count)
        // Asked for once a read, not once a frame.
        let handler = engine.handler
        var offset = 0
        var needed = 0
        scanning: while offset < bytes.count, !isDeaf {
            if toSkip > 0 {
                let skipped = min(toSkip, bytes.count - offset)
                toSkip -= skipped
                offset += skipped
                continue
            }
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
            switch WebSocketHead.read(UnsafeRawBufferPointer(rest)) {
            case .needs(let count):
                needed = count
                break scanning
            case .fault:
                // Where the next frame begins is anybody's guess.
                close(code: 1002, reason: "not a frame")
                isDeaf = true
            case .head(let head):
                // Checked before the rest has come: the length is the peer's and may be any.
                guard isExpected(head) else {
                    offset += head.size
                    toSkip = head.length
                    continue
                }
                needed = head.size + head.length
                guard rest.count >= needed else { break scanning }
                let payload = UnsafeMutableRawBufferPointer(rebasing: rest[head.size..<needed])
                if let start = payload.baseAddress {
                    WebSocketFrame.mask(start, length: head.length, key: head.key)
                }
                offset += needed
                take(head, UnsafeRawBufferPointer(payload), handler)
            }
        }
        keep(buffer, from: isDeaf ? buffer.count : offset, needed: needed)
    }

    /// Whether a frame is to be taken; if not, the connection is being closed and only a close
    /// frame is waited for.
    @inline(__always)
    private func isExpected(_ head: WebSocketHead) -> Bool {
        if head.kind.isControl { return true }
        guard phase == .open else { return false }
        let isBinary: Bool
        if head.kind == .continuation {
            isBinary = gatheredIsBinary
        } else {
            isBinary = head.kind == .binary
        }
        guard (head.kind == .continuation) == (gathered != nil) else {
            close(code: 1002, reason: "fragments out of order")
            return false
        }
        let limit = (isBinary ? mostBinary : mostText) - (gathered?.count ?? 0)
        if head.length > limit {
            overflowed()
            return false
        }
        return true
    }

    @inline(__always)
    private func take(
        _ head: WebSocketHead,
        _ payload: UnsafeRawBufferPointer,
        _ handler: (any WebSocketHandler)?
    ) {
        switch head.kind {
        case .text, .binary:
            let isBinary = head.kind == .binary
            if head.isFinal {
                deliver(payload, isBinary: isBinary, to: handler)
            } else {
                gatheredIsBinary = isBinary
                gather(payload, isLast: false)
            }
        case .continuation: gather(payload, isLast: head.isFinal)
        case .ping: answer(ping: payload)
        case .pong: break
        case .close:
            isDeaf = true
            peerCloses(payload)
        }
    }

    /// Keeps what is left of a read from `offset` on, with room for the frame that it begins.
    private func keep(_ buffer: ByteBuffer, from offset: Int, needed: Int) {
        let left = buffer.count - offset
        // Room for twice of what the peer has sent, not for what it says that it will send.
        let room = min(needed, 2 * left + 4_096)
        if buffer === engine.scratch {
            if left > 0 {
                let own = engine.takeBuffer()
                own.reserve(room)
                own.append(
                    UnsafeRawBufferPointer(rebasing: buffer.bytes[offset...])
                )
                partial = own
            }
            buffer.removeAll()
        } else if left == 0 {
            partial = nil
            engine.giveBuffer(buffer)
        } else {
            buffer.removeFirst(offset)
            buffer.reserve(room)
        }
    }

    /// Collects a message that comes in fragments; its length is known to be within its limit.
    func gather(_ bytes: UnsafeRawBufferPointer, isLast: Bool) {
        let buffer = gathered ?? engine.takeBuffer()
        gathered = buffer
        buffer.append(bytes)
        guard isLast else { return }
        gathered = nil
        deliver(buffer.bytes, isBinary: gatheredIsBinary, to: engine.handler)
        engine.giveBuffer(buffer)
    }

    @inline(__always)
    func deliver(
        _ bytes: UnsafeRawBufferPointer,
        isBinary: Bool,
        to handler: (any WebSocketHandler)?
    ) {
        guard phase == .open else { return }
        engine.framesIn &+= 1
        if isBinary {
            if !isInFront { stand(inFront: true) }
            handler?.binary(self, bytes)
        } else if masks || isUTF8(bytes) {
            handler?.text(self, bytes)
        } else {
            close(code: 1007, reason: "not UTF-8")
        }
    }

    /// Who brings media is told of before who does not: ten thousand who come back at once are no
    /// wall before calls.
    func stand(inFront: Bool) {
        guard let pipe, inFront != isInFront else { return }
        isInFront = inFront
        engine.loop.move(self, descriptor: pipe.descriptor, toFront: inFront)
    }

    /// The latest ping is answered at the end of the turn, or when there is room; RFC 6455 §5.5.3
    /// allows that one alone, and a peer that pings without rest gets no more out of us.
    private func answer(ping payload: UnsafeRawBufferPointer) {
        guard phase == .open else { return }
        owedPong = Array(payload)
        touch()
    }

    private func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.withMemoryRebound(to: UInt8.self) { bytes in
            (try? UTF8Span(validating: bytes.span)) != nil
        }
    }

    func overflowed() {
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
