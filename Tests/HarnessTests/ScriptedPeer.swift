// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics
import VestibuleHarness
import VestibuleWire

/// A WebSocket server of one connection, by hand (RFC 6455), on the thread of the test: nothing in
/// it is shared with the shell that it is there to check.
final class ScriptedPeer {
    /// A frame as it came: unmasked, with the masking key that it had.
    struct Frame {
        let opcode: UInt8
        let key: [UInt8]
        let payload: [UInt8]
    }

    let address: EpollAddress
    private let listener: Int32
    private var connection: Int32 = -1
    private var received: [UInt8] = []
    private let tls: ScriptedTLS?

    /// Listens on a free port of loopback.
    init?(tls: ScriptedTLS? = nil) {
        self.tls = tls
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        listener = descriptor
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &place.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 4) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isListening,
            let address = EpollAddress("127.0.0.1", port: UInt16(bigEndian: place.sin_port))
        else {
            close(descriptor)
            return nil
        }
        self.address = address
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
    }

    deinit {
        if connection >= 0 { close(connection) }
        close(listener)
    }

    /// Loses the connection, as a network does.
    func hangUp() {
        close(connection)
        connection = -1
        received = []
    }

    /// Takes what came; true once there is a connection.
    private func read() -> Bool {
        if connection < 0 {
            connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { return false }
            _ = fcntl(connection, F_SETFL, O_NONBLOCK)
            tls?.begin(connection)
        }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = bytes.withUnsafeMutableBytes { place in
            tls?.read(place) ?? recv(connection, place.baseAddress, place.count, 0)
        }
        if count > 0 { received += bytes[..<count] }
        return true
    }

    /// The request of the handshake, once it is all there.
    func request() -> String? {
        guard read() else { return nil }
        let text = String(decoding: received, as: UTF8.self)
        guard text.hasSuffix("\r\n\r\n") else { return nil }
        received = []
        return text
    }

    /// The next frame, once it is all there.
    func frame() -> Frame? {
        guard read(), received.count >= 14 || (received.count >= 6 && received[1] & 0x7F < 126)
        else { return nil }
        var (count, head) = (Int(received[1] & 0x7F), 2)
        if count == 126 {
            count = Int(received[2]) << 8 | Int(received[3])
            head = 4
        } else if count == 127 {
            count = received[2..<10].reduce(0) { $0 << 8 | Int($1) }
            head = 10
        }
        guard received.count >= head + 4 + count else { return nil }
        let key = Array(received[head..<head + 4])
        let payload = received[(head + 4)..<(head + 4 + count)].enumerated().map { index, byte in
            byte ^ key[index % 4]
        }
        defer { received.removeFirst(head + 4 + count) }
        return Frame(opcode: received[0] & 0x0F, key: key, payload: payload)
    }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) {
        if let tls { return tls.send(bytes) }
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Accepts the handshake of RFC 6455's example, which is the shell's.
    func accept() {
        send(
            Array(
                """
                HTTP/1.1 101 Switching Protocols\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
                Sec-WebSocket-Protocol: \(WireProtocol.subprotocol)\r
                \r

                """.utf8
            )
        )
    }

    /// A frame as servers send it, unmasked.
    static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let count = payload.count
        let length =
            count < 126 ? [UInt8(count)] : [126, UInt8(count >> 8), UInt8(count & 0xFF)]
        return [0x80 | opcode] + length + payload
    }
}
