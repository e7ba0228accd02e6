// SPDX-License-Identifier: Apache-2.0

public import VestibuleBasics
public import VestibuleWire

/// A resident's device, connected to a Vestibule server.
///
/// ```swift
/// let resident = try await Resident.connect(
///     url: "wss://intercom.example", token: token, device: id)
/// for await event in resident.events {
///     guard case .incoming(let call) = event else { continue }
///     try await resident.answer(call.call)
///     try await resident.unlock(call.call)
/// }
/// ```
public final class Resident: Sendable {
    private let core: ClientCore<ResidentClient>

    private init(_ core: ClientCore<ResidentClient>) {
        self.core = core
    }

    deinit { core.abandon() }

    /// Connects and waits for the first welcome; from then on the client reconnects by itself.
    ///
    /// - Parameters:
    ///   - url: `wss://host`, or `ws://host:port` on a bench.
    ///   - token: an access token of the device's account.
    ///   - device: the id that the server issued.
    ///   - options: everything else; the defaults suit most.
    ///   - acknowledgesRinging: whether the server is told at once that this device rings.
    ///   - runtime: the thread to live on; nil: one of its own.
    /// - Returns: the device, connected.
    /// - Throws: `ClientError` where there was no welcome.
    public static func connect(
        url: String,
        token: String,
        device: String,
        options: ClientOptions = ClientOptions(),
        acknowledgesRinging: Bool = true,
        runtime: ClientRuntime? = nil
    ) async throws(ClientError) -> Resident {
        let machine = ResidentClient(
            settings: LineSettings(device: options.device(id: device)),
            token: Secret(token),
            resume: options.resume,
            acknowledgesRinging: acknowledgesRinging
        )
        let core = try await ClientCore.connect(
            machine,
            url: url,
            options: options,
            runtime: runtime
        )
        return Resident(core)
    }

    /// What happens, for one reader.
    ///
    /// Answers to what is asked here are not in it.
    public var events: AsyncStream<ResidentEvent> { core.events }

    /// What the panel sends, for one reader; the oldest frames are dropped for a slow one.
    public var frames: AsyncStream<MediaFrame> { core.frames }

    /// What a video encoder should make now.
    public var videoTarget: VideoTarget { core.target.withLock { $0 } }

    /// What slow readers missed.
    public var drops: ClientDrops { core.drops.withLock { $0 } }

    /// What the connection dropped, and why; nil after the end.
    package var counters: LineCounters? { get async { await core.counters } }

    /// What a later process needs to resume.
    public var memory: Resume? { core.memory.withLock { $0 } }

    /// Answers; from its return media may flow both ways.
    public func answer(_ call: CallID) async throws(RequestFailure) {
        _ = try await core.ask { .answer(call, tag: $0) }
    }

    /// Declines for this person.
    public func decline(_ call: CallID) async throws(RequestFailure) {
        _ = try await core.ask { .decline(call, tag: $0) }
    }

    /// Falls silent; the call rings on elsewhere.
    public func ignore(_ call: CallID) async throws(RequestFailure) {
        _ = try await core.ask { .ignore(call, tag: $0) }
    }

    /// Sees the panel's picture before anyone answered.
    public func preview(_ call: CallID) async throws(RequestFailure) {
        _ = try await core.ask { .preview(call, tag: $0) }
    }

    /// Ends the call that this device talks in.
    public func hangUp(_ call: CallID) async throws(RequestFailure) {
        _ = try await core.ask { .hangUp(call, tag: $0) }
    }

    /// Opens a door of the panel that calls, the first one where none is named; each call of this
    /// method is one press, and opens once at most.
    ///
    /// - Returns: what the panel told; `unknown` is not "closed".
    public func unlock(
        _ call: CallID,
        door: DoorID? = nil
    ) async throws(RequestFailure) -> DoorOutcome {
        try await core.ask { .unlock(call, door: door, tag: $0) }.outcome ?? .unknown
    }

    /// Opens a door without a call; otherwise like ``unlock(_:door:)``.
    public func unlock(door: DoorID) async throws(RequestFailure) -> DoorOutcome {
        try await core.ask { .unlockDoor(door, tag: $0) }.outcome ?? .unknown
    }

    /// What is being sent in the call: muted is not frozen.
    public func sending(_ call: CallID, _ activity: MediaActivity) {
        core.order(.sending(call, activity))
    }

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

    /// The decoder lost its reference: a key frame is asked for.
    ///
    /// - Parameter handle: the number in the header of the frames it decodes; nil: every picture's
    ///   that comes.
    public func decoderLost(handle: UInt32? = nil) { core.decoderLost(handle: handle) }

    /// A new credential, for this connection and later ones.
    ///
    /// While connected the server is asked, and it counts once it was taken: an event says so
    /// (``ResidentEvent/tokenRenewed``), or why not. Otherwise the next connection is made with it.
    public func renew(token: String) { core.renew(token) }

    /// Connects again after the connection ended for good.
    public func reconnect() { core.start() }

    /// Ends the connection, and the streams.
    public func disconnect() async { await core.end() }
}
