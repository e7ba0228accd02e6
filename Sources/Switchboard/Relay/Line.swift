// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics
public import VestibuleWire

/// The socket of one connection as the exchange sees it.
///
/// The server derives one over its transport, tests one over a script. Not Sendable: everything
/// here is called on the loop of its board, and nothing that a line calls on its transport may call
/// back into the line before it returned. `open`, because Swift lets nothing less be derived from
/// in another module; it is no product's interface.
open class Line {
    package final let relay: Relay

    /// Who is behind it; nil before the board took it and after it let it go.
    final var owner: Connection?

    /// When the last byte came.
    open var lastReceived: Moment

    /// The handles given to this session; it moves with the session.
    final var handles = HandleList()

    /// What this line's media goes through; nil outside a call.
    final var route: Route?

    /// The streams that this line receives: a call's, and those it previews.
    final var outlets: [Outlet] = []

    /// What waits for this receiver; nil where nothing does.
    final var lanes: Lanes?
    final var rate: ReceiverRate

    /// Whether ``rate`` has a limit.
    final var isSlow = false {
        didSet { if isSlow != oldValue { careful(isSlow) } }
    }

    /// Bytes written so far, and the last write.
    final var written = 0
    final var lastWritten = 0
    final var lastWriteAt: Moment
    final var isAwaitingRoom = false

    /// Since when the transport has had no room.
    final var stuckSince: Moment?

    /// Since when none of the signalling was taken; nil where none is under way.
    final var controlSince: Moment?
    final var isWatched = false
    final var isGone = false

    /// The board was told to close it.
    final var isCondemned = false

    private final var frames: Bucket
    private final var bits: Bucket

    /// A line of the board whose relay this is.
    package init(relay: Relay, at now: Moment) {
        self.relay = relay
        lastReceived = now
        lastWriteAt = now
        let limits = relay.limits.session
        frames = Bucket(perSecond: limits.framesPerSecond, burst: limits.mediaBurst)
        bits = Bucket(perSecond: limits.bitsPerSecond, burst: limits.mediaBurst)
        rate = ReceiverRate(most: limits.bitsPerSecond)
    }

    deinit {
        for outlet in outlets { outlet.line = nil }
        route?.line = nil
    }

    // MARK: For the transport to override

    /// Sends a whole text message; called only while there is room, or right before ``close(code:reason:)``.
    open func write(text: UnsafeRawBufferPointer) { abstract() }

    /// Sends a received media frame with `flags` in place of its byte 1.
    open func write(frame: UnsafeRawBufferPointer, flags: UInt8) { abstract() }

    /// Whether a write would be taken now; false while earlier bytes are stuck in the transport.
    open var hasRoom: Bool { abstract() }

    /// Bytes that the transport holds and has not handed to the kernel.
    open var heldBytes: Int { 0 }

    /// Since when the transport holds the rest of a write; nil where it holds none.
    open var heldSince: Moment? { nil }

    /// Asks for one ``roomMade(at:)`` as soon as there is room, never inside this call.
    open func requestRoom() { abstract() }

    /// The receiver is known to be slow, or is not any more: what is given to its transport should
    /// not wait there.
    open func careful(_ isWanted: Bool) {}

    /// Sends a WebSocket ping.
    open func ping() { abstract() }

    /// Closes with a WebSocket close code; what waits is forgotten.
    open func close(code: UInt16, reason: String) { abstract() }

    /// Closes without a word.
    open func drop() { abstract() }

    /// Says something to the peer; a line of tests may look at it before it is bytes.
    open func tell(_ message: ServerMessage, at now: Moment) {
        send(control: message.encoded(), at: now)
    }

    /// The session is open: messages and frames of its limits may come.
    open func open() {}

    private final func abstract() -> Never {
        preconditionFailure("a line writes through the transport that derives it")
    }

    // MARK: What a session may send

    /// Charges a frame to the budget of this session.
    @inline(__always)
    final func affords(_ size: Int, at now: Moment) -> Bool {
        frames.take(1, at: now) && bits.take(size &* 8, at: now)
    }

    /// The stream with this handle that this line receives.
    final func outlet(for handle: UInt32) -> Outlet? {
        for outlet in outlets where outlet.port.handle == handle { return outlet }
        return nil
    }

    /// Frames of media that wait.
    package final var waitingFrames: Int {
        lanes.map { $0.audio.count + $0.video.count } ?? 0
    }

    /// Bytes of media that wait.
    package final var waitingBytes: Int { lanes?.mediaBytes ?? 0 }

    /// Bytes of signalling that wait.
    package final var waitingSignalling: Int { lanes?.control.bytes ?? 0 }
}
