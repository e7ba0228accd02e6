// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import CVestibuleSupport
import CVestibuleWebSockets
import Glibc
import HTTPTypes
package import VestibuleBasics
package import VestibuleEventLoop

/// Where a server listens.
package struct ServerEndpoint: Sendable, Equatable {
    /// A numeric address, `localhost`, or `*` for every address.
    package var host: String

    /// 0 takes any free port.
    package var port: Int

    /// TLS if there are files.
    package var tls: TLSFiles?

    package init(host: String, port: Int, tls: TLSFiles? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    /// Whether nobody but this machine can reach it.
    package var isLoopback: Bool { host == "localhost" || SocketAddress.isLoopback(host) }
}

/// What a server has counted since its start.
package struct TransportCounters: Sendable, Equatable {
    /// Sockets taken from the listener, and those refused at once by the accept hook.
    package var accepted: UInt64 = 0
    package var refused: UInt64 = 0

    /// WebSocket handshakes refused (another path, another subprotocol, malformed).
    package var handshakesRefused: UInt64 = 0

    /// Sockets open now, and how many of them are WebSockets.
    package var open = 0
    package var webSockets = 0

    /// HTTP requests handed to the handler.
    package var requests: UInt64 = 0

    /// Payload bytes received, and framed bytes sent.
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0

    package init() {}
}

/// What a server is made with.
package struct ServerSettings: Sendable {
    package var limits: TransportLimits

    /// The one WebSocket path and subprotocol that are served.
    package var path = "/v1/connect"
    package var subprotocol = "vestibule.v1"

    /// Limits of a connection until its handler sets others.
    package var textLimit = 8_192
    package var binaryLimit = 0

    /// Asked on the loop for each socket before anything is read from it: false hangs up.
    package var admit: @Sendable (_ remoteAddress: String) -> Bool = { _ in true }

    package init(limits: TransportLimits = TransportLimits()) {
        self.limits = limits
    }
}

/// A WebSocket and HTTP/1.1 server on one loop.
///
/// Several loops serve one port by a server each, all but the first started with `sharing:`. Its
/// asynchronous members may be called from anywhere; everything else belongs to the loop, where
/// its handlers are called.
package final class TransportServer: @unchecked Sendable {
    package let loop: EventLoop
    package let endpoint: ServerEndpoint
    let settings: ServerSettings
    let webHandler: WebHandler
    let engine: Engine

    // Below: the loop's.
    var identity: TLSIdentity?
    var listener: Listener?
    var peers: [UInt64: WebPeer] = [:]
    var lastPeer: UInt64 = 0
    var counted = TransportCounters()
    var hasCreated = false
    private var isStopped = false

    /// Makes a server; it opens nothing before ``bind(sharing:)``.
    package init(
        loop: EventLoop,
        endpoint: ServerEndpoint,
        settings: ServerSettings,
        webSockets: any WebSocketHandler,
        web: @escaping WebHandler
    ) {
        self.loop = loop
        self.endpoint = endpoint
        self.settings = settings
        webHandler = web
        engine = Engine(loop: loop, handler: webSockets)
        engine.owner = self
    }

    /// Binds and accepts in one step.
    ///
    /// Throws a ``TransportError`` that says what is wrong; then nothing is left open.
    package func start(sharing first: TransportServer? = nil) async throws {
        try await bind(sharing: first)
        try await accept()
    }

    /// Takes its port, alone or together with a server of ours that already has it, and makes
    /// ready all that can fail.
    ///
    /// From here on the port is nobody else's, and who connects waits in the kernel until
    /// ``accept()``. Throws a ``TransportError`` that says what is wrong; then nothing is left
    /// open.
    package func bind(sharing first: TransportServer? = nil) async throws {
        let shared = try await first?.port
        do {
            try await loop.run { try self.open(joins: shared) }
        } catch {
            await stop()
            throw error
        }
    }

    /// Begins to take connections on the port that it has; again does no harm.
    ///
    /// Throws ``TransportError/stopped`` if it has none.
    package func accept() async throws {
        try await loop.run {
            guard let listener = self.listener else { throw TransportError.stopped }
            listener.start()
        }
    }

    /// The port that it listens on.
    package var port: Int {
        get async throws {
            try await loop.run {
                guard let listener = self.listener else { throw TransportError.stopped }
                return listener.port
            }
        }
    }

    /// Takes no more sockets; those that are open stay.
    package func stopAccepting() async {
        try? await loop.run { self.closeListener() }
    }

    /// Reads the certificate's files again.
    ///
    /// A pair that cannot be used is refused with a
    /// ``TransportError`` and the old one stays; open connections are not touched either way.
    package func reloadTLS() async throws {
        guard let files = endpoint.tls else { return }
        try await loop.run { try self.identity?.reload(files) }
    }

    /// Ends every connection and the server; idempotent.
    package func stop() async {
        await withCheckedContinuation { continuation in
            loop.submit {
                self.isStopped = true
                self.closeListener()
                self.engine.close { continuation.resume() }
            }
        }
    }

    /// What it has counted so far.
    package func counters() async -> TransportCounters {
        (try? await loop.run { self.currentCounters }) ?? TransportCounters()
    }

    /// What it has counted so far; on the loop only.
    package var currentCounters: TransportCounters {
        var counters = counted
        counters.bytesIn &+= engine.bytesIn
        counters.bytesOut &+= engine.bytesOut
        return counters
    }

    private func open(joins port: Int?) throws(TransportError) {
        guard !isStopped else { throw .stopped }
        if let files = endpoint.tls { identity = try TLSIdentity(files) }
        let listener = try Listener(loop: loop, endpoint: endpoint, joins: port) {
            [unowned self] descriptor, peer in
            adopt(descriptor, peer.text)
        }
        self.listener = listener
        try engine.open(
            Engine.Setup(
                protocols: [
                    EngineProtocol(name: "http", callback: httpCallback),
                    EngineProtocol(
                        name: settings.subprotocol,
                        callback: webSocketCallback,
                        receiveBuffer: Tuning.receiveBuffer
                    ),
                ],
                serverTLS: endpoint.tls != nil
            )
        )
    }

    private func closeListener() {
        listener?.close()
        listener = nil
    }

    /// Hands an accepted socket to libwebsockets, which owns it from here on.
    private func adopt(_ descriptor: Int32, _ address: String) {
        guard settings.admit(address), let vhost = engine.vhost else {
            counted.refused &+= 1
            Glibc.close(descriptor)
            return
        }
        counted.accepted &+= 1
        vestibule_tune_socket(descriptor, Int32(clamping: settings.limits.notSentLowWater))
        lastPeer &+= 1
        let peer = WebPeer(id: lastPeer, address: address)
        peers[peer.id] = peer
        counted.open += 1
        var info = lws_adopt_desc_t()
        info.vh = vhost
        info.type = lws_adoption_type(
            LWS_ADOPT_SOCKET.rawValue | LWS_ADOPT_HTTP.rawValue | LWS_ADOPT_ALLOW_SSL.rawValue
        )
        info.fd.sockfd = descriptor
        info.opaque = Unmanaged.passUnretained(peer).toOpaque()
        limit(peer, settings.limits.request)
        hasCreated = false
        // On failure it closes the descriptor; if it had made its side of the connection, that is
        // freed later and calls back.
        if lws_adopt_descriptor_vhost_via_info(&info) == nil, !hasCreated { forget(peer) }
    }

    /// The peer is gone.
    func forget(_ peer: WebPeer) {
        guard peers.removeValue(forKey: peer.id) != nil else { return }
        peer.wsi = nil
        counted.open -= 1
        if peer.isWebSocket { counted.webSockets -= 1 }
        if let deadline = peer.deadline { loop.cancel(deadline) }
        peer.deadline = nil
        if case .writing(var output) = peer.state {
            output.waiter?.resume(returning: false)
            output.waiter = nil
            peer.state = .lingering
        }
    }

    /// Ends the peer if it is not done with its present step in time.
    func limit(_ peer: WebPeer, _ time: Duration?) {
        if let deadline = peer.deadline { loop.cancel(deadline) }
        peer.deadline = time.map { time in
            loop.schedule(after: time) { [self] in
                peer.deadline = nil
                guard let wsi = peer.wsi, peers[peer.id] != nil else { return }
                vestibule_lws_kill(wsi)
            }
        }
    }
}
