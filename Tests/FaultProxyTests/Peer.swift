// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics
import VestibuleEventLoop

/// A call of the system that failed.
struct SystemError: Error, Equatable {
    let number: Int32
}

/// How a socket's bytes ended.
enum PeerEnd: Equatable {
    case fin, reset
    /// Nothing came for as long as was waited.
    case silence
}

/// One end of a TCP connection, with calls that block its side's worker, for at most five seconds.
///
/// Independent of the proxy's own sockets.
final class Peer: Sendable {
    let descriptor: Int32
    private let worker: Worker
    private let isClosed = Locked(false)

    init(_ descriptor: Int32, on worker: Worker) {
        self.descriptor = descriptor
        self.worker = worker
        Self.setPatience(.seconds(5), of: descriptor)
    }

    deinit { close() }

    /// Connects to a port of 127.0.0.1; on the worker.
    static func connected(to port: Int, on worker: Worker) throws -> Peer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let result = withAddress(port) { connect(descriptor, $0, $1) }
        guard result == 0 else {
            let failure = errno
            Glibc.close(descriptor)
            throw SystemError(number: failure)
        }
        return Peer(descriptor, on: worker)
    }

    func send(_ bytes: [UInt8]) async throws {
        try await worker.run { [descriptor] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw SystemError(number: errno) }
                sent += count
            }
        }
    }

    /// So many bytes, fewer only if no more come.
    func receive(_ count: Int) async throws -> [UInt8] {
        try await worker.run { [descriptor] in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while bytes.count < count {
                let piece = recv(descriptor, &buffer, min(buffer.count, count - bytes.count), 0)
                guard piece > 0 else { return bytes }
                bytes += buffer[..<piece]
            }
            return bytes
        }
    }

    /// What comes next if it is not a byte.
    func end(within patience: Duration = .seconds(5)) async throws -> PeerEnd? {
        try await worker.run { [descriptor] in
            Self.setPatience(patience, of: descriptor)
            defer { Self.setPatience(.seconds(5), of: descriptor) }
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, 0)
            if count == 0 { return .fin }
            if count > 0 { return nil }
            if errno == ECONNRESET { return .reset }
            guard errno == EAGAIN else { throw SystemError(number: errno) }
            return .silence
        }
    }

    /// Sends no more.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close(reset: Bool = false) {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        if reset {
            var linger = linger(l_onoff: 1, l_linger: 0)
            let size = socklen_t(MemoryLayout<Glibc.linger>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
        }
        Glibc.close(descriptor)
    }

    /// How long a call on the socket may block.
    static func setPatience(_ patience: Duration, of descriptor: Int32) {
        let microseconds = Int(patience.nanoseconds / 1_000)
        var time = timeval(
            tv_sec: microseconds / 1_000_000,
            tv_usec: microseconds % 1_000_000
        )
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }
}

/// Calls with the address of a port of 127.0.0.1.
func withAddress<Result>(
    _ port: Int,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// The port that a socket is bound to, or connected to.
func port(of descriptor: Int32, remote: Bool = false) -> Int? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            remote ? getpeername(descriptor, $0, &size) : getsockname(descriptor, $0, &size)
        }
    }
    guard result == 0, address.sin_family == sa_family_t(AF_INET) else { return nil }
    return Int(in_port_t(bigEndian: address.sin_port))
}
