// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleEventLoop

/// A plain TCP socket, for what no client of ours would do. It blocks, on a thread of its own, so
/// that no thread of Swift's pool is ever held.
actor RawSocket {
    private let worker: Worker
    private let descriptor: Int32

    nonisolated var unownedExecutor: UnownedSerialExecutor { worker.asUnownedSerialExecutor() }

    /// Connects; what is read later is waited for as long as a peer's events are.
    private init(host: String, port: Int, receiveBuffer: Int32) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if receiveBuffer > 0 { Self.set(SO_RCVBUF, receiveBuffer, of: descriptor) }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Disappointment("nobody listens on \(host):\(port)")
        }
        self.descriptor = descriptor
        worker = Worker(name: "raw-socket", capacity: 16)
    }

    private static func set(_ option: Int32, _ value: Int32, of descriptor: Int32) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(4))
    }

    /// Lends a socket that is closed afterwards.
    static func with<Result: Sendable>(
        port: Int,
        host: String = "127.0.0.1",
        receiveBuffer: Int32 = 0,
        _ body: (RawSocket) async throws -> Result
    ) async throws -> Result {
        let socket = try RawSocket(host: host, port: port, receiveBuffer: receiveBuffer)
        do {
            let result = try await body(socket)
            await socket.end()
            return result
        } catch {
            await socket.end()
            throw error
        }
    }

    /// One request of an operator's tool: the status and the body of its answer.
    static func get(
        _ path: String,
        port: Int,
        host: String = "127.0.0.1"
    ) async throws -> (status: Int, body: String) {
        let answer = try await with(port: port, host: host) { socket in
            await socket.send(
                Array("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)
            )
            return String(decoding: await socket.receiveAll(), as: UTF8.self)
        }
        let words = answer.split(separator: " ", maxSplits: 2)
        guard words.count == 3, let status = Int(words[1]),
            let end = answer.firstRange(of: "\r\n\r\n")
        else { throw Disappointment("\(path) was answered \(answer)") }
        return (status, String(answer[end.upperBound...]))
    }

    private nonisolated func end() async {
        await shut()
        await worker.stop()
    }

    private func shut() { close(descriptor) }

    /// Whether all of it went out.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// What comes up to the end of the stream, or as far as patience reaches.
    func receiveAll() -> [UInt8] {
        var bytes: [UInt8] = []
        while let more = receive(most: 65_536), !more.isEmpty { bytes += more }
        return bytes
    }

    /// Opens a WebSocket by hand.
    func upgrade() throws {
        send(
            Array(
                """
                GET /v1/connect HTTP/1.1\r\nHost: door\r\nUpgrade: websocket\r\nConnection: Upgrade\r
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Protocol: vestibule.v1\r\n\r\n
                """.utf8
            )
        )
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            head += String(decoding: try receive(exactly: 1), as: UTF8.self)
        }
        guard head.hasPrefix("HTTP/1.1 101") else { throw Disappointment("answered \(head)") }
    }

    /// Sends a text message.
    func send(text: String) { send(Self.frame(0x81, Array(text.utf8))) }

    /// The code of the close frame that comes, after whatever comes before it; nil where the
    /// stream ends, or nothing comes, without one.
    func closing() -> UInt16? {
        while let (first, payload) = try? frame() {
            if first == 0x88 {
                return payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005
            }
        }
        return nil
    }

    /// The next text message that holds `word`.
    func text(with word: String) throws -> String {
        while true {
            let (first, payload) = try frame()
            let text = String(decoding: payload, as: UTF8.self)
            if first == 0x81, text.contains(word) { return text }
            if first == 0x88 { throw Disappointment("closed before \(word)") }
        }
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

    private func frame() throws -> (first: UInt8, payload: [UInt8]) {
        let head = try receive(exactly: 2)
        var length = Int(head[1] & 127)
        if length >= 126 {
            let wide = try receive(exactly: length == 126 ? 2 : 8)
            length = wide.reduce(0) { $0 << 8 | Int($1) }
        }
        return (head[0], try receive(exactly: length))
    }

    private func receive(exactly count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard let more = receive(most: count - bytes.count), !more.isEmpty else {
                throw Disappointment("the stream ended")
            }
            bytes += more
        }
        return bytes
    }

    private func receive(most: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = recv(descriptor, &bytes, most, 0)
        return count < 0 ? nil : Array(bytes[..<count])
    }
}
