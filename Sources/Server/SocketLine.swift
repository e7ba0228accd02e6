// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleSwitchboard
import VestibuleTransport

/// A board's line over a real WebSocket; on the loop only.
final class SocketLine: Line {
    /// Lives as long as the line: the transport holds the line in the connection's context.
    private unowned(unsafe) let connection: WebSocketConnection
    private let limits: SessionLimits

    init(_ connection: WebSocketConnection, relay: Relay, limits: SessionLimits, at now: Moment) {
        self.connection = connection
        self.limits = limits
        super.init(relay: relay, at: now)
        connection.textLimit = limits.helloMessage
        connection.binaryLimit = limits.helloMessage
    }

    override var lastReceived: Moment {
        get { connection.lastReceived }
        set {}
    }

    override func write(text: UnsafeRawBufferPointer) { connection.send(text: text) }

    override func write(frame: UnsafeRawBufferPointer, flags: UInt8) {
        connection.send(binary: frame, flags: flags)
    }

    override var hasRoom: Bool { connection.hasRoom }

    override var heldBytes: Int { connection.unsentBytes }

    override var heldSince: Moment? { connection.unsentSince }

    override func requestRoom() { connection.requestWritable() }

    override func careful(_ isWanted: Bool) { connection.isCareful = isWanted }

    override func ping() { connection.ping() }

    override func close(code: UInt16, reason: String) {
        connection.close(code: code, reason: reason)
    }

    override func drop() { connection.drop() }

    override func open() {
        connection.textLimit = limits.message
        connection.binaryLimit = limits.frame
    }
}
