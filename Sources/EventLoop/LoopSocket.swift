// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import Glibc

/// What has become of a socket.
public struct Readiness: OptionSet, Sendable {
    /// The bits of epoll(7).
    public let rawValue: UInt32

    /// Makes a set of the bits of epoll(7).
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Bytes, the peer's end or an error can be read.
    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)

    /// The kernel takes bytes again.
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
}

/// A socket that its loop looks at by itself, with nothing between: the way of media.
///
/// Loop-confined. Level-triggered: what is not read is told again in the next turn. An error of the
/// socket is told as readable, for the read to find out.
open class LoopSocket {
    /// Its place among the loop's sockets; negative while it is none of them.
    fileprivate(set) final var slot = -1

    /// Makes a socket that no loop looks at yet.
    public init() {}

    /// The socket became what was asked for.
    open func ready(_ readiness: Readiness) {}
}

/// The sockets of one ``EventLoop``, and the one call in which it sleeps.
///
/// A socket is named to the kernel by its slot and the slot's generation, so that what the kernel
/// said of one that has gone meanwhile reaches nobody.
final class LoopSockets {
    private struct Slot {
        var socket: Unmanaged<LoopSocket>?
        var generation: UInt32 = 0

        func tag(_ index: Int) -> UInt64 { UInt64(generation) << 32 | UInt64(index) }
    }

    /// What a turn found besides sockets.
    struct Others: OptionSet {
        let rawValue: UInt8

        /// Another thread has rung.
        static let bell = Others(rawValue: 1)

        /// libuv has something to do.
        static let guests = Others(rawValue: 2)
    }

    /// The descriptor on which other threads ring.
    let bell: Int32
    private let poll: Int32
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: most)
    private var slots: [Slot] = []
    private var free: [Int] = []

    /// Sockets told of in one turn; more of them are told of in the next.
    private static let most = 512
    private static let bellTag = UInt64.max
    private static let guestsTag = UInt64.max - 1

    /// `guests`: the descriptor that is readable when libuv has something to do.
    init(guests: Int32) throws(EventLoopError) {
        poll = vestibule_poll_open()
        bell = poll < 0 ? -1 : vestibule_bell_open()
        guard bell >= 0,
            vestibule_poll_add(poll, bell, Readiness.readable.rawValue, Self.bellTag) == 0,
            vestibule_poll_add(poll, guests, Readiness.readable.rawValue, Self.guestsTag) == 0
        else {
            let reason = String(cString: strerror(errno))
            if poll >= 0 { Glibc.close(poll) }
            if bell >= 0 { Glibc.close(bell) }
            throw .unavailable(reason)
        }
    }

    /// Frees the descriptors; the kernel forgets the sockets by itself.
    func close() {
        Glibc.close(poll)
        Glibc.close(bell)
        events.deallocate()
    }

    /// Wakes the loop; the one call that any thread may make.
    func ring() { vestibule_bell_ring(bell) }

    var isEmpty: Bool { free.count == slots.count }

    func add(_ socket: LoopSocket, _ descriptor: Int32, _ interest: Readiness) -> Bool {
        precondition(socket.slot < 0, "A socket is watched once")
        let index = free.popLast() ?? slots.count
        if index == slots.count { slots.append(Slot()) }
        guard vestibule_poll_add(poll, descriptor, interest.rawValue, slots[index].tag(index)) == 0
        else {
            free.append(index)
            return false
        }
        slots[index].socket = .passUnretained(socket)
        socket.slot = index
        return true
    }

    func change(_ socket: LoopSocket, _ descriptor: Int32, _ interest: Readiness) {
        guard socket.slot >= 0 else { return }
        let tag = slots[socket.slot].tag(socket.slot)
        let failure = vestibule_poll_change(poll, descriptor, interest.rawValue, tag)
        precondition(failure == 0, "A socket is watched until its loop has let it go")
    }

    func remove(_ socket: LoopSocket, _ descriptor: Int32) {
        guard socket.slot >= 0 else { return }
        vestibule_poll_remove(poll, descriptor)
        slots[socket.slot].socket = nil
        slots[socket.slot].generation &+= 1
        free.append(socket.slot)
        socket.slot = -1
    }

    /// Sleeps until something happens, `milliseconds` at most (negative: for ever); then
    /// ``serve(_:)`` tells the sockets.
    func wait(_ milliseconds: Int32) -> Int {
        Int(vestibule_poll_wait(poll, events, Int32(Self.most), milliseconds))
    }

    /// Tells so many sockets what became of them.
    func serve(_ count: Int) -> Others {
        var others: Others = []
        for place in 0..<max(0, count) {
            let tag = vestibule_poll_tag(events, place)
            let index = Int(truncatingIfNeeded: tag & 0xFFFF_FFFF)
            guard index < slots.count else {
                others.insert(tag == Self.bellTag ? .bell : .guests)
                continue
            }
            guard slots[index].generation == UInt32(tag >> 32), let socket = slots[index].socket
            else { continue }
            let readiness = Readiness(rawValue: vestibule_poll_readiness(events, place))
            socket._withUnsafeGuaranteedRef { $0.ready(readiness) }
        }
        if others.contains(.bell) { vestibule_bell_hush(bell) }
        return others
    }
}

extension EventLoop {
    /// Tells `socket` from the next turn on what becomes of a descriptor; on the loop only.
    ///
    /// False if the system has no room for one more. Whoever owns the descriptor keeps it open
    /// until ``unwatch(_:descriptor:)``, and the socket as well.
    package func watch(
        _ socket: LoopSocket,
        descriptor: Int32,
        for interest: Readiness = .readable
    ) -> Bool {
        sockets.add(socket, descriptor, interest)
    }

    /// Asks for something else; on the loop only.
    package func watch(_ socket: LoopSocket, descriptor: Int32, anew interest: Readiness) {
        sockets.change(socket, descriptor, interest)
    }

    /// Tells `socket` nothing more; on the loop only, before its descriptor is closed.
    package func unwatch(_ socket: LoopSocket, descriptor: Int32) {
        sockets.remove(socket, descriptor)
    }
}
