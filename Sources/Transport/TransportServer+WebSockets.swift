// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import CVestibuleWebSockets
import HTTPTypes
import VestibuleBasics
import VestibuleEventLoop

extension TransportServer: EngineOwner {
    func prepareTLS(_ context: OpaquePointer) -> Bool {
        identity?.prepare(context) ?? false
    }

    func upgraded(_ wsi: OpaquePointer) -> WebSocketConnection? {
        guard let peer = peer(of: wsi) else { return nil }
        let connection = WebSocketConnection(
            engine: engine,
            remoteAddress: peer.address,
            masks: false,
            textLimit: settings.textLimit,
            binaryLimit: settings.binaryLimit
        )
        limit(peer, nil)
        peer.state = .lingering
        counted.webSockets += 1
        peer.isWebSocket = true
        leavePlain(peer)
        return connection
    }

    func failed(_ connection: WebSocketConnection, _ reason: String) {}

    func opened(_ connection: WebSocketConnection) {}

    func dropped(_ connection: WebSocketConnection) {}

    func ended(_ connection: WebSocketConnection) {}

    var isEmpty: Bool { peers.isEmpty }

    func killAll() {
        for peer in peers.values {
            if let wsi = peer.wsi { vestibule_lws_kill(wsi) }
        }
    }

    /// Decides about an upgrade: 0 lets libwebsockets shake hands, anything else ends it.
    ///
    /// libwebsockets would take any path, a client that names no subprotocol, and HTTP/2 by
    /// upgrade; we serve one path and one subprotocol.
    func confirmUpgrade(_ peer: WebPeer, _ wsi: OpaquePointer) -> Int32 {
        let reader = WebHeadReader(wsi: wsi)
        let offered = reader.value(named: "sec-websocket-protocol") ?? ""
        let isOffered = offered.split(separator: ",").contains {
            $0.drop { $0 == " " }.prefix { $0 != " " } == settings.subprotocol
        }
        let status: HTTPResponse.Status
        if reader.path != settings.path {
            status = .notFound
        } else if reader.value(named: "upgrade")?.lowercased() != "websocket" || !isOffered
            || reader.method?.method != .get || reader.value(named: "sec-websocket-key") == nil
        {
            status = .badRequest
        } else if reader.value(named: "sec-websocket-version") != "13" {
            status = .upgradeRequired
        } else {
            return 0
        }
        counted.handshakesRefused &+= 1
        var response = WebResponse(status: status, text: "\(status.reasonPhrase)\n")
        if status == .upgradeRequired, let name = HTTPField.Name("sec-websocket-version") {
            response.headerFields[name] = "13"
        }
        _ = response.lastBytes(at: loop.now.time).withUnsafeBytes {
            vestibule_lws_write_raw(wsi, $0.baseAddress, $0.count)
        }
        return -1
    }

    /// The peer whose socket this is.
    func peer(of wsi: OpaquePointer) -> WebPeer? {
        guard let opaque = lws_get_opaque_user_data(wsi) else { return nil }
        return Unmanaged<WebPeer>.fromOpaque(opaque).takeUnretainedValue()
    }
}
