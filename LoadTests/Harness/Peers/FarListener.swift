// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import Glibc
import VestibuleBasics

/// Takes the connections that a forwarder makes to us; on a loop's thread.
///
/// It looks every millisecond, while pairs find each other and never while anything is measured:
/// then nobody connects.
final class FarListener: EpollTimer {
    let port: UInt16

    /// Called with each connection; its descriptor is the callee's.
    var onConnection: ((Int32) -> Void)?

    private let descriptor: Int32
    private var slot: Int32 = -1

    init() throws(LoadFailure) {
        var port: UInt16 = 0
        descriptor = vestibule_listen(&port)
        guard descriptor >= 0 else { throw .system("listen", errno) }
        self.port = port
    }

    deinit { Glibc.close(descriptor) }

    /// Takes them from now on.
    func open(on loop: EpollLoop) {
        slot = loop.add(self)
        loop.arm(slot, at: loop.now)
    }

    /// And from now on no more.
    func close(on loop: EpollLoop) {
        guard slot >= 0 else { return }
        loop.remove(timer: slot)
        slot = -1
    }

    func due(at now: Moment, on loop: EpollLoop) {
        while true {
            let connection = vestibule_accept(descriptor)
            guard connection >= 0 else { break }
            onConnection?(connection)
        }
        loop.arm(slot, at: now + .milliseconds(1))
    }
}
