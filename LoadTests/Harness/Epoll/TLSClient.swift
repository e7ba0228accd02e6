// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import Glibc

/// Whom the generator trusts: the authorities of a file, and nobody else.
///
/// Safe to share: OpenSSL counts the references of a context itself, and nothing changes it after
/// it was made.
package final class TLSClient: @unchecked Sendable {
    private let context: OpaquePointer

    /// Reads the authorities, PEM; nil for a file that holds none.
    package init?(authorities path: String) {
        guard let context = vestibule_link_context(path) else { return nil }
        self.context = context
        // OpenSSL writes with write(2), which has no flag against it.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit { SSL_CTX_free(context) }

    /// A link over a connected socket to a server whose certificate must be for `address`.
    func link(descriptor: Int32, address: String) -> TLSLink? {
        vestibule_link_make(context, descriptor, address).map(TLSLink.init)
    }
}

/// TLS over one socket, which stays its owner's.
///
/// Nothing here waits: each call does what it can now.
final class TLSLink {
    /// What a call came to.
    enum Outcome: Equatable {
        /// So many bytes; of a handshake, that it is done.
        case done(Int)

        /// The kernel has nothing more, or takes nothing more, now.
        case later

        case over
    }

    private let ssl: OpaquePointer

    fileprivate init(_ ssl: OpaquePointer) { self.ssl = ssl }

    deinit { SSL_free(ssl) }

    func handshake() -> Outcome { Self.outcome(Int(vestibule_link_handshake(ssl))) }

    /// Reads as many records as there are and fit.
    ///
    /// Records are read ahead of what is asked for, and what waits here wakes nobody: after
    /// `.done`, call again until it is `.later`.
    func read(into place: UnsafeMutableRawBufferPointer) -> Outcome {
        var isEnd: Int32 = 0
        let count = vestibule_tls_read(ssl, place.baseAddress, place.count, &isEnd)
        // What came before it counts; the end is met again.
        return Self.outcome(count == 0 && isEnd != 0 ? -1 : count)
    }

    /// Whether something that was read waits here; the kernel does not know of it.
    var hasMore: Bool { SSL_has_pending(ssl) != 0 }

    /// Writes from the front of `bytes` what the kernel takes.
    ///
    /// What it did not take must be the front of what is written next.
    func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        Self.outcome(vestibule_tls_write(ssl, bytes.baseAddress, bytes.count))
    }

    /// Tells the other side that no more comes, if the kernel takes that now.
    func sayGoodbye() { _ = SSL_shutdown(ssl) }

    /// Why the handshake failed.
    var complaint: String { String(cString: vestibule_link_complaint(ssl)) }

    private static func outcome(_ result: Int) -> Outcome {
        result > 0 ? .done(result) : result == 0 ? .later : .over
    }
}
