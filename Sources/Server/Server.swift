// SPDX-License-Identifier: Apache-2.0

public import Logging
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
public import VestibuleNotifier
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleSwitchboard
import VestibuleTransport

/// A Vestibule server: services started in order, stopped in reverse.
///
///     let server = try await Server(configuration: configuration, notifiers: [MyNotifier()])
///     try await server.start()
///     print(server.url)
public actor Server {
    let configuration: ServerConfiguration
    let logger: Logger
    let givenNotifiers: [any Notifier]
    private(set) var running: Running?

    /// What runs between start and stop.
    struct Running {
        let store: SQLiteStore
        let exchange: Exchange
        let pushRoom: PushRoom
        let stations: [Station]
        let desks: [SocketDesk]
        let transports: [TransportServer]
        let tasks: [Task<Void, Never>]
        let gateway: WebhookGateway?
        let port: Int
        let directoryVersion: Int64
    }

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

    /// Opens the store, rebuilds what was under way, then listens.
    public func start() async throws {
        precondition(running == nil, "a server is started once")
        try refuseOpenListening()
        let store = try await openStore()
        do {
            running = try await start(with: store)
        } catch {
            await store.close()
            throw error
        }
        watcher = watchDirectory()
        logger.info("ready", metadata: ["url": "\(url)"])
    }

    private var watcher: Task<Void, Never>?

    /// Where it listens, such as `ws://127.0.0.1:8080`; empty before it does.
    public var url: String {
        guard let running else { return "" }
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "\(configuration.tls == nil ? "ws" : "wss")://\(host):\(running.port)"
    }

    /// The port it listens on; 0 before it does.
    public var port: Int { running?.port ?? 0 }

    /// Tells everybody, closes within ``TransportLimits/shutdown``, writes what waits.
    public func stop() async {
        guard let running else { return }
        self.running = nil
        watcher?.cancel()
        await watcher?.value
        await closeSockets(of: running)
        await endPushes(of: running)
        await running.gateway?.shutdown()
        for transport in running.transports { await transport.stop() }
        await running.store.close()
        for station in running.stations { await station.loop.stop() }
        logger.info("stopped")
    }

    /// What waits is given up; what is under way has half a second, then it is given up too.
    private func endPushes(of running: Running) async {
        running.pushRoom.close()
        let patience = Task {
            try await Task.sleep(for: .milliseconds(500))
            for task in running.tasks { task.cancel() }
        }
        for task in running.tasks { await task.value }
        patience.cancel()
    }

    /// Reads certificate and key again; a bad pair keeps the old one and is said.
    public func reload() async {
        guard let running, configuration.tls != nil else { return }
        for transport in running.transports {
            do {
                try await transport.reloadTLS()
                logger.info("certificate read again")
            } catch {
                logger.error("the certificate stays as it was: \(error)")
            }
        }
    }

    // MARK: Starting

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

    private func start(with store: SQLiteStore) async throws -> Running {
        let limits = configuration.limits
        let directory = DirectorySnapshot(try await store.directory())
        let now = EventLoop.readNow()
        let restored = try await store.restore(
            RestoreSpan(
                tombstonesSince: now.time + (.zero - limits.session.tombstone),
                keysSince: now.time + (.zero - max(limits.door.key, limits.door.lateResult))
            )
        )
        let exchange = Exchange(limits: limits)
        let loops = try (0..<configuration.loops).map {
            try EventLoop(name: "loop-\($0)", pace: configuration.pace)
        }
        let gateway = try configuration.webhook.map { try WebhookGateway($0, on: loops[0]) }
        let pushRoom = PushRoom(
            ways: ways(over: gateway),
            limits: limits.push,
            clock: { EventLoop.readNow() },
            ledger: store
        )
        let tasks = [Task { await pushRoom.run() }]
        let mailroom = Mailroom()
        let stations = loops.enumerated().map { index, loop in
            let board = Board(
                index: BoardIndex(index),
                limits: limits,
                directory: directory,
                exchange: exchange,
                ledger: store,
                postbox: mailroom,
                push: pushRoom,
                hash: { CredentialHash(Digest256.sha256(of: $0).bytes) },
                random: SystemRandomNumberGenerator()
            )
            return Station(loop: loop, board: board, limits: limits.media)
        }
        mailroom.open(stations)
        for station in stations { station.loop.start() }
        let adoptions = exchange.restore(restored, boards: stations.count, at: now)
        for (station, adoption) in zip(stations, adoptions) {
            await station.begin(adopting: adoption)
        }
        let scrape = Scrape(
            store: store,
            exchange: exchange,
            pushRoom: pushRoom,
            stations: stations,
            startedAt: now.moment
        )
        do {
            let (desks, transports) = try await listen(stations, scrape)
            let port = try await transports.first?.port ?? 0
            return Running(
                store: store,
                exchange: exchange,
                pushRoom: pushRoom,
                stations: stations,
                desks: desks,
                transports: transports,
                tasks: tasks,
                gateway: gateway,
                port: port,
                directoryVersion: directory.version
            )
        } catch {
            pushRoom.close()
            for task in tasks { await task.value }
            await gateway?.shutdown()
            for station in stations { await station.loop.stop() }
            throw error
        }
    }
}
