// SPDX-License-Identifier: Apache-2.0

/// The names and bounds that belong to the protocol itself, not to a server's configuration.
public enum WireProtocol {
    /// The path of the one WebSocket a panel or a resident's device opens.
    public static let path = "/v1/connect"

    /// What the client offers, and the server picks, in `Sec-WebSocket-Protocol`.
    public static let subprotocol = "vestibule.v1"

    /// The most bytes of UTF-8 in a message's `id`.
    public static let idLength = 64

    /// The most bytes of UTF-8 in a `key`.
    public static let keyLength = 128

    /// The most bytes of UTF-8 in a token.
    public static let tokenLength = 4096

    /// The most bytes of UTF-8 in any other text.
    public static let textLength = 1024

    /// The most bytes of a scan's payload.
    public static let scanSize = 100_000
}

/// Why a WebSocket was closed, as the code of its close frame (RFC 6455 §7.4).
public enum CloseCode: UInt16, Sendable, CaseIterable {
    /// Too much of what is no message, or of malformed media.
    case policy = 1008

    /// A message or a frame over the size limit of `welcome`.
    case tooBig = 1009

    /// The server restarts; `server.restarting` came before.
    case restarting = 1012

    /// No valid `hello` in time, or a session whose authority ran out.
    case notAuthenticated = 4401

    /// The credential was revoked: this client does not come back with it.
    case revoked = 4403

    /// No sign of life, or signalling that was not taken.
    case noSignOfLife = 4408

    /// A newer socket of the same device took over: this client does not reconnect by itself.
    case replaced = 4409

    /// Too many messages, frames or bits in spite of `rate_limited`.
    case tooMuch = 4429
}
