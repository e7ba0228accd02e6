// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
package import VestibuleBasics
import VestibuleEventLoop

/// A TCP proxy on a loop of its own that does to connections what bad networks do.
///
/// It forwards what it is not told to hinder. Orders are lines of a small language
/// (see the room's page) or values (``Order``), and take effect while it runs, before the answer
/// comes. Any thread; whoever started it stops it.
package final class FaultProxy: Sendable {
    /// Where it listens, with the port that was chosen.
    package let place: HostPort

    /// Whatever is drawn is drawn from this.
    package let seed: UInt64

    private let core: ProxyCore

    private init(_ core: ProxyCore, _ place: HostPort) {
        self.core = core
        self.place = place
        seed = core.seed
    }

    /// Listens, and connects to `target` for each client that comes.
    ///
    /// A name is looked up once, here. `report` hears, on the proxy's loop, what came of orders
    /// that waited for their time.
    package static func start(
        listen place: HostPort = .loopback(),
        to target: HostPort,
        limits: FaultProxyLimits = FaultProxyLimits(),
        seed: UInt64 = 1,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(FaultProxyError) -> FaultProxy {
        let address = try await resolve(target)
        let loop: EventLoop
        do { loop = try EventLoop(name: "fault-proxy") } catch { throw .unavailable("\(error)") }
        let core = ProxyCore(
            loop: loop,
            target: address,
            limits: limits,
            seed: seed,
            report: report
        )
        loop.start()
        let opened = await withHandoff { continuation in
            loop.submit {
                continuation.resume(
                    returning: Result { () throws(FaultProxyError) in try core.open(place) }
                )
            }
        }
        switch opened {
        case .success(let port):
            return FaultProxy(core, HostPort(host: place.host, port: port))
        case .failure(let error):
            await loop.stop()
            throw error
        }
    }

    /// Carries a line out and answers with the line to show: `ok …`, `error …`, or nothing for an
    /// empty line or a comment.
    package func obey(_ line: String) async -> String? {
        let read: OrderLine?
        do throws(OrderError) { read = try OrderLine.read(line) } catch {
            return "error \(line.prefix(80)): \(error)"
        }
        guard let read else { return nil }
        return await on { core in core.obey(read) }
    }

    /// Carries an order out; answers what was done, in words.
    @discardableResult
    package func perform(_ order: Order) async throws(OrderError) -> String {
        let result = await on { core in
            Result { () throws(OrderError) in try core.perform(order) }
        }
        return try result.get()
    }

    /// Arranges a script; times without `+` count from the start of the proxy.
    package func play(_ script: [OrderLine]) async throws(OrderError) {
        let result = await on { core in
            Result { () throws(OrderError) in try core.play(script) }
        }
        try result.get()
    }

    /// What it has done and has in hand.
    package var status: FaultProxyStatus {
        get async { await on { core in core.status } }
    }

    /// Waits until the status is so, or the proxy has stopped.
    ///
    /// Looked at after each turn of the loop, on the loop.
    package func wait(until condition: @escaping @Sendable (FaultProxyStatus) -> Bool) async {
        await withHandoff { continuation in
            core.loop.submit { [core] in core.wait(until: condition, continuation) }
        }
    }

    /// Waits for the order `quit`, or until the proxy has stopped.
    package func waitForQuit() async {
        await withHandoff { continuation in
            core.loop.submit { [core] in core.waitForQuit(continuation) }
        }
    }

    /// Closes every socket and ends its thread; again does no harm.
    package func stop() async {
        await on { core in core.close() }
        await core.loop.stop()
    }

    private func on<Value: Sendable>(
        _ body: @escaping @Sendable (ProxyCore) -> Value
    ) async -> Value {
        await withHandoff { continuation in
            core.loop.submit { [core] in continuation.resume(returning: body(core)) }
        }
    }

    private static func resolve(
        _ place: HostPort
    ) async throws(FaultProxyError)
        -> vestibule_address
    {
        if let address = Sockets.address(place) { return address }
        let names = NameService()
        let answer: NameService.Answer = await withHandoff { continuation in
            _ = names.find(place.host) { continuation.resume(returning: $0) }
        }
        names.stop()
        switch answer {
        case .failure(let failure): throw .unknownHost(place.host, failure.reason)
        case .success(let addresses):
            guard let first = addresses.first,
                let address = Sockets.address(HostPort(host: first, port: place.port))
            else { throw .unknownHost(place.host, "nobody is called so") }
            return address
        }
    }
}
