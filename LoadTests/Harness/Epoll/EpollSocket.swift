// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import CVestibuleSupport
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

    /// The kernel has all that was sent so far.
    func flushed(_ socket: EpollSocket)

    /// It is gone, or never opened; not after ``EpollSocket/close(code:)``.
    func closed(_ socket: EpollSocket, code: UInt16?)
}

extension EpollSocketDelegate {
    /// For who does not want to know.
    func flushed(_ socket: EpollSocket) {}
}

/// A WebSocket client (RFC 6455) by hand, made to cost the generator as little as can be.
///
/// It sends masked frames with one fixed key, parses without allocating, and joins what is sent in
/// one turn into one write. It takes no fragments: our server sends none.
final class EpollSocket {
    enum Phase {
        case connecting
        /// TLS shakes hands.
        case securing
        case shaking
        case open
        case closed
    }

    unowned let loop: EpollLoop
    var phase = Phase.connecting

    /// The path that it asked for; of a far end, that it was asked for once it is open.
    var path: String

    /// Told of everything; kept alive by whoever made it.
    weak var delegate: (any EpollSocketDelegate)?

    /// More than this never waits: a server that reads nothing must not eat the generator.
    static let mostUnsent = 4 * 1024 * 1024

    private let descriptor: Int32
    private let host: String
    private let tls: TLSLink?
    let isFar: Bool

    /// Both ends of a forwarder are ours: each masks, and takes masked frames.
    let takesMasked: Bool
    private var slot = -1
    var output = ByteQueue()
    private var input = ByteQueue()

    /// When the other side last sent anything, pings included.
    private(set) var lastReceived: Moment
    var isTouched = false
    private var isBlocked = false
    var closeCode: UInt16?

    /// Nil: reads as fast as it can.
    private var pace: ReadingPace?
    private var paceSlot: Int32 = -1
    private var isResting = false

    /// Between two looks at what a slow reader may read.
    private static let paceInterval = Duration.milliseconds(5)

    /// Begins to connect.
    ///
    /// `receive` is the size of the kernel's receive buffer, for a receiver that is slow on
    /// purpose; 0: the system's own choice. `isForwarded`: behind the address is no server but a
    /// far end of ours.
    init(
        on loop: EpollLoop,
        to address: EpollAddress,
        path: String = WireProtocol.path,
        receive: Int32 = 0,
        isForwarded: Bool = false,
        delegate: any EpollSocketDelegate
    ) throws(EpollFailure) {
        self.loop = loop
        lastReceived = loop.now
        self.path = path
        self.delegate = delegate
        isFar = false
        takesMasked = isForwarded
        host = address.text
        descriptor = vestibule_socket(address.family, receive)
        guard descriptor >= 0 else { throw EpollFailure(call: "socket", code: errno) }
        tls = address.tls?.link(descriptor: descriptor, address: address.host)
        guard (tls == nil) == (address.tls == nil) else {
            Glibc.close(descriptor)
            throw EpollFailure(call: "TLS", code: ENOMEM)
        }
        if receive > 0 { vestibule_small_segments(descriptor) }
        let result = address.withSockaddr { connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            let code = errno
            Glibc.close(descriptor)
            throw EpollFailure(call: "connect", code: code)
        }
        slot = loop.add(self, descriptor: descriptor, interest: vestibule_epoll_out)
    }

    /// A far end: takes over a connection that a forwarder made to us, and waits for its request.
    init(on loop: EpollLoop, accepted descriptor: Int32, delegate: any EpollSocketDelegate) {
        self.loop = loop
        lastReceived = loop.now
        self.descriptor = descriptor
        self.delegate = delegate
        path = ""
        host = ""
        tls = nil
        isFar = true
        takesMasked = true
        phase = .shaking
        slot = loop.add(self, descriptor: descriptor, interest: vestibule_epoll_in)
    }

    /// Sends a text message.
    func send(text: [UInt8]) {
        guard phase == .open else { return }
        text.withUnsafeBytes { append(opcode: 1, head: $0, tail: nil) }
    }

    /// Whether it takes a media frame now.
    var hasRoom: Bool { phase == .open && output.count < Self.mostUnsent }

    /// Sends a media frame: a header of its own and a payload that was masked before.
    ///
    /// - Returns: false where too much waits already.
    @discardableResult
    func send(_ header: MediaHeader, _ payload: PreparedPayload) -> Bool {
        guard hasRoom else { return false }
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
            tls?.sayGoodbye()
        }
        finish()
    }

    /// Is gone without a word, as when a network goes: a reset for the other side, and told here.
    func reset() {
        guard phase != .closed else { return }
        phase = .closed
        vestibule_reset(descriptor)
        leave()
        delegate?.closed(self, code: nil)
    }

    // MARK: For the loop

    /// Something can be read or written, or the socket is gone.
    func ready(_ events: UInt32) {
        switch phase {
        case .connecting: connected()
        case .securing: secure()
        case .shaking, .open, .closed: break
        }
        if phase == .closed || phase == .securing { return }
        if events & vestibule_epoll_out != 0, isBlocked { unblock() }
        // Who is gone is heard of, however slowly is read.
        if events & vestibule_epoll_gone != 0, isResting { return lost() }
        if events & (vestibule_epoll_in | vestibule_epoll_gone) != 0 { receive() }
    }

    /// Writes what this turn gathered.
    func flush() {
        isTouched = false
        guard phase == .open || phase == .shaking, !isBlocked, !output.isEmpty else { return }
        let waiting = output.bytes.count
        guard let sent = write(UnsafeRawBufferPointer(output.bytes)) else { return lost() }
        output.drop(sent)
        guard sent < waiting else {
            delegate?.flushed(self)
            return
        }
        isBlocked = true
        loop.change(
            slot: slot,
            descriptor: descriptor,
            interest: readable | vestibule_epoll_out
        )
    }

    private func unblock() {
        isBlocked = false
        loop.change(slot: slot, descriptor: descriptor, interest: readable)
        flush()
    }

    /// Gives the kernel what it takes; returns how much that was, nil where the socket is gone.
    private func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let tls else {
            let sent = vestibule_send(descriptor, bytes.baseAddress, bytes.count)
            return sent >= 0 ? sent : errno == EAGAIN ? 0 : nil
        }
        switch tls.write(bytes) {
        case .done(let sent): return sent
        case .later: return 0
        case .over: return nil
        }
    }

    private var readable: UInt32 { isResting ? 0 : vestibule_epoll_in }

    private func connected() {
        let failure = vestibule_socket_error(descriptor)
        guard failure == 0 else {
            loop.lastConnectFailure = EpollFailure(call: "connect", code: failure)
            return lost()
        }
        loop.change(slot: slot, descriptor: descriptor, interest: vestibule_epoll_in)
        guard tls == nil else {
            phase = .securing
            return secure()
        }
        ask()
    }

    private func secure() {
        guard let tls else { return }
        switch tls.handshake() {
        case .done: ask()
        // A handshake fits into the empty buffers of the kernel, so it is the other side's turn.
        case .later: break
        case .over:
            loop.lastConnectFailure = EpollFailure(call: "TLS, \(tls.complaint)", code: EPROTO)
            lost()
        }
    }

    private func ask() {
        phase = .shaking
        let request = Handshake.request(path: path, host: host)
        request.withUnsafeBytes { output.append($0) }
        flush()
    }

    func lost() {
        guard phase != .closed else { return }
        let code = closeCode
        finish()
        delegate?.closed(self, code: code)
    }

    private func finish() {
        guard phase != .closed else { return }
        phase = .closed
        Glibc.close(descriptor)
        leave()
    }

    private func leave() {
        loop.remove(slot: slot)
        if paceSlot >= 0 { loop.remove(timer: paceSlot) }
        paceSlot = -1
    }
}

// MARK: - Slow on purpose

extension EpollSocket: EpollTimer {
    /// From now on reads so many bytes a second: 0 none, nil as they come.
    func read(bytesPerSecond: Int?) {
        guard phase != .closed else { return }
        if pace == nil { pace = ReadingPace(at: loop.now) }
        pace?.bytesPerSecond = bytesPerSecond
        if paceSlot < 0 { paceSlot = loop.add(self) }
        wake()
    }

    /// Looks away until there is something that it may read.
    private func rest() {
        isResting = true
        change()
        loop.arm(paceSlot, at: loop.now + Self.paceInterval)
    }

    private func wake() {
        guard isResting else { return }
        isResting = false
        change()
    }

    private func change() {
        let writable = isBlocked ? vestibule_epoll_out : 0
        loop.change(slot: slot, descriptor: descriptor, interest: readable | writable)
    }

    package func due(at now: Moment, on loop: EpollLoop) {
        guard phase != .closed else { return }
        wake()
    }
}

// MARK: - What comes

extension EpollSocket {
    /// Reads until the kernel has no more than one buffer holds; the next turn takes the rest.
    ///
    /// What TLS has read ahead is taken now: the kernel tells nobody of it.
    private func receive() {
        repeat {
            let most = pace?.allowance(loop.scratch.count, at: loop.now) ?? loop.scratch.count
            guard most > 0 else { return rest() }
            let place = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[0..<most])
            guard let count = read(place) else { return lost() }
            guard count > 0 else { return }
            pace?.read(count)
            lastReceived = loop.now
            take(count)
        } while phase != .closed && tls?.hasMore == true
    }

    /// What the kernel has; returns how many bytes that was, nil where the socket is gone.
    private func read(_ place: UnsafeMutableRawBufferPointer) -> Int? {
        guard let tls else {
            let count = recv(descriptor, place.baseAddress, place.count, 0)
            if count < 0, errno == EAGAIN || errno == EINTR { return 0 }
            return count > 0 ? count : nil
        }
        switch tls.read(into: place) {
        case .done(let count): return count
        case .later: return 0
        case .over: return nil
        }
    }

    /// So many bytes came into the loop's buffer.
    private func take(_ count: Int) {
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
}
