// SPDX-License-Identifier: Apache-2.0

import CVestibuleCurl
import CVestibuleUV

/// libuv's eye on one of libcurl's sockets; on the loop only.
///
/// It keeps itself alive (``retained``) from its making until libuv has let the handle go.
final class SocketWatch {
    private let socket: curl_socket_t
    private let handle = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
    private unowned let engine: CurlEngine
    private var isOpen = true

    /// Nil where libuv or the kernel does not watch the socket (no memory, or a bound of epoll).
    init?(
        _ socket: curl_socket_t,
        on loop: UnsafeMutablePointer<uv_loop_t>,
        for engine: CurlEngine
    ) {
        self.socket = socket
        self.engine = engine
        guard uv_poll_init(loop, handle, socket) == 0 else { return nil }
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    deinit { handle.deallocate() }

    /// What libcurl keeps beside the socket.
    var retained: UnsafeMutableRawPointer? { handle.pointee.data }

    static func of(_ data: UnsafeMutableRawPointer) -> SocketWatch {
        Unmanaged<SocketWatch>.fromOpaque(data).takeUnretainedValue()
    }

    func wait(reading: Bool, writing: Bool) {
        let events =
            (reading ? Int32(bitPattern: UV_READABLE.rawValue) : 0)
            | (writing ? Int32(bitPattern: UV_WRITABLE.rawValue) : 0)
        uv_poll_start(handle, events) { handle, status, events in
            guard let data = handle?.pointee.data else { return }
            SocketWatch.of(data).ready(status, events)
        }
    }

    /// Lets the socket go before libcurl closes it; the memory follows when libuv is done.
    func close() {
        guard isOpen else { return }
        isOpen = false
        let raw = UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
        uv_close(raw) { handle in
            guard let data = handle?.pointee.data else { return }
            Unmanaged<SocketWatch>.fromOpaque(data).release()
        }
    }

    private func ready(_ status: Int32, _ events: Int32) {
        guard isOpen else { return }
        var flags: Int32 = status < 0 ? CURL_CSELECT_ERR : 0
        if events & Int32(bitPattern: UV_READABLE.rawValue) != 0 { flags |= CURL_CSELECT_IN }
        if events & Int32(bitPattern: UV_WRITABLE.rawValue) != 0 { flags |= CURL_CSELECT_OUT }
        engine.act(on: socket, flags)
    }
}
