// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
public import VestibuleWire

/// A client without sockets and clocks: inputs in, actions out.
///
/// One input is handled and all its actions are performed before the next input. Sockets are
/// numbered by the machine; what arrives on an older one than the newest is ignored. Shells
/// perform the actions: libwebsockets in the product, raw epoll in the load generator, an array in
/// the simulation.
package protocol ClientMachine: Sendable {
    /// What the person, the hardware or the program above wants.
    associatedtype Order: Sendable

    /// What is told to them.
    associatedtype Report: Sendable

    /// Takes one input and says what to do.
    mutating func handle(
        _ input: ClientInput<Order>,
        at now: Moment,
        using random: inout some RandomNumberGenerator
    ) -> [ClientAction<Report>]

    /// Media arrived, which is a sign of life; cheap enough to be called for each frame.
    mutating func heard(socket: Int, at now: Moment)

    /// When the machine wants ``ClientInput/tick``; an earlier tick does no harm.
    var nextDeadline: Moment? { get }
}

/// What happens to a client.
package enum ClientInput<Order: Sendable>: Sendable {
    /// Connect, and stay connected.
    case start

    /// Disconnect, and stay so.
    case stop

    /// A new credential, for `auth.renew` and for later connections.
    case token(Secret)

    /// The WebSocket handshake succeeded.
    case opened(socket: Int)

    /// A text message, decoded.
    case received(ServerMessage, socket: Int)

    /// A text message that could not be decoded.
    case unreadable(socket: Int)

    /// The socket is gone, or never opened; the close frame's code where there was one.
    case closed(socket: Int, code: UInt16?)

    /// The deadline may have come.
    case tick

    case order(Order)
}

/// What a shell does for a client.
package enum ClientAction<Report: Sendable>: Sendable {
    case connect(socket: Int)
    case send(ClientMessage, socket: Int)

    /// Close and forget: no `closed` is awaited for this socket.
    case close(socket: Int, code: UInt16)

    case report(Report)
}

extension ClientAction: Equatable where Report: Equatable {}

/// How the connection stands.
public enum ConnectionStatus: Sendable, Equatable {
    /// A socket is being opened, or waits for its `welcome`.
    case connecting

    /// Signalling and media flow.
    case open

    /// The connection was lost; the next try is made after this time.
    case waiting(Duration)

    /// It will not come back by itself.
    case closed(ConnectionEnd)
}

/// Why a client does not reconnect by itself.
public enum ConnectionEnd: Sendable, Equatable {
    /// It was told to stop.
    case stopped

    /// A newer socket of the same device took over (4409).
    case replaced

    /// The credential was revoked (4403).
    case revoked

    /// The credential is not good, or ran out (4401): start again with a new one.
    case notAuthenticated
}

/// Why a request has no good answer.
public enum RequestFailure: Error, Sendable, Equatable {
    /// The server said no, and why.
    case refused(Refusal)

    /// No answer came in time. Whether it was done is not known.
    case unanswered

    /// The connection ended for good before an answer came.
    case closed

    /// Too many requests wait already, or the client is in no state for it.
    case notPossible
}
