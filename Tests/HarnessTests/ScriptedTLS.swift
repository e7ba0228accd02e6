// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import Foundation
import VestibuleBasics
import VestibuleCrypto

/// The server's side of TLS for a ``ScriptedPeer``, by OpenSSL itself: nothing of it is shared with
/// the shell that it is there to check.
final class ScriptedTLS {
    private let context: OpaquePointer
    private var ssl: OpaquePointer?

    /// Shows this certificate.
    init?(_ identity: CertificatePair) throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try identity.certificate.write(
            toFile: folder + "/c.pem",
            atomically: false,
            encoding: .utf8
        )
        try identity.privateKey.write(toFile: folder + "/k.pem", atomically: false, encoding: .utf8)
        guard let context = SSL_CTX_new(TLS_server_method()) else { return nil }
        self.context = context
        guard SSL_CTX_use_certificate_chain_file(context, folder + "/c.pem") == 1,
            SSL_CTX_use_PrivateKey_file(context, folder + "/k.pem", SSL_FILETYPE_PEM) == 1
        else { return nil }
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    /// A folder of this test's own.
    static func folder() throws -> String {
        let path = NSTemporaryDirectory() + "harness-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    func begin(_ descriptor: Int32) {
        ssl = SSL_new(context)
        SSL_set_fd(ssl, descriptor)
        SSL_set_accept_state(ssl)
    }

    /// What came; 0 or less where nothing did.
    func read(_ place: UnsafeMutableRawBufferPointer) -> Int {
        Int(SSL_read(ssl, place.baseAddress, Int32(clamping: place.count)))
    }

    /// One call, one record or more.
    func send(_ bytes: [UInt8]) { _ = SSL_write(ssl, bytes, Int32(clamping: bytes.count)) }
}
