// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import CVestibuleSupport
import CVestibuleUV
import CVestibuleWebSockets
import Glibc
import VestibuleBasics
package import VestibuleEventLoop

/// Where a client connects to.
package struct WebSocketTarget: Sendable, Equatable {
    package var isSecure: Bool

    /// A name or a numeric address, an IPv6 one without brackets.
    package var host: String
    package var port: Int
    package var path: String

    package init(isSecure: Bool, host: String, port: Int, path: String = "/v1/connect") {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
    }

    /// Reads `ws://host:port/path` or `wss://…`; nil for anything else.
    package init?(_ url: String) {
        let secure = url.hasPrefix("wss://")
        guard secure || url.hasPrefix("ws://") else { return nil }
        let rest = url.dropFirst(secure ? 6 : 5)
        let authority = rest.prefix { $0 != "/" }
        let tail = rest.dropFirst(authority.count)
        guard let (host, port) = Self.split(authority, defaultPort: secure ? 443 : 80) else {
            return nil
        }
        self.init(
            isSecure: secure,
            host: host,
            port: port,
            path: tail.isEmpty ? "/" : String(tail)
        )
    }

    private static func split(
        _ authority: Substring,
        defaultPort: Int
    ) -> (host: String, port: Int)? {
        var host = authority
        var rest = Substring()
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            rest = authority[colon...]
        }
        guard !host.isEmpty, !host.contains("@") else { return nil }
        if rest.isEmpty { return (String(host), defaultPort) }
        guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()), (1...65_535).contains(port)
        else { return nil }
        return (String(host), port)
    }
}

/// WebSocket connections to servers, on one loop; on that loop only, but for ``stop()``.
package final class WebSocketClient: @unchecked Sendable {
    private let loop: EventLoop
    private let engine: Engine
    private let handler: any WebSocketClientHandler
    private let subprotocol: String
    private let isInsecure: Bool
    private let textLimit: Int
    private let binaryLimit: Int
    private var connections: [ObjectIdentifier: WebSocketConnection] = [:]
    private var sockets: Set<OpaquePointer> = []
    private var isStopped = false

    /// Makes a client whose connections all speak one subprotocol and trust the same authorities.
    package init(
        loop: EventLoop,
        trust: WebSocketTrust,
        subprotocol: String = "vestibule.v1",
        textLimit: Int = 1 << 20,
        binaryLimit: Int = 1 << 20,
        handler: any WebSocketClientHandler
    ) throws(TransportError) {
        loop.checkIsolated()
        self.loop = loop
        self.handler = handler
        self.subprotocol = subprotocol
        self.textLimit = textLimit
        self.binaryLimit = binaryLimit
        isInsecure = trust == .insecure
        engine = Engine(loop: loop, handler: handler)
        engine.owner = self
        do throws(TransportError) {
            try engine.open(
                Engine.Setup(
                    protocols: [
                        EngineProtocol(name: "http", callback: httpCallback),
                        EngineProtocol(
                            name: subprotocol,
                            callback: webSocketCallback,
                            receiveBuffer: Tuning.receiveBuffer
                        ),
                    ],
                    trust: trust
                )
            )
        } catch {
            let engine = engine
            engine.close { _ = engine }
            throw error
        }
    }

    /// Begins to connect.
    ///
    /// The handler hears `opened`, or `failed`, later and once; the connection
    /// may be closed or dropped before.
    ///
    /// A host name is looked up on another thread. `headers` are sent as they are, so they hold no
    /// line breaks.
    package func connect(
        to target: WebSocketTarget,
        headers: [(name: String, value: String)] = [],
        context: AnyObject? = nil
    ) -> WebSocketConnection {
        loop.checkIsolated()
        let connection = WebSocketConnection(
            engine: engine,
            remoteAddress: target.host,
            masks: true,
            textLimit: textLimit,
            binaryLimit: binaryLimit
        )
        connection.context = context
        for header in headers {
            let line = "\(header.name): \(header.value)"
            precondition(!line.utf8.contains { $0 == 10 || $0 == 13 }, "A header is one line")
            connection.requestHeaders += Array("\(line)\r\n".utf8)
        }
        if SocketAddress(host: target.host, port: target.port) != nil {
            // In a job, so that `failed` never comes before this returns.
            let box = Unchecked((self, connection))
            loop.submit { box.value.0.open(box.value.1, target, address: target.host) }
        } else {
            NameLookup(target.host) { [self] address in
                if let address {
                    open(connection, target, address: address)
                } else {
                    failed(connection, "no such host: \(target.host)")
                }
            }.start(on: loop)
        }
        return connection
    }

    /// Ends every connection and the client; idempotent, any thread.
    package func stop() async {
        await withCheckedContinuation { continuation in
            loop.submit { self.engine.close { continuation.resume() } }
        }
    }

    /// Payload bytes received and framed bytes sent.
    package var bytes: (received: UInt64, sent: UInt64) { (engine.bytesIn, engine.bytesOut) }

    private func open(
        _ connection: WebSocketConnection,
        _ target: WebSocketTarget,
        address: String
    ) {
        guard connection.phase == .connecting, !isStopped, let vhost = engine.vhost,
            engine.context != nil
        else {
            failed(connection, "dropped before it was opened")
            return
        }
        if let reason = unreachable(address, target.port) {
            failed(connection, reason)
            return
        }
        connections[ObjectIdentifier(connection)] = connection
        let user = Unmanaged.passRetained(connection)
        let isIPv6 = target.host.contains(":")
        let host = isIPv6 ? "[\(target.host)]:\(target.port)" : "\(target.host):\(target.port)"
        var info = lws_client_connect_info()
        info.context = engine.context
        info.vhost = vhost
        info.port = Int32(target.port)
        info.ssl_connection = target.isSecure ? vestibule_lws_client_flags(isInsecure ? 1 : 0) : 0
        info.userdata = user.toOpaque()
        let wsi = withStrings([address, target.path, host, subprotocol, "http/1.1"]) { strings in
            info.address = strings[0]
            info.path = strings[1]
            info.host = strings[2]
            info.protocol = strings[3]
            info.local_protocol_name = strings[3]
            info.alpn = strings[4]
            return lws_client_connect_via_info(&info)
        }
        if let wsi {
            sockets.insert(wsi)
            if connection.wsi == nil && connection.phase == .connecting { connection.wsi = wsi }
            vestibule_tune_socket(lws_get_socket_fd(wsi), 0)
        } else if connection.phase == .connecting {
            // It gave up before it made anything that could call back.
            user.release()
            failed(connection, "no connection")
        }
    }

    /// Why there is no way to an address.
    ///
    /// libwebsockets 4.1 loses a libuv handle when connecting fails at once.
    private func unreachable(_ address: String, _ port: Int) -> String? {
        guard let place = SocketAddress(host: address, port: port) else { return "no address" }
        let failure = withUnsafePointer(to: place.raw) { vestibule_route_error($0) }
        return failure == 0 ? nil : String(cString: strerror(failure))
    }

    private func withStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies.map { UnsafePointer($0) })
    }
}

extension WebSocketClient: EngineOwner {
    func failed(_ connection: WebSocketConnection, _ reason: String) {
        guard connection.phase != .closed else { return }
        connections[ObjectIdentifier(connection)] = nil
        connection.release()
        handler.failed(connection, reason: reason)
    }

    func prepareTLS(_ context: OpaquePointer) -> Bool {
        vestibule_tls_prepare_client(context, isInsecure ? 1 : 0)
        return true
    }

    func http(
        _ wsi: OpaquePointer,
        _ reason: lws_callback_reasons,
        _ bytes: UnsafeMutableRawPointer?,
        _ count: Int
    ) -> Int32 {
        if reason == LWS_CALLBACK_WSI_DESTROY { sockets.remove(wsi) }
        return 0
    }

    func upgraded(_ wsi: OpaquePointer) -> WebSocketConnection? { nil }

    func ended(_ connection: WebSocketConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    var isEmpty: Bool { sockets.isEmpty }

    func killAll() {
        isStopped = true
        for connection in connections.values {
            if let wsi = connection.wsi { vestibule_lws_kill(wsi) }
        }
    }
}

/// Carries loop-confined values into a job of the same loop.
private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
