// SPDX-License-Identifier: Apache-2.0

import VestibuleWire

/// The opening handshake (RFC 6455 §4), always with the key of that document's example: the
/// answer to it is known, and a generator has no cache between it and the server to protect.
enum Handshake {
    static func request(path: String, host: String) -> [UInt8] {
        Array(
            """
            GET \(path) HTTP/1.1\r
            Host: \(host)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Protocol: \(WireProtocol.subprotocol)\r
            \r

            """.utf8
        )
    }

    /// What a far end answers to ``request(path:host:)``.
    static let answer = Array(
        """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
        \r

        """.utf8
    )

    /// The path that a request asks for; nil for what is no request.
    static func path(in head: UnsafeRawBufferPointer) -> String? {
        let words = String(decoding: head, as: UTF8.self).split(separator: " ")
        return words.count > 2 && words[0] == "GET" ? String(words[1]) : nil
    }

    /// Where the head of a request or an answer ends; nil while it is not all there.
    static func end(of bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 10 && bytes[index - 1] == 13 && bytes[index - 2] == 10
            && bytes[index - 3] == 13
        {
            return index + 1
        }
        return nil
    }

    static func isAccepted(_ head: UnsafeRawBufferPointer) -> Bool {
        let text = String(decoding: head, as: UTF8.self)
        return text.hasPrefix("HTTP/1.1 101")
            && text.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
