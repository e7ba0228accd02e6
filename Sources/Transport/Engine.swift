// SPDX-License-Identifier: Apache-2.0

import CVestibuleUV
import CVestibuleWebSockets
import Glibc
import VestibuleBasics
import VestibuleEventLoop

/// One libwebsockets context with one vhost, on a loop of ours that is lent to it.
///
/// Made and used on its loop. It outlives its connections.
final class Engine {
    /// What is different between a server's and a client's vhost.
    struct Setup {
        var protocols: [EngineProtocol]
        var serverTLS = false
        var trust: WebSocketTrust?
    }

    // Held by the owner; nothing is called on a loop that is gone.
    unowned(unsafe) let loop: EventLoop
    let limits: TransportLimits
    private(set) var handler: (any WebSocketHandler)?
    private(set) var vhost: OpaquePointer?
    var touched: [WebSocketConnection] = []
    var doomed: [WebSocketConnection] = []

    /// Connections of a server that shook hands in this turn, and are not yet taken over.
    var arrivals: [WebSocketConnection] = []

    /// Messages of this turn, which the loop is told of at its end.
    var framesIn = 0
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0

    /// Where all connections of the loop read: one warm buffer instead of one for each.
    let scratch = ByteBuffer(capacity: Tuning.scratch)

    /// Set by the owner: a server fills its TLS context here, and hears of plain HTTP.
    weak var owner: (any EngineOwner)?

    private let slot = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 1)
    private let loopSlot = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
    private let memory = EngineMemory()
    private var engineHandles: [UnsafeMutablePointer<uv_handle_t>] = []
    private var retired: OpaquePointer?
    private var pool = BufferPool()
    private var maskKeys = MaskKeys()
    private var hook: HookToken?
    private var whenGone: [() -> Void] = []

    init(loop: EventLoop, handler: any WebSocketHandler, limits: TransportLimits) {
        self.loop = loop
        self.limits = limits
        self.handler = handler
        slot.initialize(to: nil)
        loopSlot.initialize(to: UnsafeMutableRawPointer(loop.uv))
    }

    deinit {
        precondition(slot.pointee == nil, "An engine is closed before it is let go")
        slot.deallocate()
        loopSlot.deallocate()
    }

    var context: OpaquePointer? { slot.pointee }

    /// The moment of this turn.
    var moment: Moment { loop.moment }

    /// Creates the context and the vhost; the owner's callbacks may come from within.
    func open(_ setup: Setup) throws(TransportError) {
        TransportLog.capture()
        var info = memory.creationInfo(setup, loopSlot: loopSlot, slot: slot)
        info.user = Unmanaged.passUnretained(self).toOpaque()
        guard Self.hasEventLibrary else { throw .eventLibraryMissing }
        let before = handles()
        guard let context = lws_create_context(&info) else { throw .engine("no context") }
        slot.pointee = context
        engineHandles = handles().filter { !before.contains($0) }
        hook = loop.atEndOfTurn { [unowned(unsafe) self] in endTurn() }
        // Without this test a NULL vhost would crash later.
        guard let vhost = lws_create_vhost(context, &info) else {
            throw .engine("no virtual host")
        }
        self.vhost = vhost
        if setup.trust != nil {
            guard lws_init_vhost_client_ssl(&info, vhost) == 0 else {
                throw .engine("no TLS for clients")
            }
        }
    }

    /// Ends every connection, retires the context, and calls `done` on the loop when that is done.
    func close(_ done: @escaping () -> Void) {
        guard context != nil else {
            done()
            return
        }
        whenGone.append(done)
        guard whenGone.count == 1 else { return }
        owner?.killAll()
        awaitGone(patience: 200)
    }

    /// Connections that were ended are freed when libuv has closed their handles.
    private func awaitGone(patience: Int) {
        _ = loop.schedule(after: .milliseconds(1)) { [self] in
            guard owner?.isEmpty ?? true || patience == 0 else {
                awaitGone(patience: patience - 1)
                return
            }
            retire()
            let waiting = whenGone
            whenGone = []
            for done in waiting { done() }
        }
    }

    /// Takes the context off the loop and keeps its memory for the rest of the process.
    ///
    /// `lws_context_destroy` of 4.1 with libuv closes the descriptor of its wake-up pipe, and the
    /// same number again in a later turn, when another thread may have got it for a socket or a
    /// file of its own. A context that is not destroyed costs some 100 kB; servers have one a loop
    /// for as long as they live.
    private func retire() {
        if let vhost { lws_vhost_destroy(vhost) }
        vhost = nil
        var pipe: Int32 = -1
        for handle in engineHandles {
            if uv_handle_get_type(handle) == UV_POLL { uv_fileno(handle, &pipe) }
            uv_close(handle, nil)
        }
        engineHandles = []
        if pipe >= 0 { Glibc.close(pipe) }
        if let hook { loop.remove(hook) }
        hook = nil
        handler = nil
        pool = BufferPool()
        retired = slot.pointee
        slot.pointee = nil
        let engine = Retired(engine: self)
        Self.retirement.withLock { $0.append(engine) }
    }

    /// Keeps what retired contexts point to.
    private struct Retired: @unchecked Sendable {
        let engine: Engine
    }

    private static let retirement = Locked<[Retired]>([])

    /// Writes what this turn's callbacks sent, one write a connection, and ends those that were
    /// dropped.
    private func endTurn() {
        if !arrivals.isEmpty { arrivals.removeAll { $0.takeOver() } }
        if framesIn > 0 {
            loop.noteFrames(framesIn)
            framesIn = 0
        }
        flushTouched()
        guard !doomed.isEmpty else { return }
        let dropped = doomed.prefix(Tuning.dropsPerTurn)
        doomed.removeFirst(dropped.count)
        for connection in dropped {
            guard let wsi = connection.wsi else { continue }
            vestibule_lws_kill(wsi)
        }
        // A turn for the rest, at once.
        if !doomed.isEmpty { _ = loop.schedule(after: .zero) {} }
    }

    /// Writes what was sent since the last time, one write a connection: after each socket that was
    /// read, as what it brought for one receiver came together, and nobody's frame is to wait for
    /// the reading of others; and at the end of the turn.
    @inline(__always)
    func flushTouched() {
        guard !touched.isEmpty else { return }
        var index = 0
        while index < touched.count {
            touched[index].flush()
            index += 1
        }
        touched.removeAll(keepingCapacity: true)
    }

    /// Whether libwebsockets has read from anybody, whose reading is not stopped, what it has told
    /// nobody.
    var hasBacklog: Bool {
        guard let context else { return false }
        return lws_service_adjust_timeout(context, 1_000, 0) == 0
    }

    func takeBuffer() -> ByteBuffer { pool.take() }

    func giveBuffer(_ buffer: ByteBuffer) { pool.give(buffer) }

    func nextMaskKey() -> UInt32 { maskKeys.next() }

    /// The engine whose callback this is.
    static func of(_ wsi: OpaquePointer?) -> Engine? {
        guard let wsi, let context = lws_get_context(wsi), let user = lws_context_user(context)
        else { return nil }
        return Unmanaged<Engine>.fromOpaque(user).takeUnretainedValue()
    }

    /// Loads libwebsockets' plug-in for libuv for good: the last context of the process would
    /// unload it, maybe while its code runs.
    private static let hasEventLibrary =
        dlopen("libwebsockets-evlib_uv.so", RTLD_LAZY | RTLD_NODELETE) != nil

    /// The idle, timer and poll handles on the loop now: libwebsockets hangs one of each there.
    private func handles() -> [UnsafeMutablePointer<uv_handle_t>] {
        var found: [UnsafeMutablePointer<uv_handle_t>] = []
        withUnsafeMutablePointer(to: &found) { pointer in
            uv_walk(
                loop.uv,
                { handle, found in
                    guard let handle, let found else { return }
                    let kind = uv_handle_get_type(handle)
                    guard kind == UV_IDLE || kind == UV_TIMER || kind == UV_POLL else { return }
                    found.assumingMemoryBound(to: [UnsafeMutablePointer<uv_handle_t>].self)
                        .pointee.append(handle)
                },
                pointer
            )
        }
        return found
    }
}

/// What the owner of an engine hears.
protocol EngineOwner: AnyObject {
    /// Fill the server's TLS context; false if it cannot be.
    func prepareTLS(_ context: OpaquePointer) -> Bool

    /// A callback of plain HTTP; what libwebsockets gets for an answer.
    func http(
        _ wsi: OpaquePointer,
        _ reason: lws_callback_reasons,
        _ bytes: UnsafeMutableRawPointer?,
        _ count: Int
    ) -> Int32

    /// An accepted socket has become a WebSocket: the connection that it is from here on.
    func upgraded(_ wsi: OpaquePointer) -> WebSocketConnection?

    /// A connection is open.
    func opened(_ connection: WebSocketConnection)

    /// A client's connection could not be opened.
    func failed(_ connection: WebSocketConnection, _ reason: String)

    /// A client's connection is given up before it has a socket.
    func dropped(_ connection: WebSocketConnection)

    /// A client's connection is gone.
    func ended(_ connection: WebSocketConnection)

    /// End all connections at once.
    func killAll()

    /// Whether libwebsockets has freed all connections.
    var isEmpty: Bool { get }
}
