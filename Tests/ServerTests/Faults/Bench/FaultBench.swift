// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleClient
import VestibuleFaultProxy
import VestibuleServer
import VestibuleStorage
import VestibuleTransport
import VestibuleWire

/// A server in this process, proxies before it, and clients behind them.
final class FaultBench: Sendable {
    let server: TestServer
    let runtime: ClientRuntime
    private let proxies: Proxies

    fileprivate init(_ server: TestServer, _ runtime: ClientRuntime, _ proxies: Proxies) {
        self.server = server
        self.runtime = runtime
        self.proxies = proxies
    }

    var clients: Clients { server.clients }
    var building: TestBuilding { server.building }

    /// A proxy before the server; a small `receiveBuffer` makes a slow line felt at once.
    func proxy(seed: UInt64 = 1, receiveBuffer: Int? = nil) async throws -> FaultProxy {
        try await proxies.start(to: server.port, seed: seed, receiveBuffer: receiveBuffer)
    }

    func access(_ principal: Principal, by proxy: FaultProxy) -> Access {
        Access(
            principal: principal,
            token: building.token(principal),
            url: "ws://127.0.0.1:\(proxy.place.port)"
        )
    }

    func panel(_ number: Int, by proxy: FaultProxy) async throws -> DoorPanel {
        let access = access(building.panel(number), by: proxy)
        return try await DoorPanel.connect(access, runtime, clients.loop)
    }

    func phone(_ number: Int, ofUnit unit: Int, by proxy: FaultProxy) async throws -> Phone {
        let access = access(building.device(number, ofUnit: unit), by: proxy)
        return try await Phone.connect(access, runtime, clients.loop)
    }

    /// A socket through a proxy that has not said hello.
    func socket(by proxy: FaultProxy, reaction: Peer.Reaction? = nil) async throws -> Peer {
        let peer = Peer(clients, reaction: reaction)
        try await peer.connect(
            to: WebSocketTarget(
                isSecure: server.target.isSecure,
                host: "127.0.0.1",
                port: proxy.place.port
            )
        )
        try await peer.isOpen()
        return peer
    }

    /// A socket of this principal through a proxy, welcomed.
    func peer(
        _ principal: Principal,
        by proxy: FaultProxy,
        resume: Resume? = nil,
        reaction: Peer.Reaction? = nil
    ) async throws -> Peer {
        let peer = try await socket(by: proxy, reaction: reaction)
        try await peer.hello(building.token(principal), as: principal.text, resume: resume)
        return peer
    }

    /// Waits until the server has no socket of a client left.
    func isEmpty() async throws {
        try await clients.eventually("the server's last socket is gone") {
            LoopFinder.sockets(ofServerOn: server.port).isEmpty
        }
    }
}

/// Proxies that end with their test.
final class Proxies: Sendable {
    private let running = Locked<[FaultProxy]>([])

    func start(
        to port: Int,
        seed: UInt64 = 1,
        receiveBuffer: Int? = nil
    ) async throws -> FaultProxy {
        var limits = FaultProxyLimits()
        limits.receiveBuffer = receiveBuffer
        let proxy = try await FaultProxy.start(to: .loopback(port), limits: limits, seed: seed)
        running.withLock { $0.append(proxy) }
        return proxy
    }

    func stop() async {
        for proxy in running.withLock({ $0 }) { await proxy.stop() }
    }
}

/// Runs `body` with a server whose limits bear what tests with faults do, and takes all down after.
func withFaults(
    loops: Int = 1,
    _ shape: BuildingShape = BuildingShape(),
    papers: Papers? = nil,
    configuration change: (inout ServerConfiguration) -> Void = { _ in },
    limits shorten: (inout Limits) -> Void = { _ in },
    _ body: (FaultBench) async throws -> Void
) async throws {
    try await withServer(
        loops: loops,
        TestBuilding(shape),
        papers: papers,
        configuration: change,
        limits: {
            $0.transport.unauthenticatedPerAddress = 1_000
            shorten(&$0)
        }
    ) { server in
        let runtime = try await ClientRuntime.start()
        let proxies = Proxies()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(FaultBench(server, runtime, proxies)))
        } catch {
            result = .failure(error)
        }
        await runtime.stop()
        await proxies.stop()
        try result.get()
    }
}

extension FaultProxy {
    /// Carries an order out that is right.
    func order(_ line: String) async throws {
        let answer = await obey(line)
        guard answer?.hasPrefix("ok ") == true else { throw OrderError(answer ?? "no order") }
    }

    /// The connection that was accepted last and is not over.
    func newest() async throws -> Int {
        guard let last = await status.connections.last else {
            throw Disappointment("no connection through the proxy")
        }
        return last.number
    }

    /// Whether both ends of a connection are still carried through.
    func isOpen(_ number: Int) async -> Bool {
        await status.connections.contains { $0.number == number && $0.phase == "open" }
    }
}
