// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport
import VestibuleWire

/// The thread on which clients live: one serves any number of them.
///
/// ``Panel`` and ``Resident`` make one of their own where they are given none.
public final class ClientRuntime: Sendable {
    let loop: EventLoop
    let sockets: WebSocketClient

    private init(loop: EventLoop, sockets: WebSocketClient) {
        self.loop = loop
        self.sockets = sockets
    }

    /// Starts the thread.
    public static func start(
        trust: ServerTrust = .system
    ) async throws(ClientError) -> ClientRuntime {
        let loop: EventLoop
        do {
            loop = try EventLoop(name: "client")
        } catch {
            throw .unavailable(error.description)
        }
        loop.start()
        do {
            let sockets = try await loop.run {
                try WebSocketClient(
                    loop: loop,
                    trust: trust.transport,
                    subprotocol: WireProtocol.subprotocol,
                    handler: SocketDispatch()
                )
            }
            return ClientRuntime(loop: loop, sockets: sockets)
        } catch {
            await loop.stop()
            throw .unavailable(String(describing: error))
        }
    }

    /// Ends every connection and the thread.
    public func stop() async {
        await sockets.stop()
        await loop.stop()
    }
}
