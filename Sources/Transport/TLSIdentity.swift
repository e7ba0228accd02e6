// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import CVestibuleSupport
import Glibc
import VestibuleBasics

/// Where a server's certificate chain and key are, in PEM.
package struct TLSFiles: Sendable, Equatable {
    package var certificate: String
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// The certificate that a server shows, which can be exchanged while it serves.
///
/// Loop-confined. OpenSSL reads it at each handshake; a connection keeps what it was shown.
final class TLSIdentity {
    private let slot = UnsafeMutablePointer<vestibule_tls_identity>.allocate(capacity: 1)

    /// Reads and checks the pair.
    init(_ files: TLSFiles) throws(TransportError) {
        // Empty before anything throws: `deinit` frees it then too.
        slot.initialize(to: vestibule_tls_identity())
        slot.pointee = try Self.read(files)
    }

    deinit {
        vestibule_tls_identity_free(slot)
        slot.deallocate()
    }

    /// Shows another pair from now on, or keeps the old one if that cannot be used.
    func reload(_ files: TLSFiles) throws(TransportError) {
        let fresh = try Self.read(files)
        vestibule_tls_identity_free(slot)
        slot.pointee = fresh
    }

    /// Sets up a server's context to show this identity.
    func prepare(_ context: OpaquePointer) -> Bool {
        var keys = Self.ticketKeys
        return vestibule_tls_prepare(context, slot, &keys, Int32(keys.count)) == 1
    }

    /// The keys of session tickets, drawn once, so that a ticket of one loop is good on another.
    private static let ticketKeys: [UInt8] = {
        var keys = [UInt8](repeating: 0, count: Int(vestibule_tls_ticket_key_size()))
        precondition(vestibule_random(&keys, keys.count) == 1, "The system has no random bytes")
        return keys
    }()

    private static func read(_ files: TLSFiles) throws(TransportError) -> vestibule_tls_identity {
        var identity = vestibule_tls_identity()
        let reason: String? =
            if vestibule_tls_read_chain(&identity, files.certificate) != 1 {
                "it cannot be read as a PEM certificate"
            } else if vestibule_tls_read_key(&identity, files.key) != 1 {
                "its key \(files.key) cannot be read as an unencrypted PEM key"
            } else if vestibule_tls_check(&identity) != 1 {
                "its key \(files.key) belongs to another certificate"
            } else {
                nil
            }
        guard let reason else { return identity }
        vestibule_tls_identity_free(&identity)
        throw .badCertificate(path: files.certificate, reason: reason)
    }
}
