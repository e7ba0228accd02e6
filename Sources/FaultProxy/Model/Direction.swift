// SPDX-License-Identifier: Apache-2.0

/// The way that bytes go.
package enum Direction: String, CaseIterable, Sendable {
    /// From the client to the server.
    case up

    /// From the server to the client.
    case down

    /// The way back.
    package var opposite: Direction { self == .up ? .down : .up }
}

/// Who a socket of the proxy leads to.
package enum Side: String, CaseIterable, Sendable {
    /// Who connected to the proxy.
    case client

    /// Whom the proxy connected to.
    case server

    /// The other one.
    package var opposite: Side { self == .client ? .server : .client }

    /// The way of what this side sends.
    package var sends: Direction { self == .client ? .up : .down }
}
