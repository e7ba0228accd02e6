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

/// A certificate, its chain and its key, read whole and found to belong together.
///
/// Never changed after its making, and OpenSSL counts who holds its parts: any thread.
final class TLSPair: @unchecked Sendable {
    let files: TLSFiles
    fileprivate var identity = vestibule_tls_identity()

    /// Reads and checks the files, which blocks; not on a loop.
    init(_ files: TLSFiles) throws(TransportError) {
        self.files = files
        let reason: String? =
            if vestibule_tls_read_chain(&identity, files.certificate) != 1 {
                "it cannot be read as a whole PEM certificate chain"
            } else if vestibule_tls_read_key(&identity, files.key) != 1 {
                "its key \(files.key) cannot be read as an unencrypted PEM key"
            } else if vestibule_tls_check(&identity) != 1 {
                "its key \(files.key) belongs to another certificate"
            } else {
                nil
            }
        if let reason { throw .badCertificate(path: files.certificate, reason: reason) }
    }

    deinit {
        vestibule_tls_identity_free(&identity)
    }

    /// Refuses a certificate that is not good at `time`.
    ///
    /// A server starts with such a one all the same: its clock may be what is wrong.
    func checkDates(at time: Timestamp) throws(TransportError) {
        switch vestibule_tls_dates(&identity, Int(time.milliseconds / 1_000)) {
        case 0: return
        case 1: throw .badCertificate(path: files.certificate, reason: "it has expired")
        default: throw .badCertificate(path: files.certificate, reason: "it is not valid yet")
        }
    }
}

/// The pair that a server shows, which can be exchanged while it serves.
///
/// Loop-confined. OpenSSL reads it at each handshake; a connection keeps what it was shown.
final class TLSIdentity {
    private let slot = UnsafeMutablePointer<vestibule_tls_identity>.allocate(capacity: 1)
    private(set) var pair: TLSPair

    init(_ pair: TLSPair) {
        self.pair = pair
        slot.initialize(to: pair.identity)
    }

    deinit {
        slot.deallocate()
    }

    /// Shows another pair from now on.
    func show(_ pair: TLSPair) {
        // The slot borrows what the pair holds.
        slot.pointee = pair.identity
        self.pair = pair
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
}
