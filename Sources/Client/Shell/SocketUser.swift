// SPDX-License-Identifier: Apache-2.0

import VestibuleTransport

/// Who a connection belongs to; on its loop only.
///
/// A class, not a protocol, so that finding it from a connection costs no cast per frame.
class SocketUser {
    func opened(_ connection: WebSocketConnection) {}
    func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {}
    func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {}
    func closed(_ connection: WebSocketConnection) {}
}

/// Hands what happens on the connections of a loop to their users.
///
/// A connection's context is its user, which lives at least as long.
final class SocketDispatch: WebSocketClientHandler {
    func opened(_ connection: WebSocketConnection) { user(of: connection)?.opened(connection) }

    func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        user(of: connection)?.text(connection, bytes)
    }

    func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        user(of: connection)?.binary(connection, bytes)
    }

    // The transport closes it 1009, and `closed` follows.
    func oversized(_ connection: WebSocketConnection) {}

    // Clients send what fits, and drop the rest by their own rules.
    func writable(_ connection: WebSocketConnection) {}

    func closed(_ connection: WebSocketConnection) { user(of: connection)?.closed(connection) }

    func failed(_ connection: WebSocketConnection, reason: String) {
        user(of: connection)?.closed(connection)
    }

    private func user(of connection: WebSocketConnection) -> SocketUser? {
        connection.context.map { unsafeDowncast($0, to: SocketUser.self) }
    }
}
