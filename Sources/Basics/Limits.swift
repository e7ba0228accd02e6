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

    /// A key frame may take what the receiver takes in this time.
    public var keyFrameTime: Duration = .milliseconds(250)

    /// A key frame may always take this many bytes.
    public var keyFrameLeast = 4_096

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

/// Bounds of the way into the store.
public struct LedgerLimits: Sendable, Equatable {
    /// After this, calls go on without the store's answer; unlocks are refused `not_recorded`.
    public var patience: Duration = .milliseconds(100)

    /// Entries that wait for the store.
    ///
    /// 100 calls/s write about 600/s: two minutes of a store
    /// that does nothing. Beyond it the oldest entries stay; of new ones a call's are offered again
    /// (``rewrite``), while its board remembers it.
    public var backlog = 65_536

    /// Before entries of a call that found the backlog full are offered again.
    ///
    /// Until then its log has a gap in the store, behind which nothing is taken. Shorter costs a
    /// full store work, longer leaves the history open.
    public var rewrite: Duration = .seconds(2)

    /// Entries of one transaction (group commit).
    public var batch = 512

    /// How often commits of other processes (seed, token) are looked for.
    public var watch: Duration = .milliseconds(500)

    /// Between two tries of a store that failed.
    public var retry: Duration = .milliseconds(250)

    /// Pages of the write-ahead log (4 kB each) that are left before they are moved into the
    /// database.
    ///
    /// More makes fewer and longer pauses between two commits, and a longer start after a crash.
    public var checkpoint = 1_000

    /// How often what is too old is looked for and removed.
    public var sweep: Duration = .seconds(3_600)

    /// Rows of each kind removed in one transaction.
    ///
    /// More delays the records that wait behind it, fewer costs more commits.
    public var pruneBatch = 500

    /// How long what was delivered stays in the outbox.
    public var sent: Duration = .seconds(86_400)

    /// The defaults.
    public init() {}
}

/// Bounds of the notifier's desk.
public struct PushLimits: Sendable, Equatable {
    /// Pushes that wait or are under way, notices times ways.
    ///
    /// When it is full, what is urgent takes the place of what is not; more is refused by name.
    /// About 1 KB each.
    public var inbox = 10_000

    /// How many of ``inbox`` may be what can wait, such as missed calls after quiet hours.
    public var laterInbox = 5_000

    /// Pushes under way at once, in all lanes.
    ///
    /// More takes sockets; fewer lets targets that hang hold up others. From the half on, a lane
    /// has a sixteenth of its own places.
    public var inFlight = 512

    /// Pushes under way at once in one lane: to one provider, or one host of webhooks.
    ///
    /// Half of them is closed to what can wait.
    public var laneInFlight = 64

    /// The longest that a provider may close its lane for: a ring is worthless later.
    public var lanePause: Duration = .seconds(10)

    /// For one try of one push.
    public var attempt: Duration = .seconds(10)

    /// Tries of one push inside its life.
    public var attempts = 3

    /// Before the second try where the provider names no time; doubled for each further one.
    ///
    /// A ring has room for three tries so.
    public var pause: Duration = .milliseconds(500)

    /// How long a notifier may overstay the time of a try before its place is given to another.
    public var patience: Duration = .seconds(1)

    /// The life of a missed-call notice; a ring's is the ring's.
    public var missedLife: Duration = .seconds(3600)

    /// How long it is kept what notifiers said, for "why did it not ring?": 90 days.
    ///
    /// A call leaves a row for each device and try.
    public var records: Duration = .seconds(7_776_000)

    /// The defaults.
    public init() {}
}

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

    /// The kernel's send buffer is kept small, so that a queue stands where it can be seen:
    /// `TCP_NOTSENT_LOWAT`, bytes.
    public var notSentLowWater = 16_384

    /// The defaults.
    public init() {}
}
