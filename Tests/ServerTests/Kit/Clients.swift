// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// The clients' side of a test: one loop with one WebSocket client, on which all peers live.
final class Clients: Sendable {
    let loop: EventLoop
    let client: WebSocketClient

    private init(loop: EventLoop, client: WebSocketClient) {
        self.loop = loop
        self.client = client
    }

    /// Starts the loop; `trust` is for servers with TLS.
    static func open(trust: WebSocketTrust = .system) async throws -> Clients {
        let loop = try EventLoop(name: "peers")
        loop.start()
        do {
            let client = try await loop.run {
                try WebSocketClient(loop: loop, trust: trust, handler: PeerEars())
            }
            return Clients(loop: loop, client: client)
        } catch {
            await loop.stop()
            throw error
        }
    }

    func close() async {
        await client.stop()
        await loop.stop()
    }

    /// Lets time pass, by a timer of the loop.
    func pass(_ time: Duration) async {
        await withHandoff { continuation in
            loop.submit { _ = self.loop.schedule(after: time) { continuation.resume() } }
        }
    }

    /// Sends one text over several sockets in one turn.
    func send(_ text: String, over peers: [Peer]) async throws {
        try await loop.run { for peer in peers { peer.sendNow(text) } }
    }

    /// Waits until one of them is closed; its place in the list.
    func firstClosed(of peers: [Peer]) async throws -> Int {
        try await withThrowingHandoff { continuation in
            loop.submit {
                let waiting = Locked<Handoff<Int, any Error>?>(continuation)
                func done(_ result: Result<Int, any Error>) {
                    let continuation = waiting.withLock { waiting in
                        defer { waiting = nil }
                        return waiting
                    }
                    continuation?.resume(with: result)
                }
                for (place, peer) in peers.enumerated() {
                    peer.whenClosed { done(.success(place)) }
                }
                _ = self.loop.schedule(after: Peer.patience) {
                    done(.failure(Disappointment("none of the sockets was closed")))
                }
            }
        }
    }

    /// Asks again and again until `condition` holds; for what a server tells nobody by itself.
    func eventually(
        _ what: String,
        within patience: Duration = Peer.patience,
        _ condition: () async throws -> Bool
    ) async throws {
        let deadline = EventLoop.readMoment() + patience
        while try await !condition() {
            guard EventLoop.readMoment() < deadline else { throw Disappointment("never: \(what)") }
            await pass(.milliseconds(20))
        }
    }
}

/// What a test waited for and did not get.
struct Disappointment: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Carries what a connection hears to its peer; on the loop only.
private final class PeerEars: WebSocketClientHandler {
    private func peer(_ connection: WebSocketConnection) -> Peer? { connection.context as? Peer }

    func opened(_ connection: WebSocketConnection) { peer(connection)?.hear(.opened) }

    func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        peer(connection)?.hear(text: bytes)
    }

    func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        peer(connection)?.hear(.frame(Array(bytes)))
    }

    func oversized(_ connection: WebSocketConnection) {}
    func writable(_ connection: WebSocketConnection) {}

    func closed(_ connection: WebSocketConnection) {
        peer(connection)?.hear(.closed(connection.peerCloseCode))
    }

    func failed(_ connection: WebSocketConnection, reason: String) {
        peer(connection)?.hear(.closed(nil))
    }
}
