// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import CVestibuleSupport
import CVestibuleWebSockets
import Glibc
package import VestibuleBasics
package import VestibuleEventLoop

/// WebSocket connections to servers, on one loop; on that loop only, but for ``stop()``.
package final class WebSocketClient: @unchecked Sendable {
    private let loop: EventLoop
    private let engine: Engine
    private let handler: any WebSocketClientHandler
    private let subprotocol: String
    private let isInsecure: Bool
    private let textLimit: Int
    private let binaryLimit: Int
    private let names: NameService
    private var attempts: [ObjectIdentifier: WebSocketAttempt] = [:]
    private var connections: [ObjectIdentifier: WebSocketConnection] = [:]
    private var sockets: [OpaquePointer: WebSocketConnection] = [:]
    private var isStopped = false

    /// Makes a client whose connections all speak one subprotocol and trust the same authorities.
    ///
    /// `names` are its own: they are stopped with it.
    package init(
        loop: EventLoop,
        trust: WebSocketTrust,
        subprotocol: String = "vestibule.v1",
        textLimit: Int = 1 << 20,
        binaryLimit: Int = 1 << 20,
        limits: TransportLimits = TransportLimits(),
        names: NameService = NameService(),
        handler: any WebSocketClientHandler
    ) throws(TransportError) {
        loop.checkIsolated()
        self.loop = loop
        self.handler = handler
        self.names = names
        self.subprotocol = subprotocol
        self.textLimit = textLimit
        self.binaryLimit = binaryLimit
        isInsecure = trust == .insecure
        engine = Engine(loop: loop, handler: handler, limits: limits)
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
    /// The handler hears `opened`, or `failed`, later and once; the connection may be closed or
    /// dropped before, and then hears `failed`.
    ///
    /// A host name is looked up on another thread, and its addresses are tried one after the other.
    /// `headers` are sent as they are, so they hold no line breaks.
    package func connect(
        to target: WebSocketTarget,
        headers: [(name: String, value: String)] = [],
        context: AnyObject? = nil
    ) -> WebSocketConnection {
        loop.checkIsolated()
        let connection = WebSocketConnection(
            engine: engine,
            remoteAddress: "",
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
        let attempt = WebSocketAttempt(connection, target)
        attempts[ObjectIdentifier(connection)] = attempt
        if isStopped {
            later(attempt) { $0.fail($1, "stopped") }
        } else if let known = target.knownAddresses {
            // In a job, so that `failed` never comes before this returns.
            later(attempt) { $0.found(.success(known), for: $1) }
        } else {
            let box = Unchecked((self, attempt))
            attempt.lookup = names.find(target.host) { [loop] answer in
                loop.submit { box.value.0.found(answer, for: box.value.1) }
            }
        }
        return connection
    }

    /// Ends every connection and the client; idempotent, any thread.
    package func stop() async {
        await withHandoff { continuation in
            loop.submit { self.engine.close { continuation.resume() } }
        }
    }

    /// Payload bytes received and framed bytes sent.
    package var bytes: (received: UInt64, sent: UInt64) { (engine.bytesIn, engine.bytesOut) }

    private func later(
        _ attempt: WebSocketAttempt,
        _ body: @escaping (WebSocketClient, WebSocketAttempt) -> Void
    ) {
        let box = Unchecked((self, attempt, body))
        loop.submit { box.value.2(box.value.0, box.value.1) }
    }

    /// The host's addresses are known, or will not be.
    private func found(_ answer: NameService.Answer, for attempt: WebSocketAttempt) {
        switch answer {
        case .success(let addresses):
            attempt.addresses = addresses[...]
            if addresses.isEmpty { attempt.reason = "no such host: \(attempt.target.host)" }
            tryNext(attempt)
        case .failure(let failure): fail(attempt, failure.reason)
        }
    }

    /// Connects to the next of the addresses, if the attempt still stands.
    private func tryNext(_ attempt: WebSocketAttempt) {
        let connection = attempt.connection
        guard connection.phase == .connecting, attempts[ObjectIdentifier(connection)] != nil else {
            return
        }
        while let address = attempt.addresses.popFirst() {
            if let reason = unreachable(address, attempt.target.port) {
                attempt.reason = reason
            } else if open(attempt, address: address) {
                return
            }
        }
        fail(attempt, attempt.reason)
    }

    /// It will not be opened.
    private func fail(_ attempt: WebSocketAttempt, _ reason: String) {
        let connection = attempt.connection
        guard attempts.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        end(attempt)
        connections[ObjectIdentifier(connection)] = nil
        connection.release()
        handler.failed(connection, reason: reason)
    }

    private func end(_ attempt: WebSocketAttempt) {
        attempt.lookup?.cancel()
        attempt.lookup = nil
        if let timer = attempt.timer { loop.cancel(timer) }
        attempt.timer = nil
    }

    /// Lets libwebsockets connect; false if it gave up before it made anything that could call back.
    private func open(_ attempt: WebSocketAttempt, address: String) -> Bool {
        guard !isStopped, let vhost = engine.vhost, engine.context != nil else { return false }
        let (connection, target) = (attempt.connection, attempt.target)
        connections[ObjectIdentifier(connection)] = connection
        connection.remoteAddress = address
        let user = Unmanaged.passRetained(connection)
        var info = lws_client_connect_info()
        info.context = engine.context
        info.vhost = vhost
        info.port = Int32(target.port)
        info.ssl_connection = target.isSecure ? vestibule_lws_client_flags(isInsecure ? 1 : 0) : 0
        info.userdata = user.toOpaque()
        let strings = [address, target.path, target.authority, subprotocol, "http/1.1"]
        attempt.hasTold = false
        let wsi = withStrings(strings) { strings in
            info.address = strings[0]
            info.path = strings[1]
            info.host = strings[2]
            info.protocol = strings[3]
            info.local_protocol_name = strings[3]
            info.alpn = strings[4]
            return lws_client_connect_via_info(&info)
        }
        guard let wsi else {
            if attempt.hasTold { return true }
            user.release()
            attempt.reason = "no connection"
            return false
        }
        sockets[wsi] = connection
        if connection.wsi == nil, connection.phase == .connecting, !attempt.hasTold {
            connection.wsi = wsi
        }
        vestibule_tune_socket(
            lws_get_socket_fd(wsi),
            0,
            Int32(clamping: engine.limits.silence.milliseconds)
        )
        if !attempt.addresses.isEmpty { hurry(attempt) }
        return true
    }

    /// An address that says nothing must not keep the others from being tried.
    private func hurry(_ attempt: WebSocketAttempt) {
        attempt.timer = loop.schedule(after: Tuning.addressTime) {
            attempt.timer = nil
            guard attempt.connection.phase == .connecting, let wsi = attempt.connection.wsi else {
                return
            }
            vestibule_lws_kill(wsi)
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
    /// One of the addresses did not work.
    func failed(_ connection: WebSocketConnection, _ reason: String) {
        guard let attempt = attempts[ObjectIdentifier(connection)] else { return }
        attempt.hasTold = true
        attempt.reason = reason
        if let timer = attempt.timer { loop.cancel(timer) }
        attempt.timer = nil
        connection.wsi = nil
        if connection.phase == .connecting, !attempt.addresses.isEmpty {
            // Not from within libwebsockets' callback for the one before.
            later(attempt) { $0.tryNext($1) }
        } else {
            fail(attempt, reason)
        }
    }

    func dropped(_ connection: WebSocketConnection) {
        guard let attempt = attempts[ObjectIdentifier(connection)] else { return }
        end(attempt)
        later(attempt) { $0.fail($1, "dropped before it was opened") }
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
        guard reason == LWS_CALLBACK_WSI_DESTROY, let connection = sockets.removeValue(forKey: wsi)
        else { return 0 }
        if connection.wsi == wsi {
            // In some states of its handshake libwebsockets tells nobody that a client is closed.
            Unmanaged.passUnretained(connection).release()
            failed(connection, "lost before it was opened")
        }
        return 0
    }

    func upgraded(_ wsi: OpaquePointer) -> WebSocketConnection? { nil }

    func opened(_ connection: WebSocketConnection) {
        attempts.removeValue(forKey: ObjectIdentifier(connection)).map { end($0) }
    }

    func ended(_ connection: WebSocketConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if let attempt = attempts[ObjectIdentifier(connection)] {
            fail(attempt, "lost before it was opened")
        }
    }

    var isEmpty: Bool { sockets.isEmpty }

    func killAll() {
        isStopped = true
        names.stop()
        for connection in connections.values {
            if let wsi = connection.wsi { vestibule_lws_kill(wsi) }
        }
        for attempt in attempts.values { fail(attempt, "stopped") }
    }
}

/// Carries loop-confined values into a job of the same loop.
private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
