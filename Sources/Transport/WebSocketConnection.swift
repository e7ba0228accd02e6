// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleWebSockets
package import VestibuleBasics
import VestibuleEventLoop

/// One WebSocket, of a server or of a client: the core that media passes through.
///
/// Loop-confined and not Sendable. What is sent in a turn is framed into one buffer and written
/// once at the end of that turn; nothing is ever written while libwebsockets still holds part of
/// the last write. The object may outlive the socket: sending then does nothing.
package final class WebSocketConnection {
    enum Phase: UInt8 {
        case connecting
        case open
        /// A close frame was sent, or the connection will be dropped: input is ignored.
        case closing
        case closed
    }

    /// The handler's own object.
    package var context: AnyObject?

    /// A slot for the handler's unretained pointer, for who cannot afford a cast per frame.
    package var reference: UnsafeMutableRawPointer?

    /// The peer's numeric address, without port; a client's is empty while its host is looked up.
    package internal(set) var remoteAddress: String

    /// Bytes of a text and of a binary message that are still taken; may be changed while open.
    package var textLimit: Int
    package var binaryLimit: Int

    /// The code of the peer's close frame: 1005 if it named none, nil if none came.
    package internal(set) var peerCloseCode: UInt16?

    /// The reason in the peer's close frame.
    package internal(set) var peerCloseReason = ""

    // The engine lives until all its connections are closed, and `wsi` is nil from then on.
    unowned(unsafe) let engine: Engine
    var wsi: OpaquePointer?
    var phase = Phase.connecting
    var wasOpen = false
    let masks: Bool
    var output: ByteBuffer?
    var gathered: ByteBuffer?
    var isTouched = false
    var isPartial = false
    var heldBytes = 0
    var wantsWritable = false
    var received: Moment
    var closingTimer: TimerToken?

    /// A client's own headers, each line ended, for the request.
    var requestHeaders: [UInt8] = []

    init(engine: Engine, remoteAddress: String, masks: Bool, textLimit: Int, binaryLimit: Int) {
        self.engine = engine
        self.remoteAddress = remoteAddress
        self.masks = masks
        self.textLimit = textLimit
        self.binaryLimit = binaryLimit
        received = engine.moment
    }

    /// The moment of this turn of the loop, which costs no reading of the clock per frame; on the
    /// loop only.
    package var moment: Moment { engine.moment }

    /// Whether messages can be sent.
    package var isOpen: Bool { phase == .open }

    /// When the peer last sent anything, pongs included.
    ///
    /// Beyond two seconds of silence the kernel is asked too, because libwebsockets answers a
    /// peer's pings without telling us.
    package var lastReceived: Moment {
        let now = EventLoop.readMoment()
        guard now - received > .seconds(2), let wsi else { return received }
        let silence = vestibule_milliseconds_since_data(lws_get_socket_fd(wsi))
        return silence < 0 ? received : max(received, now - .milliseconds(silence))
    }

    /// Whether a sender may add a frame now: nothing is left of the last write, and this turn's
    /// output is below 32 KiB.
    package var hasRoom: Bool {
        phase == .open && !isPartial && (output?.count ?? 0) < Tuning.turnOutput
    }

    /// Bytes of this turn plus those of the last write if part of it is left: an upper bound, as
    /// libwebsockets does not say how much it holds.
    package var unsentBytes: Int { (output?.count ?? 0) + heldBytes }

    /// Asks for one `writable` when there is room.
    package func requestWritable() {
        guard let wsi, phase == .open, !wantsWritable else { return }
        wantsWritable = true
        // After a part was left, libwebsockets comes back by itself.
        if !isPartial { lws_callback_on_writable(wsi) }
    }
}
