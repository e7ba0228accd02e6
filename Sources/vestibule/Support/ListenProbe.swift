// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport

/// Listens for a moment and stops: what keeps it from that is what keeps a server from it.
enum ListenProbe {
    static func run(host: String, port: Int, limits: TransportLimits) async throws {
        let loop = try EventLoop(name: "probe")
        loop.start()
        let server = TransportServer(
            loop: loop,
            endpoint: ServerEndpoint(host: host, port: port),
            settings: ServerSettings(limits: limits),
            webSockets: Nobody(),
            web: { _ in WebResponse(status: .serviceUnavailable, text: "probing\n") }
        )
        do {
            try await server.start()
        } catch {
            await loop.stop()
            throw error
        }
        await server.stop()
        await loop.stop()
    }

    private final class Nobody: WebSocketHandler {
        func opened(_ connection: WebSocketConnection) { connection.drop() }
        func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {}
        func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {}
        func oversized(_ connection: WebSocketConnection) {}
        func writable(_ connection: WebSocketConnection) {}
        func closed(_ connection: WebSocketConnection) {}
    }
}
