// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCrypto
import VestibuleEventLoop
import VestibuleNotifier
import VestibuleSQLiteStore
import VestibuleServer
import VestibuleStorage
import VestibuleTransport
import VestibuleWire

/// A server in this process over a seeded folder of its own, on a free port of loopback.
final class TestServer: Sendable {
    let building: TestBuilding
    let folder: String
    let clients: Clients
    private let configuration: ServerConfiguration
    private let notifiers: [any Notifier]
    private let running = Locked<(server: Server, port: Int)?>(nil)

    fileprivate init(
        building: TestBuilding,
        folder: String,
        clients: Clients,
        configuration: ServerConfiguration,
        notifiers: [any Notifier]
    ) {
        self.building = building
        self.folder = folder
        self.clients = clients
        self.configuration = configuration
        self.notifiers = notifiers
    }

    var port: Int { running.withLock { $0?.port ?? 0 } }

    var target: WebSocketTarget {
        WebSocketTarget(isSecure: configuration.tls != nil, host: "127.0.0.1", port: port)
    }

    /// Starts it, on its port of before where it had one.
    func start(port: Int = 0) async throws {
        var configuration = configuration
        configuration.port = port
        let server = Server(configuration: configuration, notifiers: notifiers)
        try await server.start()
        let taken = await server.port
        running.withLock { $0 = (server, taken) }
    }

    func stop() async {
        let server = running.withLock { running in
            defer { running = nil }
            return running?.server
        }
        await server?.stop()
    }

    func reload() async { await running.withLock { $0?.server }?.reload() }

    // MARK: Sockets

    /// A socket that has not said hello.
    func socket() async throws -> Peer {
        let peer = Peer(clients)
        try await peer.connect(to: target)
        try await peer.isOpen()
        return peer
    }

    /// A socket of this principal that was welcomed.
    func connect(
        _ principal: Principal,
        resume: Resume? = nil,
        media: MediaAbilities? = nil
    ) async throws -> Peer {
        let peer = try await socket()
        try await peer.hello(
            building.token(principal),
            as: principal.text,
            resume: resume,
            media: media
        )
        return peer
    }

    func panel(_ number: Int = 0) async throws -> Peer { try await connect(building.panel(number)) }

    func device(_ number: Int = 0, ofUnit unit: Int = 0) async throws -> Peer {
        try await connect(building.device(number, ofUnit: unit))
    }

    /// A call between a panel and the first device of a unit, whom no one else's fault may concern.
    func talk(panel: Int = 0, unit: Int = 0) async throws -> Talk {
        let (door, device) = (try await self.panel(panel), try await self.device(ofUnit: unit))
        return try await Talk.begin(door, calls: building.unit(unit), device)
    }

    // MARK: What it leaves behind

    func metrics() async throws -> Metrics {
        let (status, page) = try await RawSocket.get("/metrics", port: port)
        guard status == 200 else { throw Disappointment("/metrics answered \(status)") }
        return Metrics(page)
    }

    /// Reads the store beside the running server, as a tool does.
    func store<Result>(
        _ body: (SQLiteStore) async throws -> Result
    ) async throws -> Result {
        let store = try await SQLiteStore.open(folder: folder, limits: Limits(), access: .tool)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    /// Runs `body` while another process, as it were, keeps the store from being written.
    func whileLocked<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await store { blocker in
            try await blocker.withWriter { (connection) throws(StoreError) in
                try connection.execute("BEGIN IMMEDIATE")
            }
            let result = try await body()
            try await blocker.withWriter { (connection) throws(StoreError) in
                try connection.execute("ROLLBACK")
            }
            return result
        }
    }

    /// The one call there is in history.
    func onlyCall() async throws -> CallRecord {
        let calls = try await store { try await $0.calls(CallQuery()) }
        guard let call = calls.first, calls.count == 1 else {
            throw Disappointment("\(calls.count) calls in history")
        }
        return call
    }
}

/// Runs `body` with a server that serves `building`; folder, server and sockets are gone after it.
func withServer(
    loops: Int = 1,
    _ building: TestBuilding = TestBuilding(),
    papers: Papers? = nil,
    notifiers: [any Notifier] = [],
    configuration change: (inout ServerConfiguration) -> Void = { _ in },
    limits shorten: (inout Limits) -> Void = { _ in },
    _ body: (TestServer) async throws -> Void
) async throws {
    let scratch = try ScratchFolder()
    defer { scratch.remove() }
    try await building.save(to: scratch.path)
    var configuration = ServerConfiguration(data: scratch.path)
    configuration.loops = loops
    configuration.limits = .patient
    shorten(&configuration.limits)
    if let papers {
        configuration.tls = .init(certificate: papers.certificate, key: papers.key)
    }
    change(&configuration)
    let clients = try await Clients.open(trust: papers.map { .file($0.authorityFile) } ?? .system)
    let server = TestServer(
        building: building,
        folder: scratch.path,
        clients: clients,
        configuration: configuration,
        notifiers: notifiers
    )
    var failure: (any Error)?
    do {
        try await server.start()
        try await body(server)
    } catch {
        failure = error
    }
    await server.stop()
    await clients.close()
    if let failure { throw failure }
}

extension Limits {
    /// The defaults, but for what a machine that does much else may miss: a test of those sets
    /// them itself.
    static var patient: Limits {
        var limits = Limits()
        limits.ledger.patience = .seconds(5)
        limits.ledger.watch = .milliseconds(100)
        limits.media.age = .seconds(5)
        limits.overload.seconds = 1_000
        return limits
    }
}

/// A folder that is gone with the test.
struct ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "vestibule-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
