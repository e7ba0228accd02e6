// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleTransport
import VestibuleWire

/// What ``Panel`` and ``Resident`` have in common: the way from `async` onto the loop and back.
///
/// Unchecked, because its second half belongs to the loop: it is touched there only, by jobs that
/// are submitted in the order of the calls.
final class ClientCore<Machine: MediaMachine>: @unchecked Sendable {
    let events: AsyncStream<Machine.Report>
    let target = Locked(VideoTarget.nothing)
    let drops = Locked(ClientDrops())
    let memory = Locked<Resume?>(nil)

    private let runtime: ClientRuntime
    private let ownsRuntime: Bool
    private let loop: EventLoop
    private let eventSink: AsyncStream<Machine.Report>.Continuation
    private let outlet: FrameOutlet

    // Below: on the loop only.
    private var shell: ClientShell<Machine>?
    private var waiting: [Int: Handoff<Result<Answer, RequestFailure>, Never>] = [:]
    private var lastTag = 0
    private var opening: Handoff<Result<Void, ClientError>, Never>?
    private var isEnded = false
    private var onReport: (@Sendable (Machine.Report, ClientCore) -> Bool)?

    private init(runtime: ClientRuntime, isOwn: Bool, options: ClientOptions) {
        self.runtime = runtime
        ownsRuntime = isOwn
        loop = runtime.loop
        (events, eventSink) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(max(1, options.eventBuffer))
        )
        outlet = FrameOutlet(capacity: options.mediaBuffer)
    }

    var frames: AsyncStream<MediaFrame> { outlet.frames }

    /// Connects and waits for the first welcome.
    ///
    /// `onReport` is called on the loop with each report, for what cannot wait for a task to be
    /// scheduled; what it takes (true) does not come in the stream.
    static func connect(
        _ machine: Machine,
        url: String,
        options: ClientOptions,
        runtime: ClientRuntime?,
        onReport: (@Sendable (Machine.Report, ClientCore) -> Bool)? = nil
    ) async throws(ClientError) -> ClientCore {
        guard let target = target(of: url) else { throw .badAddress(url) }
        let isOwn = runtime == nil
        let home: ClientRuntime
        if let runtime {
            home = runtime
        } else {
            home = try await ClientRuntime.start(trust: options.trust)
        }
        let core = ClientCore(runtime: home, isOwn: isOwn, options: options)
        let result = await withHandoff { continuation in
            core.loop.submit {
                core.begin(
                    machine,
                    target,
                    patience: options.patience,
                    continuation,
                    onReport
                )
            }
        }
        if case .failure(let error) = result {
            await core.end()
            throw error
        }
        return core
    }

    /// Without a path the protocol's own is meant.
    private static func target(of url: String) -> WebSocketTarget? {
        guard var target = WebSocketTarget(url) else { return nil }
        if target.path == "/" { target.path = WireProtocol.path }
        return target
    }

    /// Stops for good; the streams end.
    func end() async {
        await withHandoff { continuation in
            loop.submit {
                self.close()
                continuation.resume()
            }
        }
        if ownsRuntime { await runtime.stop() }
    }

    /// The same for who let go of it without a word; returns at once.
    func abandon() {
        loop.submit {
            guard !self.isEnded else { return }
            self.close()
            guard self.ownsRuntime else { return }
            let runtime = self.runtime
            Task.detached { await runtime.stop() }
        }
    }

    // MARK: Any thread

    func order(_ order: Machine.Order) { loop.submit { self.shell?.give(.order(order)) } }

    func renew(_ token: String) { loop.submit { self.shell?.give(.token(Secret(token))) } }

    /// Connects again after a final end, with the token given last.
    func start() { loop.submit { self.shell?.give(.start) } }

    /// Asks, and waits for the answer; every request is answered or given up in bounded time.
    func ask(
        _ order: @escaping @Sendable (Int) -> Machine.Order
    ) async throws(RequestFailure) -> Answer {
        let result: Result<Answer, RequestFailure> = await withHandoff {
            continuation in
            loop.submit {
                guard let shell = self.shell else {
                    return continuation.resume(returning: .failure(.closed))
                }
                self.lastTag += 1
                self.waiting[self.lastTag] = continuation
                shell.give(.order(order(self.lastTag)))
            }
        }
        return try result.get()
    }

    /// What the line dropped so far; nil after the end.
    var counters: LineCounters? {
        get async {
            await withHandoff { continuation in
                loop.submit { continuation.resume(returning: self.shell?.machine.counters) }
            }
        }
    }

    func send(audio packet: [UInt8], timestamp: UInt32?) {
        loop.submit { self.shell?.send(audio: packet, timestamp: timestamp) }
    }

    func send(video frame: [UInt8], isKey: Bool, timestamp: UInt32?) {
        loop.submit { self.shell?.send(video: frame, isKey: isKey, timestamp: timestamp) }
    }

    func send(_ kind: MediaKind, picture: [UInt8], handle: UInt32) {
        loop.submit { self.shell?.send(kind, picture: picture, handle: handle) }
    }

    func decoderLost(handle: UInt32?) {
        loop.submit { self.shell?.decoderLost(handle: handle) }
    }

    // MARK: On the loop

    private func close() {
        isEnded = true
        shell?.give(.stop)
        shell = nil
        eventSink.finish()
        outlet.finish()
    }

    private func begin(
        _ machine: Machine,
        _ target: WebSocketTarget,
        patience: Duration,
        _ opening: Handoff<Result<Void, ClientError>, Never>,
        _ onReport: (@Sendable (Machine.Report, ClientCore) -> Bool)?
    ) {
        let shell = ClientShell(machine, on: runtime, to: target)
        self.shell = shell
        self.opening = opening
        self.onReport = onReport
        shell.onReport = { [weak self] in self?.reported($0) }
        shell.onFrame = { [weak self] in self?.framed($0) }
        shell.onTarget = { [target = self.target] new in target.withLock { $0 = new } }
        _ = loop.schedule(after: patience) { [weak self] in
            self?.opened(.failure(.unreachable))
        }
        shell.give(.start)
    }

    private func opened(_ result: Result<Void, ClientError>) {
        opening?.resume(returning: result)
        opening = nil
    }

    private func reported(_ report: Machine.Report) {
        if let (tag, result) = Machine.answer(in: report) {
            waiting.removeValue(forKey: tag)?.resume(returning: result)
            return
        }
        // Before whoever waits for the connection goes on.
        let resume = shell?.machine.resume
        memory.withLock { $0 = resume }
        if let status = Machine.status(in: report) {
            if status == .open { opened(.success(())) }
            if case .closed(let end) = status { opened(.failure(.refused(end))) }
        }
        if onReport?(report, self) ?? false { return }
        if case .dropped = eventSink.yield(report) { drops.withLock { $0.events += 1 } }
    }

    /// Hands a frame to who reads the stream; returns the older one that fell out of it, if any.
    private func framed(_ frame: MediaFrame) -> MediaHeader? {
        let lost = outlet.offer(frame)
        if lost != nil { drops.withLock { $0.frames += 1 } }
        return lost
    }
}
