// SPDX-License-Identifier: Apache-2.0

import CVestibuleWebSockets
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
        peer.isOld = reader.isOld
        if reader.closes { peer.closes = true }
        let request: WebRequest
        switch reader.read(remoteAddress: peer.address) {
        case .request(let read): request = read
        case .refused(let status):
            refuse(peer, status)
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
            if !peer.isOld, request.headerFields[.expect]?.lowercased() == "100-continue" {
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
        if request.body.isEmpty, peer.isMisread(bytes, of: request) { return -1 }
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
        peer.request &+= 1
        peer.state = .answering(isHead: request.method == .head)
        joinWork(peer)
        pause(peer)
        let (id, number) = (peer.id, peer.request)
        limit(peer, settings.limits.handler) { server, peer in
            server.counted.requestsOverdue &+= 1
            peer.task?.cancel()
            peer.closes = true
            server.answer(id, number, WebResponse(status: .serviceUnavailable, text: "too slow\n"))
        }
        let handler = webHandler
        peer.task = Task(executorPreference: loop) { [self] in
            let response = await handler(request)
            loop.submit { self.answer(id, number, response) }
        }
    }

    /// Stops reading while the handler works: libwebsockets ignores what comes then, and a readable
    /// socket that is ignored keeps the loop spinning.
    private func pause(_ peer: WebPeer) {
        if let wsi = peer.wsi { lws_rx_flow_control(wsi, 0) }
    }

    private func refuse(_ peer: WebPeer, _ status: HTTPResponse.Status) {
        peer.closes = true
        let response = WebResponse(status: status, text: "\(status.reasonPhrase)\n")
        peer.state = .writing(
            WebOutput(pending: response.lastBytes(at: loop.now.time), isComplete: true)
        )
        askToWrite(peer)
    }
}
