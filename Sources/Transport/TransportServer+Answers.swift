// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleWebSockets
import Glibc
import HTTPTypes
import VestibuleBasics
import VestibuleEventLoop

// Responses on their way out: in slices, each of which has its time to leave.
extension TransportServer {
    /// The handler has answered; its peer may be gone, or have had another answer for this request.
    func answer(_ id: UInt64, _ number: UInt64, _ response: WebResponse) {
        guard let peer = peers[id], peer.request == number,
            case .answering(let isHead) = peer.state
        else { return }
        switch response.body {
        case .bytes(let body):
            let framing: ResponseFraming = response.hasBody ? .length(body.count) : .none
            let head = response.headBytes(framing, closes: peer.closes, at: loop.now.time)
            let pending = isHead || !response.hasBody ? head : head + body
            peer.state = .writing(WebOutput(pending: pending, isComplete: true))
        case .stream(let pieces):
            stream(pieces, to: peer, of: response, isHead: isHead)
        }
        askToWrite(peer)
    }

    private func stream(
        _ pieces: AsyncStream<[UInt8]>,
        to peer: WebPeer,
        of response: WebResponse,
        isHead: Bool
    ) {
        // HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
        let framing: ResponseFraming =
            !response.hasBody ? .none : peer.isOld ? .untilEnd : .chunked
        let head = response.headBytes(framing, closes: peer.closes, at: loop.now.time)
        let isBodyless = isHead || !response.hasBody
        peer.state = .writing(
            WebOutput(
                pending: head,
                isComplete: isBodyless,
                isStream: !isBodyless,
                isChunked: framing == .chunked
            )
        )
        if !isBodyless { send(pieces, to: peer) }
    }

    /// Waits until the socket takes the next slice, for as long as that may take.
    func askToWrite(_ peer: WebPeer) {
        limit(peer, settings.limits.response)
        if let retry = peer.retry { loop.cancel(retry) }
        peer.retry = nil
        askWhenWritable(peer)
    }

    /// Turns reading on for as long as the socket takes bytes.
    ///
    /// libwebsockets calls nobody for a connection whose reading is stopped. Where reading goes on
    /// while the socket takes nothing, a request that comes too early keeps the loop turning. So
    /// the kernel is asked first.
    private func askWhenWritable(_ peer: WebPeer) {
        guard let wsi = peer.wsi else { return }
        guard vestibule_is_writable(lws_get_socket_fd(wsi)) != 0 else {
            lws_rx_flow_control(wsi, 0)
            peer.retry = loop.schedule(after: Tuning.writableCheck) { [self] in
                peer.retry = nil
                if peers[peer.id] != nil { askWhenWritable(peer) }
            }
            return
        }
        lws_rx_flow_control(wsi, 1)
        lws_callback_on_writable(wsi)
    }

    /// The socket takes bytes; −1 lets libwebsockets close it.
    func write(_ peer: WebPeer, _ wsi: OpaquePointer) -> Int32 {
        // libwebsockets calls again when what it holds has left.
        guard case .writing(var output) = peer.state, lws_partial_buffered(wsi) == 0 else {
            return 0
        }
        guard !output.isEmpty else { return left(peer, wsi, output) }
        let written = output.slice { bytes in
            engine.bytesOut &+= UInt64(bytes.count)
            return vestibule_lws_write_raw(wsi, bytes.baseAddress, bytes.count)
        }
        guard written >= 0 else { return -1 }
        peer.state = .writing(output)
        if output.isEmpty, lws_partial_buffered(wsi) == 0 { return left(peer, wsi, output) }
        askToWrite(peer)
        return 0
    }

    /// All that there was has left.
    private func left(_ peer: WebPeer, _ wsi: OpaquePointer, _ output: WebOutput) -> Int32 {
        if output.isComplete { return peer.closes ? linger(peer, wsi) : next(peer, wsi) }
        var output = output
        let waiter = output.waiter
        output.waiter = nil
        peer.state = .writing(output)
        limit(peer, nil)
        lws_rx_flow_control(wsi, 0)
        waiter?.resume(returning: true)
        return 0
    }

    /// The response is out, the connection goes on.
    private func next(_ peer: WebPeer, _ wsi: OpaquePointer) -> Int32 {
        peer.state = .waiting
        leaveWork(peer)
        limit(peer, settings.limits.keepAlive)
        lws_rx_flow_control(wsi, 1)
        guard lws_http_transaction_completed(wsi) == 0 else { return -1 }
        // It has just set a time of its own again.
        if peers[peer.id] != nil { lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0) }
        return 0
    }

    /// The response is out, the connection ends when the peer has seen that.
    private func linger(_ peer: WebPeer, _ wsi: OpaquePointer) -> Int32 {
        peer.state = .lingering
        leaveWork(peer)
        limit(peer, settings.limits.closing)
        // It reads no more from who has been answered: told of the peer's end, it would be told
        // again in each turn, and the loop would not sleep. So the kernel is asked.
        lws_rx_flow_control(wsi, 0)
        shutdown(lws_get_socket_fd(wsi), Int32(SHUT_WR))
        awaitEnd(peer)
        return 0
    }

    /// Ends a lingering peer soon after it has closed its end too.
    private func awaitEnd(_ peer: WebPeer) {
        if let retry = peer.retry { loop.cancel(retry) }
        peer.retry = loop.schedule(after: Tuning.writableCheck) { [self] in
            peer.retry = nil
            guard peers[peer.id] != nil, let wsi = peer.wsi else { return }
            guard vestibule_is_gone(lws_get_socket_fd(wsi)) != 0 else { return awaitEnd(peer) }
            vestibule_lws_kill(wsi)
        }
    }

    /// Sends a streamed body piece by piece, as fast as the peer takes it; ended when it goes.
    private func send(_ pieces: AsyncStream<[UInt8]>, to peer: WebPeer) {
        let (id, number) = (peer.id, peer.request)
        peer.task = Task(executorPreference: loop) { [self] in
            for await piece in pieces where !piece.isEmpty {
                guard await offer(piece, to: id, number) else { return }
            }
            loop.submit { self.finish(id, number) }
        }
    }

    /// Queues a piece and waits until it has left; false if the peer is gone.
    private func offer(_ piece: [UInt8], to id: UInt64, _ number: UInt64) async -> Bool {
        await withHandoff { continuation in
            loop.submit { [self] in
                guard let peer = peers[id], peer.request == number,
                    case .writing(var output) = peer.state
                else {
                    continuation.resume(returning: false)
                    return
                }
                output.append(piece)
                output.waiter = continuation
                peer.state = .writing(output)
                askToWrite(peer)
            }
        }
    }

    /// The stream is over.
    private func finish(_ id: UInt64, _ number: UInt64) {
        guard let peer = peers[id], peer.request == number, case .writing(var output) = peer.state
        else { return }
        output.finish()
        peer.state = .writing(output)
        askToWrite(peer)
    }
}
