// SPDX-License-Identifier: Apache-2.0

import CVestibuleOpenSSL
import Testing
import VestibuleTransport

/// Two ends of TLS with nothing but memory between them, and no certificate.
private final class Ends {
    struct Failure: Error {}

    let client: OpaquePointer
    let server: OpaquePointer
    private let context: OpaquePointer

    init() throws {
        guard let context = SSL_CTX_new(TLS_method()), let client = SSL_new(context),
            let server = SSL_new(context)
        else { throw Failure() }
        self.context = context
        self.client = client
        self.server = server
        for end in [client, server] {
            SSL_ctrl(end, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
            SSL_set_cipher_list(end, "aNULL:@SECLEVEL=0")
        }
        SSL_set_connect_state(client)
        SSL_set_accept_state(server)
        var pair: (OpaquePointer?, OpaquePointer?)
        guard BIO_new_bio_pair(&pair.0, 65_536, &pair.1, 65_536) == 1 else { throw Failure() }
        SSL_set_bio(client, pair.0, pair.0)
        SSL_set_bio(server, pair.1, pair.1)
        for _ in 0..<10 {
            for end in [client, server] { SSL_do_handshake(end) }
        }
        guard SSL_is_init_finished(server) == 1 else { throw Failure() }
    }

    deinit {
        SSL_free(client)
        SSL_free(server)
        SSL_CTX_free(context)
        ERR_clear_error()
    }

    func send(_ count: Int) {
        let bytes = [UInt8](repeating: 7, count: count)
        #expect(SSL_write(client, bytes, Int32(count)) == Int32(count))
    }
}

struct PipeTests {
    /// Reads with so much room.
    private func read(_ pipe: Pipe, _ room: Int) -> (count: Int, mayHaveMore: Bool) {
        withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return (0, false) }
            let found = pipe.read(into: start, room)
            return (found.count, found.mayHaveMore)
        }
    }

    @Test func `more is expected where TLS holds some, not where the room was just enough`() throws
    {
        let ends = try Ends()
        let pipe = Pipe(descriptor: -1, tls: ends.server)
        ends.send(5_000)
        #expect(read(pipe, 5_000) == (5_000, false), "all that there was")
        #expect(read(pipe, 5_000) == (0, false))
        ends.send(5_000)
        ends.send(20)
        #expect(read(pipe, 5_000) == (5_000, true), "the small record is read ahead")
        #expect(read(pipe, 5_000) == (20, false))
        ends.send(5_000)
        #expect(read(pipe, 4_000) == (4_000, true), "the rest of the record")
        #expect(read(pipe, 4_000) == (1_000, false))
    }
}
