// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleHTTPClient
import VestibuleTestKit

/// A client on a loop of its own and a server that does as it is told.
struct Bench: Sendable {
    let client: HTTPClient
    let server: ScriptedServer

    /// Lends a bench, and takes everything down afterwards.
    ///
    /// The server is `hook.example`.
    static func lend(
        policy: (UInt16) -> AddressPolicy = { _ in .provider },
        resolver: any HostResolver = FixedResolver(["hook.example": [.v4(0x7F00_0001)]]),
        capacity: Int = 512,
        script: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply = { _ in
            .answer(204)
        },
        _ body: (Bench) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let server = ScriptedServer(script)
        let client = HTTPClient(
            loop: loop,
            policy: policy(server.port),
            resolver: resolver,
            capacity: capacity
        )
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(Bench(client: client, server: server)))
        } catch {
            outcome = .failure(error)
        }
        await client.shutdown()
        await server.stop()
        await loop.stop()
        try outcome.get()
    }

    func call(_ path: String = "/", _ change: (inout HTTPCall) -> Void = { _ in }) -> HTTPCall {
        var call = HTTPCall(
            url: "http://hook.example:\(server.port)\(path)",
            deadline: .seconds(30),
            allowsPlain: true
        )
        change(&call)
        return call
    }

    /// Why the call has no answer; nil if it has one.
    func fault(_ call: HTTPCall) async -> HTTPClientError? {
        do {
            _ = try await client.perform(call)
            return nil
        } catch {
            return error
        }
    }
}

/// Never answers.
struct SilentResolver: HostResolver {
    func resolve(
        _ host: String,
        _ found: @escaping @Sendable (Result<[IPAddress], NameFailure>) -> Void
    ) -> NameLookup { NameLookup() }
}

/// Fails.
struct FailingResolver: HostResolver {
    func resolve(
        _ host: String,
        _ found: @escaping @Sendable (Result<[IPAddress], NameFailure>) -> Void
    ) -> NameLookup {
        found(.failure(NameFailure("no name server")))
        return NameLookup()
    }
}

/// Hands the question to the test, which answers when it likes.
struct HeldResolver: HostResolver {
    typealias Found = @Sendable (Result<[IPAddress], NameFailure>) -> Void

    private let questions = AsyncStream<Found>.makeStream()
    private let drops = Locked(0)

    func resolve(_ host: String, _ found: @escaping Found) -> NameLookup {
        questions.continuation.yield(found)
        let drops = drops
        return NameLookup { drops.withLock { $0 += 1 } }
    }

    /// Lookups that were taken back.
    var dropped: Int { drops.withLock { $0 } }

    /// The next question's answer-taker.
    func asked() async -> Found {
        for await found in questions.stream { return found }
        preconditionFailure("the stream does not end")
    }
}
