// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import Glibc

/// What has become of a socket.
@frozen
public struct Readiness: OptionSet, Sendable {
    /// The bits of epoll(7).
    public let rawValue: UInt32

    /// Makes a set of the bits of epoll(7).
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Bytes, the peer's end or an error can be read (EPOLLIN).
    @inlinable public static var readable: Readiness { Readiness(rawValue: 1) }

    /// The kernel takes bytes again (EPOLLOUT).
    @inlinable public static var writable: Readiness { Readiness(rawValue: 4) }
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
/// They stand in two rows. All of the front row that have something to tell are told in each turn;
/// of the back row so many at most, so that thousands that fall silent or come back at once are no
/// wall before the few that carry media. The back row is an epoll of its own, which the front row's
/// sleeps for too.
///
/// A socket is named to the kernel by its slot and the slot's generation, so that what the kernel
/// said of one that has gone meanwhile reaches nobody.
final class LoopSockets {
    private struct Slot {
        var socket: Unmanaged<LoopSocket>?
        var generation: UInt32 = 0
        var interest: UInt32 = 0
        var isInFront = false

        func tag(_ index: Int) -> UInt64 { UInt64(generation) << 32 | UInt64(index) }
    }

    /// What a turn found besides sockets.
    struct Others: OptionSet {
        let rawValue: UInt8

        /// Another thread has rung.
        static let bell = Others(rawValue: 1)

        /// libuv has something to do.
        static let guests = Others(rawValue: 2)

        /// Somebody of the back row has something to tell.
        static let back = Others(rawValue: 4)
    }

    /// The descriptor on which other threads ring.
    let bell: Int32
    private let front: Int32
    private let back: Int32
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: most)
    private var slots: [Slot] = []
    private var free: [Int] = []

    /// Sockets of the front row told of in one turn; more of them are told of in the next.
    private static let most = 512

    /// Of the back row: what they may cost before the front row is looked at again, a few
    /// milliseconds where each of them is gone and its session is put away.
    private static let mostOfBack = 64
    private static let bellTag = UInt64.max
    private static let guestsTag = UInt64.max - 1
    private static let backTag = UInt64.max - 2

    /// `guests`: the descriptor that is readable when libuv has something to do.
    init(guests: Int32) throws(EventLoopError) {
        front = vestibule_poll_open()
        back = front < 0 ? -1 : vestibule_poll_open()
        bell = back < 0 ? -1 : vestibule_bell_open()
        let readable = Readiness.readable.rawValue
        guard bell >= 0,
            vestibule_poll_add(front, bell, readable, Self.bellTag) == 0,
            vestibule_poll_add(front, guests, readable, Self.guestsTag) == 0,
            vestibule_poll_add(front, back, readable, Self.backTag) == 0
        else {
            let reason = String(cString: strerror(errno))
            for descriptor in [front, back, bell] where descriptor >= 0 { Glibc.close(descriptor) }
            throw .unavailable(reason)
        }
    }

    /// Frees the descriptors; the kernel forgets the sockets by itself.
    func close() {
        for descriptor in [front, back, bell] { Glibc.close(descriptor) }
        events.deallocate()
    }

    /// Wakes the loop; the one call that any thread may make.
    func ring() { vestibule_bell_ring(bell) }

    var isEmpty: Bool { free.count == slots.count }

    func add(_ socket: LoopSocket, _ descriptor: Int32, _ interest: Readiness) -> Bool {
        precondition(socket.slot < 0, "A socket is watched once")
        let index = free.popLast() ?? slots.count
        if index == slots.count { slots.append(Slot()) }
        guard vestibule_poll_add(back, descriptor, interest.rawValue, slots[index].tag(index)) == 0
        else {
            free.append(index)
            return false
        }
        slots[index].socket = .passUnretained(socket)
        slots[index].interest = interest.rawValue
        slots[index].isInFront = false
        socket.slot = index
        return true
    }

    func change(_ socket: LoopSocket, _ descriptor: Int32, _ interest: Readiness) {
        guard socket.slot >= 0 else { return }
        slots[socket.slot].interest = interest.rawValue
        let slot = slots[socket.slot]
        let tag = slot.tag(socket.slot)
        let failure = vestibule_poll_change(row(of: slot), descriptor, slot.interest, tag)
        precondition(failure == 0, "A socket is watched until its loop has let it go")
    }

    func remove(_ socket: LoopSocket, _ descriptor: Int32) {
        guard socket.slot >= 0 else { return }
        vestibule_poll_remove(row(of: slots[socket.slot]), descriptor)
        slots[socket.slot].socket = nil
        slots[socket.slot].generation &+= 1
        free.append(socket.slot)
        socket.slot = -1
    }

    /// Moves a socket to the other row, unless it stands there, or the system has no room for that.
    func move(_ socket: LoopSocket, _ descriptor: Int32, toFront: Bool) {
        guard socket.slot >= 0, slots[socket.slot].isInFront != toFront else { return }
        let slot = slots[socket.slot]
        let row = toFront ? front : back
        // In the new row first: what comes meanwhile is told twice rather than never.
        guard vestibule_poll_add(row, descriptor, slot.interest, slot.tag(socket.slot)) == 0
        else { return }
        vestibule_poll_remove(toFront ? back : front, descriptor)
        slots[socket.slot].isInFront = toFront
    }

    private func row(of slot: Slot) -> Int32 { slot.isInFront ? front : back }

    /// Sleeps until something happens, `milliseconds` at most (negative: for ever); then
    /// ``serve(_:)`` tells the sockets.
    func wait(_ milliseconds: Int32) -> Int {
        Int(vestibule_poll_wait(front, events, Int32(Self.most), milliseconds))
    }

    /// Tells so many sockets of the front row what became of them, and then some of the back row.
    func serve(_ count: Int) -> Others {
        var others = tell(count)
        if others.contains(.bell) { vestibule_bell_hush(bell) }
        if others.contains(.back) {
            let count = vestibule_poll_wait(back, events, Int32(Self.mostOfBack), 0)
            others.formUnion(tell(Int(count)))
        }
        return others
    }

    private func tell(_ count: Int) -> Others {
        var others: Others = []
        for place in 0..<max(0, count) {
            let tag = vestibule_poll_tag(events, place)
            let index = Int(truncatingIfNeeded: tag & 0xFFFF_FFFF)
            guard index < slots.count else {
                others.insert(Self.other(tag))
                continue
            }
            guard slots[index].generation == UInt32(tag >> 32), let socket = slots[index].socket
            else { continue }
            let readiness = Readiness(rawValue: vestibule_poll_readiness(events, place))
            socket._withUnsafeGuaranteedRef { $0.ready(readiness) }
        }
        return others
    }

    private static func other(_ tag: UInt64) -> Others {
        switch tag {
        case bellTag: .bell
        case backTag: .back
        default: .guests
        }
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

    /// Puts a socket where all are told in each turn, or back to the many of which some are; on the
    /// loop only.
    ///
    /// Every socket begins in the back row. For sockets that carry media while they do: what is in
    /// front is told before a storm of others, and many in front are a storm themselves.
    package func move(_ socket: LoopSocket, descriptor: Int32, toFront: Bool) {
        sockets.move(socket, descriptor, toFront: toFront)
    }

    /// Tells `socket` nothing more; on the loop only, before its descriptor is closed.
    package func unwatch(_ socket: LoopSocket, descriptor: Int32) {
        sockets.remove(socket, descriptor)
    }
}
