// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL

/// A TLS client of a test, by OpenSSL itself: what versions, protocols and tickets a server takes.
final class TLSSocket {
    struct Failure: Error {}

    /// What it offers.
    struct Offer {
        var least = TLS1_2_VERSION
        var most = TLS1_3_VERSION
        var protocols: [String] = []

        /// A session of an earlier connection, to go on with.
        var session: OpaquePointer?
    }

    private let socket: RawSocket
    private let context: OpaquePointer
    private let ssl: OpaquePointer

    /// Connects to a port of this machine and shakes hands; it trusts anybody.
    init(port: Int, _ offer: Offer = Offer()) throws {
        socket = try RawSocket(port: port)
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Failure() }
        // The macros that set the versions; old ones need OpenSSL's lowest level of security.
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(offer.least), nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(offer.most), nil)
        SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0")
        guard let ssl = SSL_new(context) else {
            SSL_CTX_free(context)
            throw Failure()
        }
        self.context = context
        self.ssl = ssl
        let names = offer.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !names.isEmpty { SSL_set_alpn_protos(ssl, names, UInt32(names.count)) }
        if let session = offer.session { SSL_set_session(ssl, session) }
        SSL_set_fd(ssl, socket.descriptor)
        guard SSL_connect(ssl) == 1 else { throw Failure() }
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
        ERR_clear_error()
    }

    var version: String { String(cString: SSL_get_version(ssl)) }

    /// Whether the server went on with the session that was offered.
    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// The protocol that the server chose by ALPN.
    var chosen: String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        guard let name, length > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// Sends bytes; as one record where they fit one.
    func send(_ bytes: [UInt8]) throws {
        guard SSL_write(ssl, bytes, Int32(bytes.count)) > 0 else { throw Failure() }
    }

    /// Asks for a path and gives what came first; a ticket of TLS 1.3 comes with that.
    func get(_ path: String) throws -> String {
        try send(Array("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        return try receive()
    }

    /// What comes next.
    func receive() throws -> String {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = SSL_read(ssl, &bytes, Int32(bytes.count))
        guard count > 0 else { throw Failure() }
        return String(decoding: bytes[..<Int(count)], as: UTF8.self)
    }

    /// The session, to be offered again; the caller frees it.
    func session() throws -> OpaquePointer {
        guard let session = SSL_get1_session(ssl) else { throw Failure() }
        return session
    }
}
