// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets
import VestibuleBasics
import VestibuleEventLoop

extension WebSocketConnection {
    /// Sends a text message, which the caller knows to be UTF-8; nothing if not open.
    package func send(text: UnsafeRawBufferPointer) {
        send(WebSocketFrame.text, text)
    }

    /// Sends a text message; nothing if not open.
    package func send(text: String) {
        var text = text
        text.withUTF8 { send(WebSocketFrame.text, UnsafeRawBufferPointer($0)) }
    }

    /// Sends a binary message; nothing if not open.
    package func send(binary: UnsafeRawBufferPointer) {
        send(WebSocketFrame.binary, binary)
    }

    /// Sends a media frame, header and payload together, with `flags` for its second byte; nothing
    /// if not open.
    package func send(binary frame: UnsafeRawBufferPointer, flags: UInt8) {
        guard phase == .open, let start = frame.baseAddress, frame.count >= 2 else { return }
        let key = nextKey()
        let place = append(WebSocketFrame.binary, length: frame.count, key: key)
        place.copyMemory(from: start, byteCount: frame.count)
        place.storeBytes(of: flags, toByteOffset: 1, as: UInt8.self)
        finish(place, frame.count, key)
    }

    /// Sends a media frame of a header and a payload that lie apart, with `flags` for its second
    /// byte; nothing if not open.
    package func send(
        binary header: UnsafeRawBufferPointer,
        payload: UnsafeRawBufferPointer,
        flags: UInt8
    ) {
        guard phase == .open, let start = header.baseAddress, header.count >= 2 else { return }
        let key = nextKey()
        let length = header.count + payload.count
        let place = append(WebSocketFrame.binary, length: length, key: key)
        place.copyMemory(from: start, byteCount: header.count)
        place.storeBytes(of: flags, toByteOffset: 1, as: UInt8.self)
        if let bytes = payload.baseAddress {
            (place + header.count).copyMemory(from: bytes, byteCount: payload.count)
        }
        finish(place, length, key)
    }

    /// Sends a ping; the pong only shows in ``lastReceived``.
    ///
    /// Who is pinged was quiet, and brings no media now.
    package func ping() {
        stand(inFront: false)
        // Not empty: libwebsockets keeps an empty pong to itself.
        withUnsafeBytes(of: UInt8(1)) { send(WebSocketFrame.ping, $0) }
    }

    private func send(_ kind: UInt8, _ bytes: UnsafeRawBufferPointer) {
        guard phase == .open else { return }
        appendFrame(kind, bytes)
    }

    /// Frames bytes into this turn's output, whatever the phase.
    func appendFrame(_ kind: UInt8, _ bytes: UnsafeRawBufferPointer) {
        let key = nextKey()
        let place = append(kind, length: bytes.count, key: key)
        if let start = bytes.baseAddress {
            place.copyMemory(from: start, byteCount: bytes.count)
        }
        finish(place, bytes.count, key)
    }

    @inline(__always)
    private func nextKey() -> UInt32 {
        masks ? engine.nextMaskKey() : 0
    }

    @inline(__always)
    private func append(_ kind: UInt8, length: Int, key: UInt32) -> UnsafeMutableRawPointer {
        let buffer: ByteBuffer
        if let output {
            buffer = output
        } else {
            buffer = engine.takeBuffer()
            output = buffer
        }
        touch()
        if masks {
            return WebSocketFrame.appendMasked(kind, length: length, key: key, to: buffer)
        }
        return WebSocketFrame.append(kind, length: length, to: buffer)
    }

    @inline(__always)
    private func finish(_ place: UnsafeMutableRawPointer, _ length: Int, _ key: UInt32) {
        if masks { WebSocketFrame.mask(place, length: length, key: key) }
    }

    /// Puts the connection on the list of those that are flushed at the end of the turn.
    @inline(__always)
    func touch() {
        guard !isTouched else { return }
        isTouched = true
        engine.touched.append(self)
    }

    /// Writes this turn's output, unless part of an earlier write is left.
    func flush() {
        if owedPong != nil, !isPartial { appendPong() }
        isTouched = false
        guard let output, output.count > 0, !isPartial else { return }
        if let pipe {
            leftover = output
            leftoverSent = 0
            self.output = nil
            writeLeftover(to: pipe)
        } else if let wsi {
            self.output = flush(output, to: wsi)
        }
    }

    /// Sends the pong that is owed; before the connection is off the list that it would join again.
    private func appendPong() {
        guard let pong = owedPong, phase == .open else { return }
        owedPong = nil
        pong.withUnsafeBytes { appendFrame(WebSocketFrame.pong, $0) }
    }

    /// Writes what is left of a write; what the socket does not take waits for room.
    private func writeLeftover(to pipe: Pipe) {
        guard let leftover else { return }
        let count = leftover.count - leftoverSent
        guard let written = pipe.write(leftover.base + leftoverSent, count) else {
            drop()
            return
        }
        engine.bytesOut &+= UInt64(written)
        leftoverSent += written
        isPartial = written < count
        if isPartial {
            watchRoom(true)
            return
        }
        self.leftover = nil
        engine.giveBuffer(leftover)
        if dropsWhenSent, output == nil { drop() }
    }

    /// Lets libwebsockets write a client's output; what is to be offered again.
    private func flush(_ output: ByteBuffer, to wsi: OpaquePointer) -> ByteBuffer? {
        // It writes pongs by itself, and one of those may be stuck.
        if lws_partial_buffered(wsi) != 0 {
            isPartial = true
            return output
        }
        let count = output.count
        let written = vestibule_lws_write_raw(wsi, output.base, count)
        engine.giveBuffer(output)
        guard written >= 0 else {
            drop()
            return nil
        }
        engine.bytesOut &+= UInt64(count)
        if lws_partial_buffered(wsi) != 0 {
            isPartial = true
            heldBytes = count
        }
        return nil
    }

    /// The socket takes bytes again, or libwebsockets' pong is out.
    func becameWritable() {
        if let pipe {
            writeLeftover(to: pipe)
            guard !isPartial else { return }
            watchRoom(false)
        } else {
            guard let wsi, lws_partial_buffered(wsi) == 0 else { return }
            isPartial = false
            heldBytes = 0
        }
        if output != nil || owedPong != nil { touch() }
        guard wantsWritable, phase == .open else { return }
        wantsWritable = false
        engine.handler?.writable(self)
    }

    /// Asks the kernel to say when there is room, or no more.
    func watchRoom(_ isWanted: Bool) {
        guard let pipe, isWanted != watchesRoom else { return }
        watchesRoom = isWanted
        let interest: Readiness = isWanted ? [.readable, .writable] : .readable
        engine.loop.watch(self, descriptor: pipe.descriptor, anew: interest)
    }
}
