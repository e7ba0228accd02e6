// SPDX-License-Identifier: Apache-2.0

/// What a server or a client does with its connections; called on their loop only.
///
/// Bytes are lent for the length of the call. A handler may send on any connection of the loop,
/// close and drop it, from every one of these calls.
package protocol WebSocketHandler: AnyObject {
    /// The handshake is done; set the connection's context and limits here.
    func opened(_ connection: WebSocketConnection)

    /// A whole text message, gathered from its fragments, UTF-8, at most `textLimit` bytes.
    func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer)

    /// A whole binary message, at most `binaryLimit` bytes.
    func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer)

    /// A message is longer than its limit; afterwards the connection is closed 1009 unless the
    /// handler closed it otherwise.
    func oversized(_ connection: WebSocketConnection)

    /// There is room again, once after each ``WebSocketConnection/requestWritable()``.
    func writable(_ connection: WebSocketConnection)

    /// The connection is gone; exactly once after `opened`, whoever ended it.
    func closed(_ connection: WebSocketConnection)
}

/// What a client's handler hears besides.
package protocol WebSocketClientHandler: WebSocketHandler {
    /// The connection could not be opened; instead of `opened` and `closed`.
    func failed(_ connection: WebSocketConnection, reason: String)
}
