// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics
import VestibuleEventLoop
import VestibuleFaultProxy

/// A proxy between clients and a listening socket, each side with a worker of its own.
struct Bench: Sendable {
    let proxy: FaultProxy
    private let near: Worker
    private let far: Worker
    private let listener: Int32

    /// Lends a bench and takes everything down afterwards.
    ///
    /// `receiveBuffer` is that of the far side: a kernel may hold 32 MB otherwise.
    static func lend(
        seed: UInt64 = 1,
        limits: FaultProxyLimits = FaultProxyLimits(),
        receiveBuffer: Int32? = nil,
        _ body: (Bench) async throws -> Void
    ) async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBuffer {
            setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        let isListening = withAddress(0) {
            bind(listener, $0, $1) == 0 && listen(listener, 512) == 0
        }
        guard isListening, let port = port(of: listener) else { throw SystemError(number: errno) }
        Peer.setPatience(.seconds(5), of: listener)
        let proxy = try await FaultProxy.start(to: .loopback(port), limits: limits, seed: seed)
        let bench = Bench(
            proxy: proxy,
            near: Worker(name: "near", capacity: 1_000),
            far: Worker(name: "far", capacity: 1_000),
            listener: listener
        )
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(bench)) } catch { outcome = .failure(error) }
        await proxy.stop()
        await bench.near.stop()
        await bench.far.stop()
        close(listener)
        try outcome.get()
    }

    /// The port that the proxy connects to.
    var target: Int { port(of: listener) ?? 0 }

    /// A client's socket to the proxy.
    func dial() async throws -> Peer {
        let (port, worker) = (proxy.place.port, near)
        return try await worker.run { try Peer.connected(to: port, on: worker) }
    }

    /// The next connection that the proxy made.
    func accept() async throws -> Peer {
        let (listener, worker) = (listener, far)
        return try await worker.run {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { throw SystemError(number: errno) }
            return Peer(descriptor, on: worker)
        }
    }

    /// Both ends of a connection through the proxy.
    func pair() async throws -> (client: Peer, server: Peer) {
        let client = try await dial()
        let server = try await accept()
        // The proxy may hear of its connect after the other side does.
        await proxy.wait { status in status.connections.allSatisfy { $0.phase == "open" } }
        return (client, server)
    }

    /// Carries a line out that is right.
    func obey(_ line: String) async throws {
        let answer = await proxy.obey(line)
        guard answer?.hasPrefix("ok ") == true else { throw OrderError(answer ?? "no order") }
    }
}

/// How long something took, on the clock that timers have.
func timed(_ body: () async throws -> Void) async rethrows -> Duration {
    let start = EventLoop.readMoment()
    try await body()
    return EventLoop.readMoment() - start
}
