// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import CVestibuleSupport
import Glibc

/// The descriptor of a connection that libwebsockets has shaken hands for, and its TLS: what is
/// read and written without it from then on.
///
/// Libwebsockets still owns both, and frees both. Loop-confined.
package struct Pipe {
    package let descriptor: Int32
    private let tls: OpaquePointer?

    /// `tls` may read ahead from here on: whoever reads goes on while there ``Read/mayHaveMore``.
    package init(descriptor: Int32, tls: OpaquePointer?) {
        self.descriptor = descriptor
        self.tls = tls
        if let tls { vestibule_tls_take_over(tls) }
    }

    /// Whether TLS has read from the socket what nobody has asked it for.
    var hasReadAhead: Bool {
        guard let tls else { return false }
        return SSL_has_pending(tls) != 0
    }

    /// What a read found.
    package struct Read {
        package var count = 0

        /// Nothing comes after these bytes.
        package var isEnd = false

        /// There was no room for all that TLS had read from the socket, and of that the kernel
        /// tells nothing.
        package var mayHaveMore = false
    }

    /// Reads what is there.
    @inline(__always)
    package func read(into place: UnsafeMutableRawPointer, _ room: Int) -> Read {
        if let tls {
            var isEnd: Int32 = 0
            let count = vestibule_tls_read(tls, place, room, &isEnd)
            return Read(count: count, isEnd: isEnd != 0, mayHaveMore: count == room && hasReadAhead)
        }
        let count = vestibule_receive(descriptor, place, room)
        if count > 0 { return Read(count: count) }
        return Read(isEnd: count == 0 || !Self.isForLater(errno))
    }

    /// Writes what the kernel takes; nil when the connection is broken.
    ///
    /// What was not written is to be offered again as it is, before anything else.
    @inline(__always)
    func write(_ place: UnsafeRawPointer, _ count: Int) -> Int? {
        if let tls {
            let written = vestibule_tls_write(tls, place, count)
            return written < 0 ? nil : written
        }
        let written = vestibule_send(descriptor, place, count)
        if written >= 0 { return written }
        return Self.isForLater(errno) ? 0 : nil
    }

    private static func isForLater(_ failure: Int32) -> Bool {
        failure == EAGAIN || failure == EINTR || failure == EWOULDBLOCK
    }
}
