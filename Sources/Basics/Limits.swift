// SPDX-License-Identifier: Apache-2.0

/// Every bound of the server, each with what a higher or a lower value costs.
///
/// The value of a running server comes from its configuration (``settings`` names each bound that
/// can be set there); the defaults are meant for real buildings, tests shorten the times.
public struct Limits: Sendable, Equatable {
    /// A session and what its client may send.
    public var session = SessionLimits()

    /// A call.
    public var call = CallLimits()

    /// A door command.
    public var door = DoorLimits()

    /// What waits for a slow receiver.
    public var media = MediaLimits()

    /// When a loop takes no new calls.
    public var overload = OverloadLimits()

    /// The way into the store.
    public var ledger = LedgerLimits()

    /// The notifier's desk.
    public var push = PushLimits()

    /// Sockets, HTTP and shutting down.
    public var transport = TransportLimits()

    /// The defaults.
    public init() {}
}

/// Bounds of a session: hello, signs of life, what a client may send, what is kept for it.
public struct SessionLimits: Sendable, Equatable {
    /// From opening a socket to its `hello`.
    ///
    /// Longer lets strangers hold descriptors; shorter refuses phones that wake on a bad link.
    public var hello: Duration = .seconds(5)

    /// Between two pings to a quiet peer.
    ///
    /// Longer notices a dead phone later; shorter wakes radios.
    public var heartbeat: Duration = .seconds(15)

    /// Between two pings in a live call.
    public var callHeartbeat: Duration = .seconds(3)

    /// Silence after which a peer in a live call is lost.
    ///
    /// Shorter drops calls in lifts.
    public var callSilence: Duration = .seconds(8)

    /// A server that was itself stopped for longer than this waits one more round before it gives
    /// anyone up: the silence was its own.
    public var ownStall: Duration = .seconds(5)

    /// How long events, answers and tombstones of a session without a socket are kept.
    ///
    /// Longer resumes after longer tunnels; it costs the memory of a session each.
    public var resume: Duration = .seconds(300)

    /// Events kept for replay, newest last (about 300 B each).
    public var events = 256

    /// Answers kept for repeated requests.
    public var answers = 256

    /// How long an ended call stays in `welcome.calls`.
    ///
    /// Late pushes were seen after 30 s.
    public var tombstone: Duration = .seconds(300)

    /// Calls in `welcome.calls`, the newest.
    ///
    /// A broken panel rings thousands of times in five minutes; its household must still be able to
    /// connect.
    public var welcomedCalls = 32

    /// Calls of which a session remembers how much it was told, the newest.
    ///
    /// Far more than concern anybody within a tombstone's time; fewer may tell an older state after
    /// a newer one.
    public var versions = 256

    /// Messages per second from a session: a person presses a few.
    public var messagesPerSecond = 20

    /// Messages at once from a session that was quiet: what a resume sends.
    public var messageBurst = 60

    /// Media frames per second from a session: 50 audio, 30 video, reports, and a reserve.
    public var framesPerSecond = 200

    /// Media bits per second from a session.
    ///
    /// VP8 640×480 needs under 2 Mbit/s.
    public var bitsPerSecond = 4_000_000

    /// How far in advance a session may spend its frames and bits: a sender's stall of this length
    /// is delivered at once afterwards.
    ///
    /// Longer lets a flood through; shorter drops what a lift held up.
    public var mediaBurst: Duration = .seconds(1)

    /// Refusals (`rate_limited`) in 10 s after which the socket is closed 4429.
    public var refusalsBeforeClose = 100

    /// Bytes of a text message: a directory page is the largest answer, requests are far smaller.
    public var message = 65_536

    /// Bytes of the first message, from somebody who is nobody yet.
    public var helloMessage = 8_192

    /// Bytes of a media frame with its header.
    ///
    /// A VP8 key frame of 640×480 is under 100 kB.
    public var frame = 262_144

    /// Messages that were no JSON object before the socket is closed.
    public var badMessages = 10

    /// Malformed frames in 10 s before the socket is closed.
    ///
    /// A slow link delivers late, not wrong.
    public var badFrames = 50

    /// Sessions without a socket kept by one board; the oldest go first beyond it.
    public var detached = 20_000

    /// The defaults.
    public init() {}
}

/// Bounds of a call.
public struct CallLimits: Sendable, Equatable {
    /// Where the property says nothing.
    public var ring: Duration = .seconds(30)

    /// The least a property may choose: under it nobody reaches a phone.
    public var ringLeast: Duration = .seconds(10)

    /// The most a property may choose: after it the guest has left.
    public var ringMost: Duration = .seconds(120)

    /// A ring group's time alone before the next is offered it too.
    public var group: Duration = .seconds(15)

    /// For a party whose socket was lost to come back.
    ///
    /// Longer leaves the other talking to nobody.
    public var grace: Duration = .seconds(15)

    /// The longest call.
    ///
    /// A forgotten call would show a lobby for hours.
    public var duration: Duration = .seconds(600)

    /// The warning before it.
    public var warning: Duration = .seconds(15)

    /// What a ringing call has left at least after a restart of the server.
    public var ringAfterRestart: Duration = .seconds(10)

    /// Devices that see the panel's picture before anyone answered.
    ///
    /// Each costs the panel's bit rate downstream.
    public var previews = 8

    /// Devices offered one call.
    ///
    /// Fifty people of one household is a mistake of configuration, but it must ring.
    public var offered = 500

    /// Live calls of one board; beyond it new ones are refused `busy_server`.
    public var live = 5_000

    /// The defaults.
    public init() {}
}

/// Bounds of a door command.
public struct DoorLimits: Sendable, Equatable {
    /// From the resident's press to the last moment the panel may act.
    ///
    /// A door that opens later than the guest expects opens for somebody else.
    public var deadline: Duration = .seconds(5)

    /// After the deadline, before the resident is told `unknown`.
    public var patience: Duration = .seconds(2)

    /// How long a relay is held, as told to the panel.
    public var hold: Duration = .seconds(5)

    /// How long a late result is taken.
    public var lateResult: Duration = .seconds(86_400)

    /// How long a key opens nothing again.
    public var key: Duration = .seconds(86_400)

    /// The newest keys that the store keeps and a starting server takes up, whatever their age.
    ///
    /// Their age is civil time, and a clock may be set by years: a key must not open a door twice
    /// for that. More costs memory (about 200 B each) and time at the start.
    public var keysKept = 20_000

    /// Keys of one device remembered for that time; more new ones are refused `rate_limited`.
    public var keysPerDevice = 2_000

    /// Bytes of a key.
    public var keyLength = 128

    /// The defaults.
    public init() {}
}

/// Bounds of what waits for a slow receiver, and of what is asked from senders.
public struct MediaLimits: Sendable, Equatable {
    /// Age of the oldest waiting media frame.
    ///
    /// More is heard as delay, less drops on every hiccup.
    public var age: Duration = .milliseconds(200)

    /// Bytes of media that wait for one receiver, whatever their age.
    public var lane = 512 * 1024

    /// Between two key-frame requests to one sender (what SFUs agree on).
    public var keyFrameInterval: Duration = .milliseconds(500)

    /// After this without a key frame the request is repeated, once.
    public var keyFrameRepeat: Duration = .seconds(1)

    /// A key frame may take what the receiver takes in this time, for which sound waits behind it.
    public var keyFrameTime: Duration = .milliseconds(125)

    /// A key frame may always take this many bytes.
    public var keyFrameLeast = 4_096

    /// A receiver that does not take the smallest key frame in this time gets no video: sound would
    /// wait behind what is half written.
    ///
    /// With 4 kB that is below 66 kbit/s, of which sound takes 46.
    public var pictureTime: Duration = .milliseconds(500)

    /// A larger key frame passes at most once in this time.
    public var largeKeyFrame: Duration = .seconds(2)

    /// Video held back when it is this far ahead of the newest timestamp a receiver reported.
    public var reportedLag: Duration = .milliseconds(400)

    /// Reports older than this do not hold anything back: the receiver stopped reporting.
    public var reportAge: Duration = .seconds(2)

    /// Video of a ringing call, bit/s: preview and the picture of who buzzed.
    public var previewBits = 300_000

    /// Emptied lanes that a board keeps for the next slow receiver, at most 64 kB each.
    ///
    /// More saves allocations when many are slow at once.
    public var spareLanes = 256

    /// Bytes of frames that wait for another loop.
    ///
    /// 4 MiB is what 100 calls across loops send in half a second: after such a stall the frames are
    /// too old anyway. More holds them for nothing, less drops on a long turn.
    public var mailbox = 4 * 1024 * 1024

    /// Signalling that a receiver does not take for this long closes it (4408).
    public var controlStall: Duration = .seconds(10)

    /// Bytes of signalling that wait for one receiver.
    public var controlLane = 1024 * 1024

    /// The defaults.
    public init() {}
}
