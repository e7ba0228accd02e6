// SPDX-License-Identifier: Apache-2.0

public import Logging
import VestibuleBasics
import VestibuleEventLoop
public import VestibuleNotifier
import VestibuleSQLiteStore
import VestibuleTransport

/// A Vestibule server: services started in order, stopped in reverse.
///
///     let server = Server(configuration: configuration, notifiers: [MyNotifier()])
///     try await server.start()
///     print(await server.url)
public actor Server {
    /// Where a server is in its life; it goes through it once.
    ///
    ///     idle → starting → running → stopping → stopped
    ///
    /// A start that fails leads back to `idle`; a stop leads on from everywhere.
    public enum Phase: Sendable {
        case idle
        case starting
        case running
        case stopping
        case stopped
    }

    /// The phase, with all that is only true in it.
    private enum State {
        case idle
        case starting
        case running(Running, watcher: Task<Void, Never>)
        case stopping
        case stopped
    }

    let configuration: ServerConfiguration
    let logger: Logger
    let givenNotifiers: [any Notifier]
    private var state = State.idle

    /// Who waits for the end.
    private var mourners: [Handoff<Void, Never>] = []

    /// A server that is not started yet.
    ///
    /// `notifiers` deliver to every device, beside those that the configuration names.
    public init(
        configuration: ServerConfiguration,
        notifiers: [any Notifier] = [],
        logger: Logger = Logger(label: "vestibule")
    ) {
        self.configuration = configuration
        self.logger = logger
        givenNotifiers = notifiers
    }

    /// Where the server is in its life.
    public var phase: Phase {
        switch state {
        case .idle: .idle
        case .starting: .starting
        case .running: .running
        case .stopping: .stopping
        case .stopped: .stopped
        }
    }

    /// What runs, while it runs.
    var running: Running? {
        if case .running(let running, _) = state { running } else { nil }
    }

    /// Where it listens, such as `ws://127.0.0.1:8080`; empty unless it runs.
    public var url: String {
        guard let running else { return "" }
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "\(configuration.tls == nil ? "ws" : "wss")://\(host):\(running.port)"
    }

    /// The port it listens on; 0 unless it runs.
    public var port: Int { running?.port ?? 0 }

    // MARK: Starting

    /// Opens the store, takes the port, rebuilds what was under way, then accepts.
    ///
    /// Nobody is rung or told anything before the port is this server's. Throws ``ServerError``,
    /// ``ConfigurationError`` or what the transport says, each one line for the operator; then
    /// nothing is left open. Throws ``ServerError/stopped`` where ``stop()`` came meanwhile, and
    /// ``ServerError/startedBefore`` unless the server is idle.
    public func start() async throws {
        switch state {
        case .idle: state = .starting
        case .starting, .running: throw ServerError.startedBefore
        case .stopping, .stopped: throw ServerError.stopped
        }
        do {
            let running = try await makeRunning()
            guard case .starting = state else {
                await running.end()
                throw ServerError.stopped
            }
            let watcher = watchDirectory(from: running.directoryVersion)
            state = .running(running, watcher: sweep(running.store, beside: watcher))
        } catch {
            guard case .starting = state else {
                end()
                throw ServerError.stopped
            }
            state = .idle
            throw error
        }
        logger.info("ready", metadata: ["url": "\(url)"])
    }

    private func makeRunning() async throws -> Running {
        try refuseOpenListening()
        let store = try await openStore()
        do {
            try goOn()
            return try await makeRunning(over: store)
        } catch {
            await store.close()
            throw error
        }
    }

    private func makeRunning(over store: SQLiteStore) async throws -> Running {
        let past = try await Past(from: store, limits: configuration.limits)
        report(store.migration, past.restored)
        try goOn()
        var running = try assemble(over: store, past)
        running.run()
        do {
            try await bind(&running)
            try goOn()
            await running.adopt(past)
            try goOn()
            for transport in running.transports { try await transport.accept() }
            return running
        } catch {
            await running.end()
            throw error
        }
    }

    /// After each wait of a start: whether nobody has stopped it meanwhile.
    private func goOn() throws {
        guard case .starting = state else { throw ServerError.stopped }
    }

    private func refuseOpenListening() throws {
        guard configuration.tls == nil, !configuration.allowsInsecureListening,
            !ServerEndpoint(host: configuration.host, port: configuration.port).isLoopback
        else { return }
        throw ServerError.insecureListening(host: configuration.host)
    }

    private func openStore() async throws -> SQLiteStore {
        do {
            return try await SQLiteStore.open(
                folder: configuration.data,
                limits: configuration.limits,
                access: .server
            )
        } catch { throw ServerError.store(error, folder: configuration.data) }
    }

    // MARK: Stopping

    /// Tells everybody, closes within ``TransportLimits/shutdown``, writes what waits; returns when
    /// nothing is left.
    ///
    /// A start that is under way ends with ``ServerError/stopped``; a server that was never started
    /// is stopped for good.
    public func stop() async {
        switch state {
        case .idle: state = .stopped
        case .starting:
            state = .stopping
            await ended()
        case .running(let running, let watcher):
            state = .stopping
            watcher.cancel()
            await watcher.value
            await closeSockets(of: running)
            await running.end()
            end()
        case .stopping: await ended()
        case .stopped: break
        }
    }

    private func end() {
        state = .stopped
        logger.info("stopped")
        for mourner in mourners { mourner.resume() }
        mourners = []
    }

    private func ended() async {
        await withHandoff { mourners.append($0) }
    }

    /// Reads certificate and key again; a bad pair keeps the old one and is said.
    public func reload() async {
        guard let running, configuration.tls != nil else { return }
        do {
            try await TransportServer.reloadTLS(of: running.transports)
            logger.info("certificate read again")
        } catch {
            logger.error("the certificate stays as it was: \(error)")
        }
    }
}
