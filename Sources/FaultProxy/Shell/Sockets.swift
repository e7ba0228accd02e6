// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import Glibc
import VestibuleBasics

/// What the proxy asks of the system; a descriptor is closed by who got it.
enum Sockets {
    enum Piece {
        case bytes(Int)
        /// Nothing now.
        case blocked
        case end
        /// Reset, or otherwise lost.
        case lost
    }

    static func address(_ place: HostPort) -> vestibule_address? {
        var raw = vestibule_address()
        let host = place.host == "localhost" ? "127.0.0.1" : place.host
        guard let port = Int32(exactly: place.port),
            vestibule_address_parse(&raw, host, port) == 1
        else { return nil }
        return raw
    }

    /// A bound socket; -1 with errno.
    ///
    /// A free port is asked for and then named: a port that the kernel chose is lost when the
    /// socket stops listening, one that was named is kept.
    static func bound(_ place: HostPort, receiveBuffer: Int?) -> Int32 {
        guard let wanted = address(place) else {
            errno = EINVAL
            return -1
        }
        let first = withUnsafePointer(to: wanted) { vestibule_bound_socket($0, 0) }
        guard first >= 0 else { return -1 }
        defer { if place.port == 0 { close(first) } }
        guard place.port == 0 else {
            set(receiveBuffer: receiveBuffer, of: first)
            return first
        }
        let port = Int(vestibule_local_port(first))
        return bound(HostPort(host: place.host, port: port), receiveBuffer: receiveBuffer)
    }

    /// A socket that is connecting; -1 with errno.
    static func connecting(to address: vestibule_address, receiveBuffer: Int?) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(Int32(address.storage.ss_family), kind, 0)
        guard descriptor >= 0 else { return -1 }
        set(receiveBuffer: receiveBuffer, of: descriptor)
        let result = withUnsafePointer(to: address.storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, address.length)
            }
        }
        if result == 0 || errno == EINPROGRESS { return descriptor }
        let failure = errno
        close(descriptor)
        errno = failure
        return -1
    }

    /// Why a connect failed; 0 if it did not.
    static func failure(of descriptor: Int32) -> Int32 {
        var failure: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let result = getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
        return result == 0 ? failure : errno
    }

    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Piece {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EAGAIN { return .blocked }
            if errno != EINTR { return .lost }
        }
    }

    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Piece {
        while true {
            let count = send(
                descriptor,
                bytes.baseAddress,
                bytes.count,
                Int32(MSG_NOSIGNAL)
            )
            if count >= 0 { return .bytes(count) }
            if errno == EAGAIN { return .blocked }
            if errno != EINTR { return .lost }
        }
    }

    /// Tells the peer that no more comes (FIN).
    static func finish(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Bytes that the peer's kernel has not acknowledged (SIOCOUTQ).
    static func outstanding(_ descriptor: Int32) -> Int {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(0x5411), &count) == 0 ? Int(count) : 0
    }

    /// The next close resets the connection (RST).
    static func resetAtClose(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<Glibc.linger>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
    }

    /// Closes a socket with RST.
    static func drop(_ descriptor: Int32) {
        resetAtClose(descriptor)
        close(descriptor)
    }

    /// What the kernel holds of the peer's bytes before the peer is told to wait; it takes double.
    private static func set(receiveBuffer size: Int?, of descriptor: Int32) {
        guard let size else { return }
        var bytes = Int32(clamping: size)
        let length = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, length)
    }
}
