// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleEventLoop

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
    /// Peers that are no WebSocket, by address.
    var plain: [String: Int] = [:]
    /// Peers whose request is worked on.
    var working: [UInt64: WebPeer] = [:]
    var workWatch: TimerToken?
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
        engine = Engine(loop: loop, handler: webSockets, limits: settings.limits)
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
            let pair = try await first?.shownPair() ?? endpoint.tls.map { try TLSPair($0) }
            try await loop.run { try self.open(joins: shared, showing: pair) }
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

    /// Reads the certificate's files again, once for all servers of one port.
    ///
    /// A pair that cannot be used, or not now, is refused with a ``TransportError`` and the old one
    /// stays; open connections are not touched either way. The files are read on the caller's
    /// executor, not on a loop.
    package static func reloadTLS(of servers: [TransportServer]) async throws {
        guard let files = servers.first?.endpoint.tls else { return }
        let pair = try TLSPair(files)
        try pair.checkDates(at: EventLoop.readNow().time)
        for server in servers {
            try await server.loop.run { server.identity?.show(pair) }
        }
    }

    /// Ends every connection and the server; idempotent.
    package func stop() async {
        await withHandoff { continuation in
            loop.submit {
                self.isStopped = true
                self.closeListener()
                if let watch = self.workWatch { self.loop.cancel(watch) }
                self.workWatch = nil
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
        counters.requestsInFlight = working.values.count { !$0.isStreaming }
        counters.bytesIn &+= engine.bytesIn
        counters.bytesOut &+= engine.bytesOut
        return counters
    }

    private func shownPair() async throws -> TLSPair? {
        try await loop.run { self.identity?.pair }
    }

    private func open(joins port: Int?, showing pair: TLSPair?) throws(TransportError) {
        guard !isStopped else { throw .stopped }
        identity = pair.map { TLSIdentity($0) }
        let listener = try Listener(
            loop: loop,
            endpoint: endpoint,
            joins: port,
            pace: AcceptPace(
                perSecond: settings.limits.accepts,
                burst: settings.limits.acceptBurst
            ),
            accepted: { [unowned self] descriptor, peer in adopt(descriptor, peer.text) },
            refused: { [unowned self] in counted.refused &+= 1 }
        )
        self.listener = listener
        try engine.open(
            Engine.Setup(
                protocols: [
                    EngineProtocol(name: "http", callback: httpCallback),
                    EngineProtocol(
                        name: settings.subprotocol,
                        callback: webSocketCallback,
                        receiveBuffer: Tuning.noReceiveBuffer
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
}
