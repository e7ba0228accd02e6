// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics
public import VestibuleWire

/// A door panel, connected to a Vestibule server.
///
/// ```swift
/// let panel = try await Panel.connect(
///     url: "wss://intercom.example", token: token, panel: id,
///     openDoor: { command in
///         // Here and now, on the client's thread: not through a task, a stream or a queue.
///         relays[command.door]?.pull(for: command.hold) { worked in
///             command.did(worked ? .opened : .failed)
///         }
///     })
/// panel.press(unit)
/// for await event in panel.events { screen.show(event) }
/// ```
public final class Panel: Sendable {
    private let core: ClientCore<PanelClient>

    private init(_ core: ClientCore<PanelClient>) {
        self.core = core
    }

    deinit { core.abandon() }

    /// A command to open a door, handed over in time and once.
    public struct DoorCommand: Sendable {
        /// Under which the result is told.
        public let command: CommandID

        /// Which of the panel's doors.
        public let door: DoorID

        /// How long the relay is held.
        public let hold: Duration

        fileprivate let tell: @Sendable (DoorOutcome, String?) -> Void

        /// Says what became of it, from any thread; told to the server until it is heard.
        public func did(_ outcome: DoorOutcome, detail: String? = nil) { tell(outcome, detail) }
    }

    /// Connects and waits for the first welcome; from then on the client reconnects by itself.
    ///
    /// - Parameters:
    ///   - url: `wss://host`, or `ws://host:port` on a bench.
    ///   - token: the panel's credential.
    ///   - panel: the panel's id.
    ///   - options: everything else; the defaults suit most.
    ///   - runtime: the thread to live on; nil: one of its own.
    ///   - openDoor: opens a door, there and then. It is called on the client's own thread as soon
    ///     as a command came, its deadline just checked: whoever hands the command to a task, a
    ///     stream or a queue may open late, which nothing checks any more. It starts the relay and
    ///     returns within milliseconds; what came of it is told by
    ///     ``DoorCommand/did(_:detail:)``, from any thread, whenever that is known.
    /// - Returns: the panel, connected.
    /// - Throws: `ClientError` where there was no welcome.
    public static func connect(
        url: String,
        token: String,
        panel: String,
        options: ClientOptions = ClientOptions(),
        runtime: ClientRuntime? = nil,
        openDoor: @escaping @Sendable (DoorCommand) -> Void
    ) async throws(ClientError) -> Panel {
        let machine = PanelClient(
            settings: LineSettings(device: options.device(id: panel)),
            token: Secret(token),
            resume: options.resume
        )
        let core = try await ClientCore.connect(
            machine,
            url: url,
            options: options,
            runtime: runtime,
            onReport: { report, core in
                guard case .openDoor(let command, let door, let hold) = report else {
                    return false
                }
                openDoor(
                    DoorCommand(command: command, door: door, hold: hold) {
                        core.order(.doorDid(command, $0, detail: $1))
                    }
                )
                return true
            }
        )
        return Panel(core)
    }

    /// What happens, for one reader.
    ///
    /// Answers to ``ask(_:)`` are not in it, nor commands to open a door.
    public var events: AsyncStream<PanelEvent> { core.events }

    /// What the resident sends, for one reader; the oldest frames are dropped for a slow one.
    public var frames: AsyncStream<MediaFrame> { core.frames }

    /// What a video encoder should make now.
    public var videoTarget: VideoTarget { core.target.withLock { $0 } }

    /// What slow readers missed.
    public var drops: ClientDrops { core.drops.withLock { $0 } }

    /// What the connection dropped, and why; nil after the end.
    package var counters: LineCounters? { get async { await core.counters } }

    /// What a later process needs to go on with this one's call.
    public var memory: Resume? { core.memory.withLock { $0 } }

    /// The guest pressed a name; nothing while there is a call.
    public func press(_ unit: UnitID) { core.order(.press(unit)) }

    /// The guest gives up, or hangs up.
    public func hangUp() { core.order(.hangUp) }

    /// What became of a door command, for who kept no ``DoorCommand``; told to the server until it
    /// is heard.
    public func doorDid(_ command: CommandID, _ outcome: DoorOutcome, detail: String? = nil) {
        core.order(.doorDid(command, outcome, detail: detail))
    }

    /// What a door's sensor says.
    public func doorIs(_ door: DoorID, _ state: DoorState) { core.order(.doorIs(door, state)) }

    /// What is being sent in the call: muted is not frozen.
    public func sending(_ activity: MediaActivity) { core.order(.sending(activity)) }

    /// Loads the directory, and again whenever it changes.
    public func loadDirectory() { core.order(.loadDirectory) }

    /// Any other request.
    public func ask(_ request: ClientRequest) async throws(RequestFailure) -> Answer {
        try await core.ask { .ask(request, tag: $0) }
    }

    /// Sends one Opus packet, where it may go; without a timestamp, that of now.
    public func send(audio packet: [UInt8], timestamp: UInt32? = nil) {
        core.send(audio: packet, timestamp: timestamp)
    }

    /// Sends one VP8 frame, where it may go; without a timestamp, that of now.
    public func send(video frame: [UInt8], isKey: Bool, timestamp: UInt32? = nil) {
        core.send(video: frame, isKey: isKey, timestamp: timestamp)
    }

    /// Sends the photo that was wanted with this number: one VP8 key frame.
    public func send(photo frame: [UInt8], handle: UInt32) {
        core.send(.photo, picture: frame, handle: handle)
    }

    /// Shows the server one VP8 key frame to look for a pass in.
    public func send(scan frame: [UInt8]) { core.send(.scan, picture: frame, handle: 0) }

    /// The decoder lost its reference: a key frame is asked for.
    ///
    /// - Parameter handle: the number in the header of the frames it decodes; nil: every picture's
    ///   that comes.
    public func decoderLost(handle: UInt32? = nil) { core.decoderLost(handle: handle) }

    /// A new credential, for this connection and later ones.
    ///
    /// While connected the server is asked, and it counts once it was taken: an event says so
    /// (``PanelEvent/tokenRenewed``), or why not. Otherwise the next connection is made with it.
    public func renew(token: String) { core.renew(token) }

    /// Connects again after the connection ended for good.
    public func reconnect() { core.start() }

    /// Ends the connection, and the streams.
    public func disconnect() async { await core.end() }
}
