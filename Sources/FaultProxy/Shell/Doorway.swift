// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleUV
import Glibc
import VestibuleBasics
import VestibuleEventLoop

/// The listening socket, which can refuse for a while and keep its port; on the loop only.
final class Doorway {
    /// Connections taken in one turn.
    private static let perTurn = 64

    /// How long it looks away where the system gives no descriptor.
    private static let rest = Duration.milliseconds(100)

    private let loop: EventLoop
    private let watch: Watch
    private var pause: TimerToken?
    private(set) var isRefusing = false
    private var accepted: (Int32) -> Void = { _ in }

    /// Listens; the kernel keeps who comes until ``start(_:)``.
    init(_ place: HostPort, receiveBuffer: Int?, on loop: EventLoop) throws(FaultProxyError) {
        self.loop = loop
        let descriptor = Sockets.bound(place, receiveBuffer: receiveBuffer)
        guard descriptor >= 0 else { throw .cannotListen(place, Self.reason()) }
        guard listen(descriptor, 4_096) == 0 else {
            let reason = Self.reason()
            Glibc.close(descriptor)
            throw .cannotListen(place, reason)
        }
        let box = Box()
        guard let watch = Watch(descriptor, on: loop.uv, ready: { box.doorway?.acceptSome() })
        else {
            throw .cannotListen(place, "the loop does not watch it")
        }
        self.watch = watch
        box.doorway = self
    }

    private final class Box {
        weak var doorway: Doorway?
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    var port: Int { Int(vestibule_local_port(watch.descriptor)) }

    /// Begins to take connections, each non-blocking and the taker's to close.
    func start(_ accepted: @escaping (Int32) -> Void) {
        self.accepted = accepted
        look()
    }

    /// Refuses as a machine without a server does (ECONNREFUSED); who waits in the kernel's queue
    /// is reset.
    func refuse() {
        guard !isRefusing else { return }
        isRefusing = true
        watch.want(reading: false, writing: false)
        shutdown(watch.descriptor, Int32(SHUT_RDWR))
    }

    /// Listens again; false if the port is somebody else's meanwhile.
    func accept() -> Bool {
        guard isRefusing else { return true }
        guard listen(watch.descriptor, 4_096) == 0 else { return false }
        isRefusing = false
        look()
        return true
    }

    func close() {
        if let pause { loop.cancel(pause) }
        pause = nil
        accepted = { _ in }
        watch.close()
    }

    private func look() {
        guard pause == nil, !isRefusing else { return }
        watch.want(reading: true, writing: false)
    }

    private func acceptSome() {
        for _ in 0..<Self.perTurn where !isRefusing {
            var peer = vestibule_address()
            let taken = vestibule_accept(watch.descriptor, &peer)
            let failure = errno
            if taken >= 0 {
                accepted(taken)
                continue
            }
            switch failure {
            case EAGAIN: return look()
            case EINTR, ECONNABORTED: continue
            default: return takeRest()
            }
        }
        look()
    }

    /// A socket that stays readable would keep the loop turning.
    private func takeRest() {
        guard pause == nil else { return }
        watch.want(reading: false, writing: false)
        pause = loop.schedule(after: Self.rest) { [weak self] in
            self?.pause = nil
            self?.look()
        }
    }
}
