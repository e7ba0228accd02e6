// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleSwitchboard
import VestibuleTransport
import VestibuleWire

/// Carries what sockets do to the board of their loop.
///
/// Touched on the loop's thread only; that is what makes it Sendable.
final class SocketDesk: WebSocketHandler, @unchecked Sendable {
    private let loop: EventLoop
    private let board: Board
    private let limits: SessionLimits

    init(loop: EventLoop, board: Board, limits: SessionLimits) {
        self.loop = loop
        self.board = board
        self.limits = limits
        // The loop runs on for a moment after a start that failed has let the desk go.
        _ = loop.atEndOfTurn { [weak self] in self?.endTurn() }
    }

    private func endTurn() {
        if board.hasEndOfTurnWork { board.endTurn(at: loop.now) }
    }

    func opened(_ connection: WebSocketConnection) {
        let now = loop.now
        let line = SocketLine(connection, relay: board.relay, limits: limits, at: now.moment)
        connection.context = line
        connection.reference = Unmanaged.passUnretained(line).toOpaque()
        board.opened(line, address: connection.remoteAddress, at: now)
    }

    func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        guard let line = line(of: connection) else { return }
        board.receive(ClientMessage.decode(bytes), from: line, at: loop.now)
    }

    func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        // Held by the connection's context meanwhile.
        guard let line = connection.reference else { return }
        Unmanaged<SocketLine>.fromOpaque(line)._withUnsafeGuaranteedRef {
            board.receive(frame: bytes, from: $0, at: connection.arrival)
        }
    }

    func oversized(_ connection: WebSocketConnection) {
        guard let line = line(of: connection) else { return }
        board.oversized(line, at: loop.now)
    }

    func writable(_ connection: WebSocketConnection) {
        line(of: connection)?.roomMade(at: EventLoop.readMoment())
    }

    func closed(_ connection: WebSocketConnection) {
        guard let line = line(of: connection) else { return }
        board.closed(line, at: loop.now)
        connection.reference = nil
        connection.context = nil
    }

    /// The line behind a connection.
    private func line(of connection: WebSocketConnection) -> SocketLine? {
        connection.reference.map {
            Unmanaged<SocketLine>.fromOpaque($0).takeUnretainedValue()
        }
    }
}
