// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Where a server listens.
package struct ServerEndpoint: Sendable, Equatable {
    /// A numeric address, `localhost`, or `*` for every address.
    package var host: String

    /// 0 takes any free port.
    package var port: Int

    /// TLS if there are files.
    package var tls: TLSFiles?

    package init(host: String, port: Int, tls: TLSFiles? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    /// Whether nobody but this machine can reach it.
    package var isLoopback: Bool { host == "localhost" || SocketAddress.isLoopback(host) }
}

/// What a server has counted since its start.
package struct TransportCounters: Sendable, Equatable {
    /// Sockets taken from the listener, and those hung up on: more than may be of one address or
    /// in all, or no descriptor left for them.
    package var accepted: UInt64 = 0
    package var refused: UInt64 = 0

    /// WebSocket handshakes refused (another path, another subprotocol, malformed).
    package var handshakesRefused: UInt64 = 0

    /// Sockets open now, and how many of them are WebSockets.
    package var open = 0
    package var webSockets = 0

    /// HTTP requests handed to the handler, and those whose handler did not answer in time.
    package var requests: UInt64 = 0
    package var requestsOverdue: UInt64 = 0

    /// Requests whose answer is not out yet; those with a streamed answer, which ends when it
    /// likes, are not counted any more once that has begun.
    package var requestsInFlight = 0

    /// Payload bytes received, and framed bytes sent.
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0

    package init() {}

    /// What a server that stops should still wait for: WebSockets and requests in flight.
    package var unfinished: Int { webSockets + requestsInFlight }
}

/// What a server is made with.
package struct ServerSettings: Sendable {
    package var limits: TransportLimits

    /// The one WebSocket path and subprotocol that are served.
    package var path = "/v1/connect"
    package var subprotocol = "vestibule.v1"

    /// Limits of a connection until its handler sets others.
    package var textLimit = 8_192
    package var binaryLimit = 0

    package init(limits: TransportLimits = TransportLimits()) {
        self.limits = limits
    }
}
