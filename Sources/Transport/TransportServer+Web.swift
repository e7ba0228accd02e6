// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets
import Glibc
import HTTPTypes
import VestibuleBasics
import VestibuleEventLoop

// HTTP/1.1 over libwebsockets, which parses heads, cuts bodies and keeps connections alive.
extension TransportServer {
    func http(
        _ wsi: OpaquePointer,
        _ reason: lws_callback_reasons,
        _ bytes: UnsafeMutableRawPointer?,
        _ count: Int
    ) -> Int32 {
        if reason == LWS_CALLBACK_WSI_CREATE { hasCreated = true }
        guard let peer = peer(of: wsi), peers[peer.id] != nil else { return 0 }
        switch reason {
        case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
            peer.wsi = wsi
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
            return confirmUpgrade(peer, wsi)
        case LWS_CALLBACK_HTTP:
            peer.wsi = wsi
            return begin(peer, wsi)
        case LWS_CALLBACK_HTTP_BODY:
            return collect(peer, UnsafeRawBufferPointer(start: bytes, count: count))
        case LWS_CALLBACK_HTTP_BODY_COMPLETION:
            return complete(peer)
        case LWS_CALLBACK_HTTP_WRITEABLE:
            return write(peer, wsi)
        case LWS_CALLBACK_RAW_ADOPT, LWS_CALLBACK_RAW_RX:
            // What is no HTTP (CONNECT is meant for proxies) would go on as a raw socket.
            return -1
        case LWS_CALLBACK_WSI_DESTROY:
            forget(peer)
        default: break
        }
        return 0
    }

    /// A request's head is here.
    private func begin(_ peer: WebPeer, _ wsi: OpaquePointer) -> Int32 {
        peer.completions = 0
        let reader = WebHeadReader(wsi: wsi)
        guard let request = reader.read(remoteAddress: peer.address) else {
            refuse(peer, .notImplemented)
            return 0
        }
        let length = BodyLength(reader, method: request.method, limit: settings.limits.body)
        switch length {
        case .refused(let status):
            refuse(peer, status)
        case .undeclared:
            peer.closes = true
            ask(peer, request)
        case .known(0):
            ask(peer, request)
        case .known(let expected):
            engine.bytesIn &+= UInt64(expected)
            peer.state = .receiving(request, expected: expected)
            limit(peer, settings.limits.request)
            if request.headerFields[.expect]?.lowercased() == "100-continue" {
                let go = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
                return go.withUnsafeBytes {
                    vestibule_lws_write_raw(wsi, $0.baseAddress, $0.count) < 0 ? -1 : 0
                }
            }
        }
        return 0
    }

    private func collect(_ peer: WebPeer, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        guard case .receiving(var request, let expected) = peer.state else { return 0 }
        if request.body.isEmpty, peer.isMisread(bytes, of: request.method) { return -1 }
        peer.state = .waiting
        if request.body.isEmpty { request.body.reserveCapacity(expected) }
        request.body.append(contentsOf: bytes)
        peer.state = .receiving(request, expected: expected)
        return 0
    }

    /// The body is whole.
    ///
    /// Also called for what was dispatched already, and then it means nothing;
    /// but libwebsockets can be led to call for ever from within one of its own loops.
    private func complete(_ peer: WebPeer) -> Int32 {
        peer.completions += 1
        guard case .receiving(let request, let expected) = peer.state,
            request.body.count == expected
        else { return peer.completions > Tuning.completions ? -1 : 0 }
        ask(peer, request)
        return 0
    }

    /// Hands a request to the handler.
    private func ask(_ peer: WebPeer, _ request: WebRequest) {
        counted.requests &+= 1
        peer.hasServed = true
        peer.state = .answering(isHead: request.method == .head)
        limit(peer, nil)
        pause(peer)
        let id = peer.id
        let handler = webHandler
        Task(executorPreference: loop) { [self] in
            let response = await handler(request)
            loop.submit { self.answer(id, response) }
        }
    }

    /// Stops reading while the handler works: libwebsockets ignores what comes then, and a readable
    /// socket that is ignored keeps the loop spinning.
    private func pause(_ peer: WebPeer) {
        if let wsi = peer.wsi { lws_rx_flow_control(wsi, 0) }
    }

    private func resume(_ peer: WebPeer) {
        guard let wsi = peer.wsi else { return }
        lws_rx_flow_control(wsi, 1)
        lws_callback_on_writable(wsi)
    }

    /// The handler has answered; its peer may be gone.
    private func answer(_ id: UInt64, _ response: WebResponse) {
        guard let peer = peers[id], case .answering(let isHead) = peer.state else { return }
        switch response.body {
        case .bytes(let body):
            let head = response.headBytes(length: body.count, closes: peer.closes)
            let pending = isHead ? head : head + body
            peer.state = .writing(WebOutput(pending: pending, isComplete: true))
        case .stream(let pieces):
            let head = response.headBytes(length: nil, closes: peer.closes)
            peer.state = .writing(
                WebOutput(pending: head, isComplete: isHead, isChunked: true)
            )
            if !isHead { send(pieces, to: id) }
        }
        limit(peer, settings.limits.request)
        resume(peer)
    }

    /// Answers without a handler; the connection ends after it, as its body will not be read.
    private func refuse(_ peer: WebPeer, _ status: HTTPResponse.Status) {
        let response = WebResponse(status: status, text: "\(status.reasonPhrase)\n")
        guard case .bytes(let body) = response.body else { return }
        peer.closes = true
        let bytes = response.headBytes(length: body.count, closes: true) + body
        peer.state = .writing(WebOutput(pending: bytes, isComplete: true))
        limit(peer, settings.limits.request)
        if let wsi = peer.wsi { lws_callback_on_writable(wsi) }
    }

    /// The socket takes bytes; −1 lets libwebsockets close it.
    private func write(_ peer: WebPeer, _ wsi: OpaquePointer) -> Int32 {
        guard case .writing(var output) = peer.state else { return 0 }
        if !output.pending.isEmpty {
            let count = output.pending.count
            let written = output.pending.withUnsafeBytes {
                vestibule_lws_write_raw(wsi, $0.baseAddress, $0.count)
            }
            guard written >= 0 else { return -1 }
            engine.bytesOut &+= UInt64(count)
            output.pending = []
            limit(peer, settings.limits.request)
        }
        peer.state = .writing(output)
        if lws_partial_buffered(wsi) != 0 && !(output.isComplete && !peer.closes) {
            // libwebsockets calls again when the rest has left.
            return 0
        }
        guard output.isComplete else {
            let waiter = output.waiter
            output.waiter = nil
            peer.state = .writing(output)
            limit(peer, nil)
            pause(peer)
            waiter?.resume(returning: true)
            return 0
        }
        return peer.closes ? linger(peer, wsi) : next(peer, wsi)
    }

    /// The response is out, the connection goes on.
    private func next(_ peer: WebPeer, _ wsi: OpaquePointer) -> Int32 {
        peer.state = .waiting
        limit(peer, settings.limits.keepAlive)
        return lws_http_transaction_completed(wsi) == 0 ? 0 : -1
    }

    /// The response is out, the connection ends when the peer has seen that.
    private func linger(_ peer: WebPeer, _ wsi: OpaquePointer) -> Int32 {
        peer.state = .lingering
        limit(peer, Tuning.closingTime)
        lws_rx_flow_control(wsi, 1)
        shutdown(lws_get_socket_fd(wsi), Int32(SHUT_WR))
        return 0
    }

    /// Sends a streamed body piece by piece, as fast as the peer takes it.
    private func send(_ pieces: AsyncStream<[UInt8]>, to id: UInt64) {
        Task(executorPreference: loop) { [self] in
            for await piece in pieces where !piece.isEmpty {
                guard await offer(piece, to: id, isLast: false) else { return }
            }
            _ = await offer([], to: id, isLast: true)
        }
    }

    /// Queues a piece and waits until it has left; false if the peer is gone.
    private func offer(_ piece: [UInt8], to id: UInt64, isLast: Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            loop.submit { [self] in
                guard let peer = peers[id], case .writing(var output) = peer.state else {
                    continuation.resume(returning: false)
                    return
                }
                if !piece.isEmpty {
                    output.pending += Array("\(String(piece.count, radix: 16))\r\n".utf8)
                    output.pending += piece + [13, 10]
                }
                if isLast {
                    output.pending += Array("0\r\n\r\n".utf8)
                    output.isComplete = true
                    continuation.resume(returning: true)
                } else {
                    output.waiter = continuation
                }
                peer.state = .writing(output)
                limit(peer, settings.limits.request)
                resume(peer)
            }
        }
    }
}
