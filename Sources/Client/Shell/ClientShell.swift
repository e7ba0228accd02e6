// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport
import VestibuleWire

/// Carries a machine over libwebsockets: performs its actions, hands media past it.
///
/// It decides nothing. On its loop only.
final class ClientShell<Machine: MediaMachine>: SocketUser {
    private(set) var machine: Machine
    private(set) var media: MediaPort

    /// Each report of the machine, in order.
    var onReport: (Machine.Report) -> Void = { _ in }

    /// Each frame for a decoder; returns the one that was lost on the way there, if any.
    var onFrame: (MediaFrame) -> MediaHeader? = { _ in nil }

    /// What the encoder should know changed.
    var onTarget: (VideoTarget) -> Void = { _ in }

    private let loop: EventLoop
    private let sockets: WebSocketClient
    private let target: WebSocketTarget
    private var random = SystemRandomNumberGenerator()
    private var connection: WebSocketConnection?
    private var number = 0
    private var timer: (token: TimerToken, at: Moment)?
    private var told = VideoTarget.nothing

    init(_ machine: Machine, on runtime: ClientRuntime, to target: WebSocketTarget) {
        self.machine = machine
        self.target = target
        loop = runtime.loop
        sockets = runtime.sockets
        let stamps = MediaStamps(
            start: EventLoop.readMoment(),
            offset: UInt32.random(in: 1...(.max))
        )
        media = MediaPort(sender: MediaSender(stamps: stamps))
    }

    /// One input, and all that follows from it.
    func give(_ input: ClientInput<Machine.Order>) {
        let now = EventLoop.readMoment()
        for action in machine.handle(input, at: now, using: &random) { perform(action) }
        settle()
    }

    private func perform(_ action: ClientAction<Machine.Report>) {
        switch action {
        case .connect(let number):
            self.number = number
            connection = sockets.connect(to: target, context: self)
        case .send(let message, let number):
            guard number == self.number else { return }
            message.encoded().withUnsafeBytes { connection?.send(text: $0) }
        case .close(let number, let code):
            guard number == self.number else { return }
            connection?.close(code: code, reason: "")
            connection = nil
        case .report(let report):
            if let news = Machine.news(of: report) { media.take(news) }
            onReport(report)
        }
    }

    // MARK: Media out

    /// Sends an Opus packet, unless it may not go.
    func send(audio packet: [UInt8], timestamp: UInt32?) {
        let now = EventLoop.readMoment()
        let timestamp = timestamp ?? media.sender.stamps.timestamp(.audio, at: now)
        let header = media.sender.audio(timestamp: timestamp, hasRoom: hasRoom, at: now)
        if let header { send(header, packet) }
    }

    /// Sends a VP8 frame, unless it may not go; a key frame that is too large is to be made again,
    /// as the target then says.
    func send(video frame: [UInt8], isKey: Bool, timestamp: UInt32?) {
        defer { settle() }
        let now = EventLoop.readMoment()
        let timestamp = timestamp ?? media.sender.stamps.timestamp(.video, at: now)
        let header = media.sender.video(
            isKey: isKey,
            bytes: frame.count,
            timestamp: timestamp,
            hasRoom: hasRoom,
            at: now
        )
        if let header { send(header, frame) }
    }

    /// Sends a photo or a scan: one VP8 key frame.
    func send(_ kind: MediaKind, picture: [UInt8], handle: UInt32) {
        send(media.sender.picture(kind, handle: handle, at: EventLoop.readMoment()), picture)
    }

    /// A decoder lost its reference; nil: each of them.
    func decoderLost(handle: UInt32?) {
        media.decoderLost(handle: handle, at: EventLoop.readMoment())
        settle()
    }

    private var hasRoom: Bool { connection?.hasRoom ?? false }

    private func send(_ header: MediaHeader, _ payload: [UInt8]) {
        guard let connection else { return }
        withUnsafeTemporaryAllocation(byteCount: MediaHeader.size, alignment: 4) { head in
            header.write(into: head)
            payload.withUnsafeBytes {
                connection.send(
                    binary: UnsafeRawBufferPointer(head),
                    payload: $0,
                    flags: header.flags.rawValue
                )
            }
        }
    }

    // MARK: Time

    /// Tells the encoder what changed, and waits for the next deadline.
    private func settle() {
        let now = VideoTarget(
            bitsPerSecond: media.sender.videoBits,
            keyFrame: media.sender.demand
        )
        if now != told {
            told = now
            onTarget(now)
        }
        arm()
    }

    private func arm() {
        let next = [machine.nextDeadline, media.nextDeadline].compactMap { $0 }.min()
        guard next != timer?.at else { return }
        if let timer { loop.cancel(timer.token) }
        timer = next.map { moment in
            (loop.schedule(at: moment) { [weak self] in self?.fire() }, moment)
        }
    }

    private func fire() {
        timer = nil
        // The kernel knows of pings that libwebsockets answered without telling.
        if let connection { machine.heard(socket: number, at: connection.lastReceived) }
        let due = media.due(at: EventLoop.readMoment())
        for report in due.reports { send(report.header, report.report.payload) }
        if let handle = due.keyFrame, let order = machine.keyFrameOrder(handle: handle) {
            give(.order(order))
        }
        give(.tick)
    }

    // MARK: The connection

    override func opened(_ connection: WebSocketConnection) {
        guard connection === self.connection else { return }
        give(.opened(socket: number))
    }

    override func text(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        guard connection === self.connection else { return }
        switch ServerMessage.decode(bytes) {
        case .success(let message): give(.received(message, socket: number))
        case .failure: give(.unreadable(socket: number))
        }
    }

    override func binary(_ connection: WebSocketConnection, _ bytes: UnsafeRawBufferPointer) {
        guard connection === self.connection else { return }
        let now = EventLoop.readMoment()
        machine.heard(socket: number, at: now)
        if case .deliver(let header) = media.arrived(bytes, at: now) {
            let payload = [UInt8](MediaHeader.payload(of: bytes))
            let frame = MediaFrame(header: header, payload: payload, arrived: now)
            if let lost = onFrame(frame) { media.fellOut(lost, at: now) }
        }
        settle()
    }

    override func closed(_ connection: WebSocketConnection) {
        guard connection === self.connection else { return }
        self.connection = nil
        let code = connection.peerCloseCode
        give(.closed(socket: number, code: code == 1005 ? nil : code))
    }
}
