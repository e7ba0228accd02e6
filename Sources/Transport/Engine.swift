// SPDX-License-Identifier: Apache-2.0

import CVestibuleUV
import CVestibuleWebSockets
import Glibc
import VestibuleBasics
import VestibuleEventLoop

/// One libwebsockets context with one vhost, on a loop of ours that is lent to it.
///
/// Made, used and destroyed on its loop. It outlives its connections: the context is destroyed
/// first, then this.
final class Engine {
    /// What is different between a server's and a client's vhost.
    struct Setup {
        var protocols: [EngineProtocol]
        var serverTLS = false
        var trust: WebSocketTrust?
    }

    let loop: EventLoop
    let handler: any WebSocketHandler
    private(set) var vhost: OpaquePointer?
    var touched: [WebSocketConnection] = []
    var doomed: [WebSocketConnection] = []
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0

    /// Set by the owner: a server fills its TLS context here, and hears of plain HTTP.
    weak var owner: (any EngineOwner)?

    // libwebsockets writes NULL here when the context is gone, and keeps the pointer until then.
    private let slot = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 1)
    private let loopSlot = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
    private let memory = EngineMemory()
    private var statics: [UnsafeMutablePointer<uv_handle_t>] = []
    private var pipe: UnsafeMutablePointer<uv_handle_t>?
    private var pool = BufferPool()
    private var maskKeys = MaskKeys()
    private var hook: HookToken?
    private var turnMoment: Moment?
    private var whenGone: [() -> Void] = []

    init(loop: EventLoop, handler: any WebSocketHandler) {
        self.loop = loop
        self.handler = handler
        slot.initialize(to: nil)
        loopSlot.initialize(to: UnsafeMutableRawPointer(loop.uv))
    }

    deinit {
        precondition(slot.pointee == nil, "An engine is destroyed before it is let go")
        slot.deallocate()
        loopSlot.deallocate()
    }

    var context: OpaquePointer? { slot.pointee }

    /// The moment of this turn: read once, as a turn is short.
    var moment: Moment {
        if let turnMoment { return turnMoment }
        let moment = EventLoop.readMoment()
        turnMoment = moment
        return moment
    }

    /// Creates the context and the vhost; the owner's callbacks may come from within.
    func open(_ setup: Setup) throws(TransportError) {
        TransportLog.capture()
        var info = memory.creationInfo(setup, loopSlot: loopSlot, slot: slot)
        info.user = Unmanaged.passUnretained(self).toOpaque()
        guard Self.hasEventLibrary else { throw .eventLibraryMissing }
        let before = handles()
        guard let context = lws_create_context(&info) else { throw .engine("no context") }
        slot.pointee = context
        let fresh = handles().filter { !before.contains($0) }
        statics = fresh.filter { uv_handle_get_type($0) != UV_POLL }
        pipe = fresh.first { uv_handle_get_type($0) == UV_POLL }
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

    /// Ends every connection, destroys the context, and calls `done` on the loop when it is gone.
    ///
    /// With a foreign loop that takes a few turns.
    func close(_ done: @escaping () -> Void) {
        guard context != nil else {
            done()
            return
        }
        whenGone.append(done)
        guard whenGone.count == 1 else { return }
        owner?.killAll()
        _ = loop.schedule(after: .milliseconds(1)) { [self] in
            destroy()
            awaitGone()
        }
    }

    /// Begins to destroy the context.
    ///
    /// libwebsockets 4.1 closes the descriptor of its wake-up pipe now, and the same number again
    /// when libuv has closed the handle; by then another thread may have got the number for a
    /// socket or a file of its own. So the number is taken back at once, or, if somebody was
    /// faster, kept open for him through the second close.
    private func destroy() {
        guard let context else { return }
        var number: Int32 = -1
        if let pipe { uv_fileno(pipe, &number) }
        lws_context_destroy(context)
        guard let pipe, number >= 0, vestibule_uv_take_number(loop.uv, number) == 0 else { return }
        vestibule_uv_spare(pipe, number)
    }

    /// libwebsockets closes its own handles asynchronously and, on a foreign loop, wants to be
    /// told when they are gone.
    private func awaitGone() {
        _ = loop.schedule(after: .milliseconds(1)) { [self] in
            if let context, handles().allSatisfy({ !statics.contains($0) }) {
                lws_context_destroy(context)
            }
            guard context == nil else {
                awaitGone()
                return
            }
            if let hook { loop.remove(hook) }
            hook = nil
            let waiting = whenGone
            whenGone = []
            for done in waiting { done() }
        }
    }

    /// Writes what this turn's callbacks sent, one write a connection, and ends those that were
    /// dropped.
    private func endTurn() {
        turnMoment = nil
        guard !touched.isEmpty || !doomed.isEmpty else { return }
        var index = 0
        while index < touched.count {
            touched[index].flush()
            index += 1
        }
        touched.removeAll(keepingCapacity: true)
        let dropped = doomed
        doomed = []
        for connection in dropped {
            guard let wsi = connection.wsi else { continue }
            vestibule_lws_kill(wsi)
        }
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

    /// A client's connection could not be opened.
    func failed(_ connection: WebSocketConnection, _ reason: String)

    /// A client's connection is gone.
    func ended(_ connection: WebSocketConnection)

    /// End all connections at once.
    func killAll()
}
