// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleSwitchboard
import VestibuleTransport

/// What runs between a server's start and its stop.
struct Running {
    let store: SQLiteStore
    let exchange: Exchange
    let pushRoom: PushRoom
    let gateway: WebhookGateway?
    let stations: [Station]

    /// The transports, for who counts; filled when they are bound, emptied at the end.
    let counted = Locked<[TransportServer]>([])
    let closing: Duration
    let directoryVersion: Int64
    let started: Now

    /// One a loop, once the port is taken.
    var desks: [SocketDesk] = []
    var transports: [TransportServer] = []
    var port = 0
    private var pushes: Task<Void, Never>?

    init(
        store: SQLiteStore,
        past: Past,
        exchange: Exchange,
        pushRoom: PushRoom,
        gateway: WebhookGateway?,
        stations: [Station],
        closing: Duration
    ) {
        self.closing = closing
        self.store = store
        self.exchange = exchange
        self.pushRoom = pushRoom
        self.gateway = gateway
        self.stations = stations
        directoryVersion = past.directory.version
        started = past.now
    }

    /// Starts the loops' threads and the push desk; nothing comes in yet.
    mutating func run() {
        for station in stations { station.loop.start() }
        pushes = Task { [pushRoom] in await pushRoom.run() }
    }

    /// Takes up what was under way, each call on a board: from here on people are rung and told.
    func adopt(_ past: Past) async {
        let adoptions = exchange.restore(past.restored, boards: stations.count, at: past.now)
        for (station, adoption) in zip(stations, adoptions) {
            await station.begin(adopting: adoption)
        }
    }

    /// Ends all of it; sockets that are left are cut, what waits for the store is written.
    func end() async {
        await endPushes()
        await gateway?.shutdown()
        for transport in transports { await transport.stop() }
        counted.withLock { $0 = [] }
        await store.close()
        for station in stations { await station.loop.stop() }
    }

    /// What waits is given up; what is under way has ``PushLimits/closing``, then it is given up too.
    private func endPushes() async {
        pushRoom.close()
        guard let pushes else { return }
        let patience = Task {
            try await Task.sleep(for: closing)
            pushes.cancel()
        }
        await pushes.value
        patience.cancel()
    }
}

/// What the store says of the time before this start.
struct Past: Sendable {
    let now: Now
    let directory: DirectorySnapshot
    let restored: Restored

    init(from store: SQLiteStore, limits: Limits) async throws {
        directory = DirectorySnapshot(try await store.directory())
        now = EventLoop.readNow()
        restored = try await store.restore(RestoreSpan(limits, at: now.time))
    }
}

extension Server {
    /// Loops, boards and push room, wired together; nothing runs yet.
    func assemble(over store: SQLiteStore, _ past: Past) throws -> Running {
        let loops = try (0..<configuration.loops).map {
            try EventLoop(name: "loop-\($0)", pace: configuration.pace)
        }
        let gateway = try configuration.webhook.map { try WebhookGateway($0, on: loops[0]) }
        let pushRoom = PushRoom(
            ways: ways(over: gateway),
            limits: configuration.limits.push,
            clock: { EventLoop.readNow() },
            ledger: store
        )
        let exchange = Exchange(limits: configuration.limits)
        let mailroom = Mailroom()
        let stations = loops.enumerated().map { index, loop in
            let board = Board(
                index: BoardIndex(index),
                limits: configuration.limits,
                directory: past.directory,
                exchange: exchange,
                ledger: store,
                postbox: mailroom,
                push: pushRoom,
                hash: { CredentialHash(Digest256.sha256(of: $0).bytes) },
                random: SystemRandomNumberGenerator()
            )
            return Station(loop: loop, board: board, limits: configuration.limits)
        }
        mailroom.open(stations)
        return Running(
            store: store,
            past: past,
            exchange: exchange,
            pushRoom: pushRoom,
            gateway: gateway,
            stations: stations,
            closing: configuration.limits.push.closing
        )
    }

    /// Takes the port on every loop; nobody is let in yet.
    ///
    /// Throws a `TransportError`; what was bound is in `running`, whose end closes it.
    func bind(_ running: inout Running) async throws {
        var settings = ServerSettings(limits: configuration.limits.transport)
        settings.textLimit = configuration.limits.session.helloMessage
        settings.binaryLimit = configuration.limits.session.helloMessage
        let endpoint = ServerEndpoint(
            host: configuration.host,
            port: configuration.port,
            tls: configuration.tls.map { TLSFiles(certificate: $0.certificate, key: $0.key) }
        )
        let web = OperatorPages(scrape: Scrape(running), isPublic: configuration.publicMetrics)
        for station in running.stations {
            let desk = await station.openDesk(limits: configuration.limits.session)
            let transport = TransportServer(
                loop: station.loop,
                endpoint: endpoint,
                settings: settings,
                webSockets: desk,
                web: { request in await web.answer(request) }
            )
            try await transport.bind(sharing: running.transports.first)
            running.desks.append(desk)
            running.transports.append(transport)
        }
        running.counted.withLock { [transports = running.transports] in $0 = transports }
        running.port = try await running.transports.first?.port ?? 0
    }
}
