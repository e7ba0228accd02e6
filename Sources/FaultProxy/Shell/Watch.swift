// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleUV
import Glibc

/// A socket of the proxy and libuv's eye on it; on the loop only.
final class Watch {
    let descriptor: Int32
    private let poll = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
    private var wanted: Int32 = 0
    private var isOpen = true
    private let ready: () -> Void

    /// Takes the descriptor over, also where it answers nil (no memory, or a bound of epoll).
    ///
    /// `ready` must not hold who holds the watch.
    init?(
        _ descriptor: Int32,
        on loop: UnsafeMutablePointer<uv_loop_t>,
        ready: @escaping () -> Void
    ) {
        self.descriptor = descriptor
        self.ready = ready
        guard uv_poll_init(loop, poll, descriptor) == 0 else {
            poll.deallocate()
            isOpen = false
            Glibc.close(descriptor)
            return nil
        }
        vestibule_tune_socket(descriptor, 0, 0)
        poll.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit { precondition(!isOpen, "A watch is closed before it is let go") }

    /// What it is to look for; nothing lets the kernel's buffers fill.
    func want(reading: Bool, writing: Bool) {
        guard isOpen else { return }
        let events =
            (reading ? Int32(bitPattern: UV_READABLE.rawValue) : 0)
            | (writing ? Int32(bitPattern: UV_WRITABLE.rawValue) : 0)
        guard events != wanted else { return }
        wanted = events
        guard events != 0 else {
            uv_poll_stop(poll)
            return
        }
        uv_poll_start(poll, events) { handle, status, _ in
            guard let data = handle?.pointee.data else { return }
            let watch = Unmanaged<Watch>.fromOpaque(data).takeUnretainedValue()
            // An error ends libuv's watch; to read or to write will tell which.
            if status < 0 { watch.wanted = 0 }
            watch.ready()
        }
    }

    /// Closes the socket, orderly or with RST; again does no harm.
    func close(reset: Bool = false) {
        guard isOpen else { return }
        isOpen = false
        if reset { Sockets.resetAtClose(descriptor) }
        poll.withMemoryRebound(to: uv_handle_t.self, capacity: 1) { handle in
            uv_close(handle) { handle in handle?.deallocate() }
        }
        Glibc.close(descriptor)
    }
}
