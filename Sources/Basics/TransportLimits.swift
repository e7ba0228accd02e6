// SPDX-License-Identifier: Apache-2.0

/// Bounds of sockets, HTTP and shutting down.
public struct TransportLimits: Sendable, Equatable {
    /// Bytes of an HTTP request's body.
    public var body = 1024 * 1024

    /// For an HTTP request to arrive.
    public var request: Duration = .seconds(10)

    /// For an idle kept-alive connection to be used again.
    public var keepAlive: Duration = .seconds(30)

    /// For an HTTP request's handler to answer; afterwards the peer gets 503 and the handler is
    /// cancelled.
    ///
    /// Longer lets work pile up behind something that hangs.
    public var handler: Duration = .seconds(30)

    /// For 64 KiB of an HTTP response to leave.
    ///
    /// Longer lets slow readers hold memory; shorter drops poor links.
    public var response: Duration = .seconds(10)

    /// For a peer to answer our close frame, before its socket is dropped.
    ///
    /// A server that restarts (1012) gives ``shutdown`` instead: a slow reader should learn why.
    public var closing: Duration = .seconds(1)

    /// For a peer's kernel to acknowledge what was sent, or a keep-alive probe
    /// (`TCP_USER_TIMEOUT`): afterwards its socket is gone.
    public var silence: Duration = .seconds(30)

    /// From `server.restarting` to the last socket closed.
    public var shutdown: Duration = .seconds(5)

    /// Sockets that a loop takes from its listener in a second; others wait in the kernel.
    ///
    /// When everybody comes back at once, running calls go on beside it. Each costs about 0.1 ms
    /// (with TLS up to 1 ms): higher leaves them less, lower lets 10,000 wait longer.
    public var accepts = 2_000

    /// Sockets taken at once after a quiet time.
    public var acceptBurst = 256

    /// Sockets of one address on one loop that are no WebSocket, or not yet.
    ///
    /// Behind a proxy all come from one address.
    public var plainPerAddress = 256

    /// Sockets on one loop that are no WebSocket, or not yet: each costs 16 KiB of headers.
    public var plain = 4_000

    /// Sockets without a session, of one address.
    public var unauthenticatedPerAddress = 64

    /// Sockets without a session, in all.
    public var unauthenticated = 2_000

    /// Failed logins of one address in a minute before its sockets are refused for a minute.
    public var failedLogins = 30

    /// Bytes of a WebSocket that the kernel holds and has not sent (`TCP_NOTSENT_LOWAT`).
    ///
    /// Few, so that a queue stands where it can be seen and sound overtakes pictures in it. At
    /// 300 kbit/s they are half a tenth of a second.
    public var notSentLowWater = 2_048

    /// The defaults.
    public init() {}
}
