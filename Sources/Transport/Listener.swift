// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleUV
import Glibc
import VestibuleBasics
import VestibuleEventLoop

/// A listening socket of ours on a loop.
///
/// Not libwebsockets' own: that cannot share a port between contexts, and binds every address
/// when told one. Several loops each have a listener on the same port (`SO_REUSEPORT`); the kernel
/// spreads the connections.
final class Listener {
    let port: Int
    private let loop: EventLoop
    private let descriptor: Int32
    private var spare: Int32 = -1
    private let poll = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
    private let accepted: (Int32, SocketAddress) -> Void
    private let refused: () -> Void
    private var isOpen = true
    private var pause: TimerToken?
    private var pace: AcceptPace

    /// Binds and listens; the kernel keeps who comes until ``start()``.
    ///
    /// Unless it `joins` a listener of ours, the port is bound alone first, as
    /// two sharing listeners would never notice each other.
    init(
        loop: EventLoop,
        endpoint: ServerEndpoint,
        joins port: Int?,
        pace: AcceptPace,
        accepted: @escaping (Int32, SocketAddress) -> Void,
        refused: @escaping () -> Void
    ) throws(TransportError) {
        self.loop = loop
        self.pace = pace
        self.accepted = accepted
        self.refused = refused
        let wanted = port ?? endpoint.port
        if port == nil, wanted != 0 {
            Glibc.close(try Self.bound(endpoint.host, wanted, shared: false))
        }
        descriptor = try Self.bound(endpoint.host, wanted, shared: true)
        guard listen(descriptor, 4_096) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw .cannotListen(host: endpoint.host, port: wanted, reason: reason)
        }
        self.port = Int(vestibule_local_port(descriptor))
        let failure = uv_poll_init(loop.uv, poll, descriptor)
        guard failure == 0 else {
            Glibc.close(descriptor)
            poll.deallocate()
            isOpen = false
            let reason = String(cString: uv_strerror(failure))
            throw .cannotListen(host: endpoint.host, port: wanted, reason: reason)
        }
        openSpare()
        poll.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    /// Begins to take connections; again does no harm.
    func start() {
        guard isOpen, pause == nil else { return }
        uv_poll_start(poll, Int32(UV_READABLE.rawValue)) { handle, _, _ in
            guard let data = handle?.pointee.data else { return }
            Unmanaged<Listener>.fromOpaque(data).takeUnretainedValue().acceptSome()
        }
    }

    deinit {
        precondition(!isOpen, "A listener is closed before it is let go")
    }

    /// Stops listening; connections that were not taken yet are refused by the kernel.
    func close() {
        guard isOpen else { return }
        isOpen = false
        if let pause { loop.cancel(pause) }
        pause = nil
        uv_poll_stop(poll)
        poll.withMemoryRebound(to: uv_handle_t.self, capacity: 1) { handle in
            uv_close(handle) { handle in handle?.deallocate() }
        }
        Glibc.close(descriptor)
        if spare >= 0 { Glibc.close(spare) }
    }

    private func acceptSome() {
        for _ in 0..<Tuning.acceptsPerTurn {
            guard isOpen else { return }
            let now = EventLoop.readMoment()
            if let wait = pace.wait(at: now) { return rest(for: max(wait, Tuning.acceptRest)) }
            var peer = vestibule_address()
            let taken = vestibule_accept(descriptor, &peer)
            let failure = errno
            if taken >= 0 {
                pace.take(at: now)
                accepted(taken, SocketAddress(peer))
                continue
            }
            switch failure {
            case EAGAIN: return
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE: if !refuseOne() { return rest(for: Tuning.listenerRest) }
            // No memory, or a fault of the network: to ask again at once would only burn time.
            default: return rest(for: Tuning.listenerRest)
            }
        }
    }

    /// Out of descriptors: gives the spare one up to take a connection and hang up on it; false if
    /// there is no spare one.
    private func refuseOne() -> Bool {
        openSpare()
        guard spare >= 0 else { return false }
        Glibc.close(spare)
        spare = -1
        var peer = vestibule_address()
        let taken = vestibule_accept(descriptor, &peer)
        if taken >= 0 {
            Glibc.close(taken)
            refused()
        }
        openSpare()
        return taken >= 0
    }

    private func openSpare() {
        if spare < 0 { spare = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC) }
    }

    /// Looks away for a while: a listener that stays readable would keep the loop turning.
    private func rest(for time: Duration) {
        guard isOpen, pause == nil else { return }
        uv_poll_stop(poll)
        pause = loop.schedule(after: time) { [self] in
            pause = nil
            start()
        }
    }

    private static func bound(
        _ host: String,
        _ port: Int,
        shared: Bool
    ) throws(TransportError) -> Int32 {
        guard let address = SocketAddress(host: host, port: port) else {
            throw .cannotListen(host: host, port: port, reason: "no numeric address and port")
        }
        let descriptor = withUnsafePointer(to: address.raw) {
            vestibule_bound_socket($0, shared ? 1 : 0)
        }
        guard descriptor >= 0, shared || listen(descriptor, 1) == 0 else {
            let failure = errno
            if descriptor >= 0 { Glibc.close(descriptor) }
            if failure == EADDRINUSE { throw .portTaken(host: host, port: port) }
            throw .cannotListen(host: host, port: port, reason: String(cString: strerror(failure)))
        }
        return descriptor
    }
}
