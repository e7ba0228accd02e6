// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleWebSockets
package import VestibuleBasics
package import VestibuleEventLoop

/// One WebSocket, of a server or of a client: the core that media passes through.
///
/// Loop-confined and not Sendable. What is sent in a turn is framed into one buffer and written
/// once at the end of that turn; nothing is ever written while part of the last write is left. The
/// object may outlive the socket: sending then does nothing.
///
/// Libwebsockets accepts, secures and shakes hands. A server's connection is then read and written
/// here (``Pipe``), as media has no room for a second buffer, a second queue and two more calls a
/// frame; a client's stays with libwebsockets.
package final class WebSocketConnection: LoopSocket {
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
    package var reference: UnsafeMutableRawPointer? {
        get { handlerPointer }
        set { handlerPointer = newValue }
    }

    // Stored apart from what other rooms see: a property that they could be changing costs a check
    // of exclusive access for each frame.
    private var handlerPointer: UnsafeMutableRawPointer?

    /// The peer's numeric address, without port; a client's is empty while its host is looked up.
    package internal(set) var remoteAddress: String

    /// Bytes of a text and of a binary message that are still taken; may be changed while open.
    package var textLimit: Int {
        get { mostText }
        set { mostText = newValue }
    }
    package var binaryLimit: Int {
        get { mostBinary }
        set { mostBinary = newValue }
    }
    var mostText: Int
    var mostBinary: Int

    /// The code of the peer's close frame: 1005 if it named none, nil if none came.
    package internal(set) var peerCloseCode: UInt16?

    /// The reason in the peer's close frame.
    package internal(set) var peerCloseReason = ""

    /// To a peer that is known to be slow: what is half written cannot be taken back, so that
    /// nothing is begun which the kernel may leave.
    package var isCareful: Bool {
        get { givesLittle }
        set { givesLittle = newValue }
    }
    private var givesLittle = false

    // The engine lives until all its connections are closed, and `wsi` is nil from then on.
    unowned(unsafe) let engine: Engine
    var wsi: OpaquePointer?
    var phase = Phase.connecting
    var wasOpen = false
    let masks: Bool
    var output: ByteBuffer?
    var isTouched = false

    /// What is read and written without libwebsockets; nil in a client.
    var pipe: Pipe?

    /// The beginning of a frame of which the rest has not come.
    var partial: ByteBuffer?

    /// A message of which the last fragment has not come.
    var gathered: ByteBuffer?
    var gatheredIsBinary = false

    /// A write of which the socket has not taken the rest.
    var leftover: ByteBuffer?
    var leftoverSent = 0
    var watchesRoom = false

    /// It brings media, and stands in the front row of its loop.
    var isInFront = false

    /// The payload of the latest ping, which is answered at the end of a turn with room.
    var owedPong: [UInt8]?

    /// Bytes that come and are not looked at: the rest of a frame that was refused.
    var toSkip = 0

    /// The connection ends when nothing is left to be sent: both sides have said that they close.
    var dropsWhenSent = false

    /// Reads in the next turn what TLS has read ahead.
    var readAgain: TimerToken?

    /// Nothing that the peer sends is looked at any more.
    var isDeaf = false
    var isPartial = false {
        didSet { if isPartial, !oldValue { partialSince = engine.moment } }
    }

    /// Since when ``isPartial`` is, or was.
    private var partialSince = Moment(nanoseconds: 0)
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
        mostText = textLimit
        mostBinary = binaryLimit
        received = engine.moment
        super.init()
    }

    package override func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) { becameWritable() }
        // Who reads in this turn anyway is not to read twice.
        if readiness.contains(.readable), readAgain == nil { readInput() }
        engine.flushTouched()
    }

    /// When what a server's connection is telling of came: the moment of the turn, which costs no
    /// reading of the clock per frame.
    package var arrival: Moment { received }

    /// Whether messages can be sent.
    package var isOpen: Bool { phase == .open }

    /// When the peer last sent anything, pongs included.
    ///
    /// Of a client the kernel is asked too beyond two seconds of silence, because libwebsockets
    /// answers a peer's pings without telling us.
    package var lastReceived: Moment {
        guard masks else { return received }
        let now = EventLoop.readMoment()
        guard now - received > .seconds(2), let wsi else { return received }
        let silence = vestibule_milliseconds_since_data(lws_get_socket_fd(wsi))
        return silence < 0 ? received : max(received, now - .milliseconds(silence))
    }

    /// Whether a sender may add a frame now: nothing is left of the last write, and this turn's
    /// output is below 32 KiB.
    ///
    /// To a careful one little is given at a time, and only where the kernel says that it takes it.
    package var hasRoom: Bool {
        guard phase == .open, !isPartial else { return false }
        return givesLittle ? hasSureRoom : (output?.count ?? 0) < Tuning.turnOutput
    }

    /// The kernel tells of room when less than half of the low water is unsent, and takes as much
    /// again then.
    private var hasSureRoom: Bool {
        if let output, output.count > 0 { return output.count < engine.limits.notSentLowWater / 2 }
        return pipe.map { vestibule_is_writable($0.descriptor) != 0 } ?? true
    }

    /// Bytes of this turn plus what is left of the last write (in a client all of that write, as
    /// libwebsockets does not say how much it holds).
    package var unsentBytes: Int {
        (output?.count ?? 0) + heldBytes + (leftover.map { $0.count - leftoverSent } ?? 0)
    }

    /// Since when a part of a write is left, in the turn's time; nil where none is.
    package var unsentSince: Moment? { isPartial ? partialSince : nil }

    /// Asks for one `writable` when there is room.
    package func requestWritable() {
        guard let wsi, phase == .open, !wantsWritable else { return }
        wantsWritable = true
        if pipe != nil { return watchRoom(true) }
        // After a part was left, libwebsockets comes back by itself.
        if !isPartial { lws_callback_on_writable(wsi) }
    }
}
