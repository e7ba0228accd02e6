// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import Glibc
import VestibuleBasics
import VestibuleWire

/// What happens on a socket; on its loop's thread.
///
/// Bytes are lent for the length of the call.
protocol EpollSocketDelegate: AnyObject {
    /// The WebSocket handshake is done.
    func opened(_ socket: EpollSocket)

    func text(_ socket: EpollSocket, _ bytes: UnsafeRawBufferPointer)

    func binary(_ socket: EpollSocket, _ bytes: UnsafeRawBufferPointer)

    /// It is gone, or never opened; not after ``EpollSocket/close(code:)``.
    func closed(_ socket: EpollSocket, code: UInt16?)
}

/// A WebSocket client (RFC 6455) by hand, made to cost the generator as little as can be.
///
/// It sends masked frames with one fixed key, parses without allocating, and joins what is sent in
/// one turn into one write. It takes no fragments: our server sends none.
final class EpollSocket {
    enum Phase {
        case connecting
        case shaking
        case open
        case closed
    }

    unowned let loop: EpollLoop
    private(set) var phase = Phase.connecting

    /// Told of everything; kept alive by whoever made it.
    weak var delegate: (any EpollSocketDelegate)?

    /// What waits for the kernel.
    var unsent: Int { output.count }

    /// Frames refused because more than ``mostUnsent`` waited.
    private(set) var refused = 0

    /// More than this never waits: a server that reads nothing must not eat the generator.
    static let mostUnsent = 4 * 1024 * 1024

    private let descriptor: Int32
    private let path: String
    private let host: String
    private var slot = -1
    private var output = ByteQueue()
    private var input = ByteQueue()
    private var isTouched = false
    private var isBlocked = false
    private var closeCode: UInt16?

    /// Begins to connect.
    ///
    /// `receive` is the size of the kernel's receive buffer, for a receiver that is slow on
    /// purpose; 0: the system's own choice.
    init(
        on loop: EpollLoop,
        to address: EpollAddress,
        path: String = WireProtocol.path,
        receive: Int32 = 0,
        delegate: any EpollSocketDelegate
    ) throws(EpollFailure) {
        self.loop = loop
        self.path = path
        self.delegate = delegate
        host = address.text
        descriptor = vestibule_socket(address.family, receive)
        guard descriptor >= 0 else { throw EpollFailure(call: "socket", code: errno) }
        let result = address.withSockaddr { connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            let code = errno
            Glibc.close(descriptor)
            throw EpollFailure(call: "connect", code: code)
        }
        slot = loop.add(self, descriptor: descriptor, interest: vestibule_epoll_out)
    }

    /// Sends a text message.
    func send(text: [UInt8]) {
        guard phase == .open else { return }
        text.withUnsafeBytes { append(opcode: 1, head: $0, tail: nil) }
    }

    /// Sends a media frame: a header of its own and a payload that was masked before.
    ///
    /// - Returns: false where too much waits already.
    @discardableResult
    func send(_ header: MediaHeader, _ payload: PreparedPayload) -> Bool {
        guard phase == .open, output.count < Self.mostUnsent else {
            refused += 1
            return false
        }
        withUnsafeTemporaryAllocation(byteCount: MediaHeader.size, alignment: 4) { head in
            header.write(into: head)
            append(opcode: 2, head: UnsafeRawBufferPointer(head), tail: payload)
        }
        return true
    }

    /// Closes, without waiting for the other side's close frame; nothing is told any more.
    func close(code: UInt16 = 1000) {
        if phase == .open {
            withUnsafeBytes(of: code.bigEndian) { append(opcode: 8, head: $0, tail: nil) }
            flush()
        }
        finish()
    }

    // MARK: For the loop

    /// Something can be read or written, or the socket is gone.
    func ready(_ events: UInt32) {
        if phase == .connecting { connected() }
        if phase == .closed { return }
        if events & vestibule_epoll_out != 0, isBlocked { unblock() }
        if events & (vestibule_epoll_in | vestibule_epoll_gone) != 0 { receive() }
    }

    /// Writes what this turn gathered.
    func flush() {
        isTouched = false
        guard phase == .open || phase == .shaking, !isBlocked, !output.isEmpty else { return }
        let waiting = output.bytes
        let sent = vestibule_send(descriptor, waiting.baseAddress, UInt(waiting.count))
        if sent >= 0 { output.drop(sent) }
        guard sent < waiting.count else { return }
        guard sent >= 0 || errno == EAGAIN else { return lost() }
        isBlocked = true
        loop.change(
            slot: slot,
            descriptor: descriptor,
            interest: vestibule_epoll_in | vestibule_epoll_out
        )
    }

    private func unblock() {
        isBlocked = false
        loop.change(slot: slot, descriptor: descriptor, interest: vestibule_epoll_in)
        flush()
    }

    private func connected() {
        let failure = vestibule_socket_error(descriptor)
        guard failure == 0 else {
            loop.lastConnectFailure = EpollFailure(call: "connect", code: failure)
            return lost()
        }
        phase = .shaking
        loop.change(slot: slot, descriptor: descriptor, interest: vestibule_epoll_in)
        let request = Handshake.request(path: path, host: host)
        request.withUnsafeBytes { output.append($0) }
        flush()
    }

    private func lost() {
        guard phase != .closed else { return }
        let code = closeCode
        finish()
        delegate?.closed(self, code: code)
    }

    private func finish() {
        guard phase != .closed else { return }
        phase = .closed
        Glibc.close(descriptor)
        loop.remove(slot: slot)
    }
}

extension EpollSocket {
    private func append(opcode: UInt8, head: UnsafeRawBufferPointer, tail: PreparedPayload?) {
        let count = head.count + (tail?.count ?? 0)
        let prefix = FrameHead.size(of: count)
        let place = output.extend(by: prefix + count)
        FrameHead.write(opcode: opcode, count: count, to: place)
        let body = place + prefix
        if let base = head.baseAddress {
            body.copyMemory(from: base, byteCount: head.count)
            FrameMask.apply(to: body, count: head.count)
        }
        if let tail, let base = tail.masked.baseAddress {
            (body + head.count).copyMemory(from: base, byteCount: tail.count)
        }
        guard !isTouched else { return }
        isTouched = true
        loop.touch(self)
    }

    /// Reads until the kernel has no more than one buffer holds; the next turn takes the rest.
    private func receive() {
        let count = recv(descriptor, loop.scratch.baseAddress, loop.scratch.count, 0)
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            return lost()
        }
        let fresh = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[0..<count])
        guard input.isEmpty else {
            input.append(UnsafeRawBufferPointer(fresh))
            let used = parse(UnsafeRawBufferPointer(input.bytes))
            input.drop(used)
            return
        }
        let used = parse(UnsafeRawBufferPointer(fresh))
        guard used < count, phase != .closed else { return }
        input.append(UnsafeRawBufferPointer(rebasing: fresh[used...]))
    }

    /// Takes whole frames; returns how many bytes they had.
    private func parse(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        if phase == .shaking {
            guard let end = Handshake.end(of: bytes) else {
                if bytes.count > 8_192 { lost() }
                return 0
            }
            guard Handshake.isAccepted(UnsafeRawBufferPointer(rebasing: bytes[0..<end])) else {
                lost()
                return bytes.count
            }
            phase = .open
            delegate?.opened(self)
            used = end
        }
        while phase == .open {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            guard let frame = FrameHead(rest) else { break }
            guard frame.isAllowed else {
                lost()
                break
            }
            guard rest.count - frame.size >= frame.count else { break }
            let end = frame.size + frame.count
            take(frame.opcode, UnsafeRawBufferPointer(rebasing: rest[frame.size..<end]))
            used += end
        }
        return used
    }

    private func take(_ opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
        switch opcode {
        case 1: delegate?.text(self, payload)
        case 2: delegate?.binary(self, payload)
        case 8:
            closeCode =
                payload.count >= 2
                ? UInt16(bigEndian: payload.loadUnaligned(as: UInt16.self)) : 1005
            append(opcode: 8, head: payload, tail: nil)
            flush()
            lost()
        case 9: append(opcode: 10, head: payload, tail: nil)
        default: break
        }
    }
}
