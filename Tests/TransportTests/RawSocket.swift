// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import VestibuleTransport

/// A plain TCP socket of a test: blocking, with five seconds of patience.
final class RawSocket {
    struct Failure: Error {}

    let descriptor: Int32
    private var wasReset = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(4))
    }

    /// Connects, with a small receive buffer if told.
    convenience init(host: String = "127.0.0.1", port: Int, receiveBuffer: Int32 = 0) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if receiveBuffer > 0 {
            var size = receiveBuffer
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(4))
        }
        try self.init(connecting: descriptor, host: host, port: port)
    }

    /// Connects a socket that was made before.
    convenience init(connecting descriptor: Int32, host: String = "127.0.0.1", port: Int) throws {
        var address = Self.address(host, port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Failure()
        }
        self.init(descriptor: descriptor)
    }

    deinit {
        close(descriptor)
    }

    /// A listener on loopback, and its port.
    static func listening() throws -> (socket: RawSocket, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address("127.0.0.1", 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard result else { throw Failure() }
        return (RawSocket(descriptor: descriptor), Int(UInt16(bigEndian: address.sin_port)))
    }

    func accepted() throws -> RawSocket {
        let taken = accept(descriptor, nil, nil)
        guard taken >= 0 else { throw Failure() }
        return RawSocket(descriptor: taken)
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure() }
            sent += count
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// What comes next, at most `most` bytes; empty at the end of the stream, nil if nothing came.
    func receive(most: Int = 65_536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = recv(descriptor, &bytes, most, 0)
        wasReset = count < 0 && errno == ECONNRESET
        return count < 0 ? nil : Array(bytes[..<count])
    }

    /// Everything up to and including `end`, or up to the end of the stream.
    func receive(until end: String) throws -> String {
        var text = ""
        while !text.contains(end) {
            guard let bytes = receive(most: 1) else {
                if wasReset { break }
                throw Failure()
            }
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    /// Everything up to the end of the stream, or to a reset; throws if neither comes.
    func receiveAll() throws -> [UInt8] {
        var all: [UInt8] = []
        while let bytes = receive() {
            if bytes.isEmpty { return all }
            all += bytes
        }
        guard wasReset else { throw Failure() }
        return all
    }

    /// Exactly `count` bytes.
    func receive(exactly count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard let more = receive(most: count - bytes.count), !more.isEmpty else {
                throw Failure()
            }
            bytes += more
        }
        return bytes
    }

    /// A response with a content length: its head and its body.
    func response() throws -> (head: String, body: String) {
        let head = try receive(until: "\r\n\r\n").lowercased()
        guard
            let line = head.split(separator: "\r\n").first(where: {
                $0.hasPrefix("content-length:")
            }),
            let length = Int(line.dropFirst(15).drop { $0 == " " })
        else { return (head, "") }
        return (head, String(decoding: try receive(exactly: length), as: UTF8.self))
    }

    /// Whether the peer has closed, and nothing came before that.
    func isAtEnd() -> Bool {
        let more = receive()
        return more?.isEmpty ?? wasReset
    }

    /// The handshake of a WebSocket.
    static func request(for path: String) -> String {
        """
        GET \(path) HTTP/1.1\r\nHost: door\r\nUpgrade: websocket\r\nConnection: Upgrade\r
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Protocol: vestibule.v1\r\n\r\n
        """
    }

    /// Opens a WebSocket by hand.
    func upgrade(path: String = "/v1/connect") throws {
        try send(Self.request(for: path))
        let head = try receive(until: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 101"))
        #expect(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    }

    /// A masked frame; the key of zeros leaves the payload readable.
    static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let key: [UInt8] = [0, 0, 0, 0]
        switch payload.count {
        case ..<126: return [first, 0x80 | UInt8(payload.count)] + key + payload
        case ..<65_536:
            return [first, 0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 255)] + key
                + payload
        default:
            let length = (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
            return [first, 0xFF] + length + key + payload
        }
    }

    /// The next unmasked frame.
    func frame() throws -> (first: UInt8, payload: [UInt8]) {
        let head = try receive(exactly: 2)
        var length = Int(head[1] & 127)
        if length >= 126 {
            let wide = try receive(exactly: length == 126 ? 2 : 8)
            length = wide.reduce(0) { $0 << 8 | Int($1) }
        }
        return (head[0], try receive(exactly: length))
    }

    private static func address(_ host: String, _ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return address
    }
}

extension Bench {
    /// An open connection whose peer has read nothing, until the server has no room for more.
    func peerThatTakesNoMore() async throws -> (RawSocket, Line) {
        let socket = try RawSocket(port: port, receiveBuffer: 4_096)
        try socket.upgrade()
        #expect(await serverEar.next() == .opened)
        let line = try await serverEar.line()
        while try await line.run({ $0.hasRoom }) {
            try await line.send(binary: [UInt8](repeating: 1, count: 60_000))
        }
        return (socket, line)
    }
}
