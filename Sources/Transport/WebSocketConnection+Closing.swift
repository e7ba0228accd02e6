// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleWebSockets
import VestibuleBasics
import VestibuleEventLoop

extension WebSocketConnection {
    /// The reason that goes with code 1012.
    package static let restarting = "restarting"

    /// Sends what was sent before and then a close frame, and drops the connection when the peer
    /// has answered or after its time (`TransportLimits.closing`), whatever the peer does.
    ///
    /// Who is told of a restart (1012) has the time of the whole shutdown instead. Nothing is sent
    /// or received any more; `closed` follows.
    package func close(code: UInt16, reason: String) {
        guard phase == .open else {
            if phase == .connecting { drop() }
            return
        }
        phase = .closing
        dropGathered()
        appendClose(code, Array(reason.utf8.prefix(123)))
        dropLater(after: code == 1012 ? engine.limits.shutdown : engine.limits.closing)
    }

    /// Ends the connection at the end of this turn, without a close frame; `closed` follows, or
    /// `failed` if it was not open yet.
    package func drop() {
        if wsi == nil, phase == .connecting {
            phase = .closing
            engine.owner?.dropped(self)
        }
        guard wsi != nil, phase != .closed else { return }
        phase = .closing
        // Not told again that it is gone while others are freed before it.
        if let pipe { engine.loop.unwatch(self, descriptor: pipe.descriptor) }
        engine.doomed.append(self)
    }

    /// The peer has sent a close frame: answers it, once; the socket goes when that is out.
    ///
    /// One that may not be is answered with what is wrong with it, and names no code to us.
    func peerCloses(_ payload: UnsafeRawBufferPointer) {
        var answer: UInt16?
        switch WebSocketClose.read(payload) {
        case .nothing:
            peerCloseCode = 1005
        case .code(let code, let reason):
            peerCloseCode = code
            peerCloseReason = reason
            restoreRestartCode()
            answer = peerCloseCode
        case .fault(let code):
            answer = code
        }
        if phase == .open {
            phase = .closing
            appendClose(answer, [])
            flush()
            dropLater(after: engine.limits.closing)
        }
        if pipe != nil { dropWhenSent() }
    }

    /// Drops the connection once what was sent before has left.
    private func dropWhenSent() {
        dropsWhenSent = true
        if output == nil, leftover == nil { drop() }
    }

    /// libwebsockets' client turns 1012, which is younger than RFC 6455, into 1002 before it shows
    /// it to us; our servers always name the reason.
    private func restoreRestartCode() {
        if masks, peerCloseCode == 1002, peerCloseReason == Self.restarting {
            peerCloseCode = 1012
        }
    }

    /// libwebsockets has begun to close by itself (a fault of the peer, or its socket is gone).
    func engineCloses() {
        guard phase == .open else { return }
        phase = .closing
        dropLater(after: engine.limits.closing)
    }

    /// The handshake is done.
    func established(_ wsi: OpaquePointer) {
        self.wsi = wsi
        phase = .open
        wasOpen = true
        received = engine.moment
        if !masks { arrive(wsi) }
        engine.owner?.opened(self)
        engine.handler?.opened(self)
    }

    /// A server's connection is read by nobody until it is taken over at the end of the turn.
    private func arrive(_ wsi: OpaquePointer) {
        engine.arrivals.append(self)
        if lws_rx_flow_control(wsi, 0) < 0 { drop() }
    }

    /// Reads and writes without libwebsockets from here on, which sees to the descriptor no more
    /// until it is told to close it; false while part of its answer to the handshake is left.
    func takeOver() -> Bool {
        guard let wsi, phase != .closed else { return true }
        guard !isPartial, lws_partial_buffered(wsi) == 0 else { return false }
        let descriptor = lws_get_socket_fd(wsi)
        guard !spokeEarly(wsi), engine.loop.watch(self, descriptor: descriptor) else {
            drop()
            return true
        }
        let pipe = Pipe(descriptor: descriptor, tls: lws_get_ssl(wsi))
        self.pipe = pipe
        vestibule_set_low_water(descriptor, Int32(clamping: engine.limits.notSentLowWater))
        if wantsWritable { watchRoom(true) }
        if pipe.hasReadAhead { readNextTurn() }
        return true
    }

    /// Whether bytes came with the handshake, behind it, before it was answered.
    ///
    /// Who does that breaks RFC 6455 §4.1, and what it sent cannot be had: libwebsockets keeps it
    /// in a list of its own, and has written its answer into the same buffer before. It has to be
    /// asked about all connections at once, so this one alone may be read while it is. While
    /// another one's backlog hides the answer nobody counts as early: who keeps the rule is not to
    /// suffer, and who breaks it has lost its bytes.
    private func spokeEarly(_ wsi: OpaquePointer) -> Bool {
        guard !engine.hasBacklog else { return false }
        guard lws_rx_flow_control(wsi, 1) >= 0 else { return true }
        let isEarly = engine.hasBacklog
        return lws_rx_flow_control(wsi, 0) < 0 || isEarly
    }

    /// The socket is gone.
    func gone() {
        guard phase != .closed else { return }
        release()
        engine.owner?.ended(self)
        if wasOpen { engine.handler?.closed(self) }
    }

    /// Gives back what the connection holds; it is closed from here on.
    func release() {
        phase = .closed
        wsi = nil
        if let pipe { engine.loop.unwatch(self, descriptor: pipe.descriptor) }
        pipe = nil
        dropGathered()
        for buffer in [output, leftover, partial] {
            if let buffer { engine.giveBuffer(buffer) }
        }
        output = nil
        leftover = nil
        partial = nil
        owedPong = nil
        heldBytes = 0
        for timer in [closingTimer, readAgain] {
            if let timer { engine.loop.cancel(timer) }
        }
        closingTimer = nil
        readAgain = nil
    }

    private func appendClose(_ code: UInt16?, _ reason: [UInt8]) {
        var payload: [UInt8] = []
        if let code {
            payload = [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + reason
        }
        payload.withUnsafeBytes { appendFrame(WebSocketFrame.close, $0) }
    }

    private func dropLater(after time: Duration) {
        guard closingTimer == nil else { return }
        closingTimer = engine.loop.schedule(after: time) { [self] in
            closingTimer = nil
            drop()
        }
    }
}
