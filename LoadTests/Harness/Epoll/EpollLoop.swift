// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import CVestibuleSupport
import Glibc
package import VestibuleBasics

/// What the system refused.
package struct EpollFailure: Error, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call): \(String(cString: strerror(code)))" }

    /// Whether this process or machine is short of something, which trying again does not mend.
    package var isOurs: Bool {
        [EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL].contains(code)
    }
}

/// One thread over thousands of sockets: Linux' epoll(7), nothing between.
///
/// Everything that belongs to a loop is used on the thread that runs it. A turn reads what came,
/// fires what is due, and then writes to each touched socket once: frames that are due together
/// leave together.
package final class EpollLoop {
    /// The time of this turn (`CLOCK_BOOTTIME`, which also runs during suspend).
    package private(set) var now: Moment

    /// Deadlines are met at multiples of this: many share a wake, and none is early.
    ///
    /// Latency is counted from the deadline, so a coarser one would be seen.
    let granularity: Duration

    /// Where all sockets of the loop receive: one warm block instead of thousands of cold ones.
    let scratch: UnsafeMutableRawBufferPointer

    /// The furthest that a turn began behind the deadline it was due at, since last taken: the
    /// generator's own lag, without which no figure of the server means anything.
    private(set) var worstLag = Duration.zero

    /// Why a socket could not be opened or connected, the last time it was so.
    package var lastConnectFailure: EpollFailure?

    private let descriptor: Int32
    private let alarm: Int32
    private let doorbell: Int32
    private let inbox = Locked<[@Sendable (EpollLoop) -> Void]>([])
    private let events: UnsafeMutableBufferPointer<epoll_event>
    private var sockets: [EpollSocket?] = []
    private var free: [Int] = []
    private var released: [Int] = []
    private var touched: [EpollSocket] = []
    private var timers = EpollTimers()
    private var armed = Int64.max
    private var isStopping = false

    private static let alarmTag = UInt64.max
    private static let doorbellTag = UInt64.max - 1

    package init(granularity: Duration = .microseconds(500)) throws(EpollFailure) {
        self.granularity = granularity
        descriptor = try Self.made("epoll_create1", vestibule_poll_open())
        alarm = try Self.made("timerfd_create", vestibule_timer_create())
        doorbell = try Self.made("eventfd", vestibule_bell_open())
        events = .allocate(capacity: 1024)
        events.initialize(repeating: epoll_event())
        scratch = .allocate(byteCount: 256 * 1024, alignment: 64)
        now = Self.clock()
        added(vestibule_poll_add(descriptor, alarm, vestibule_epoll_in, Self.alarmTag))
        added(vestibule_poll_add(descriptor, doorbell, vestibule_epoll_in, Self.doorbellTag))
    }

    deinit {
        scratch.deallocate()
        events.deallocate()
        close(alarm)
        close(doorbell)
        close(descriptor)
    }

    private static func made(_ call: String, _ descriptor: Int32) throws(EpollFailure) -> Int32 {
        guard descriptor >= 0 else { throw EpollFailure(call: call, code: errno) }
        return descriptor
    }

    /// The monotonic clock of everything on a loop.
    package static func clock() -> Moment {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// A way in from other threads; the loop must outlive it.
    struct Door: Sendable {
        fileprivate let doorbell: Int32
        fileprivate let inbox: Locked<[@Sendable (EpollLoop) -> Void]>

        /// Runs `job` on the loop's thread, in the order of posting.
        func post(_ job: @escaping @Sendable (EpollLoop) -> Void) {
            let isFirst = inbox.withLock { jobs in
                jobs.append(job)
                return jobs.count == 1
            }
            if isFirst { vestibule_bell_ring(doorbell) }
        }
    }

    var door: Door { Door(doorbell: doorbell, inbox: inbox) }

    /// Turns until `end`, or until ``stop()``.
    package func run(until end: Moment) {
        isStopping = false
        now = Self.clock()
        finishTurn()
        while !isStopping, now < end {
            arm(notAfter: end)
            turn()
        }
    }

    /// The current turn is the last.
    func stop() { isStopping = true }

    /// The worst lag since this was last asked.
    func takeWorstLag() -> Duration {
        defer { worstLag = .zero }
        return worstLag
    }

    // MARK: Timers

    /// A slot for a timer, which keeps it alive; see ``arm(_:at:)``.
    package func add(_ timer: any EpollTimer) -> Int32 { timers.add(timer) }

    package func remove(timer slot: Int32) { timers.remove(slot) }

    /// Calls the timer at `moment`, or never; replaces what was armed for its slot.
    package func arm(_ slot: Int32, at moment: Moment?) { timers.arm(slot, at: moment) }

    // MARK: Sockets

    /// Takes a socket in, and keeps it alive until ``remove(slot:)``.
    func add(_ socket: EpollSocket, descriptor: Int32, interest: UInt32) -> Int {
        let slot = free.popLast() ?? sockets.count
        if slot == sockets.count { sockets.append(socket) } else { sockets[slot] = socket }
        added(vestibule_poll_add(self.descriptor, descriptor, interest, UInt64(slot)))
        return slot
    }

    func change(slot: Int, descriptor: Int32, interest: UInt32) {
        added(vestibule_poll_change(self.descriptor, descriptor, interest, UInt64(slot)))
    }

    /// Lets a socket go.
    ///
    /// Its slot is used again from the next turn on: events of this turn that
    /// still name it meet nobody.
    func remove(slot: Int) {
        sockets[slot] = nil
        released.append(slot)
    }

    /// The socket has something to write at the end of this turn.
    func touch(_ socket: EpollSocket) { touched.append(socket) }

    private func added(_ failure: Int32) {
        precondition(failure == 0, "A socket of the loop was closed behind its back")
    }
}

extension EpollLoop {
    private func turn() {
        let count = vestibule_poll_wait(
            descriptor,
            events.baseAddress,
            Int32(events.count),
            -1
        )
        now = Self.clock()
        if let due = timers.earliest, due < now { worstLag = max(worstLag, now - due) }
        for index in 0..<Int(count) {
            let tag = vestibule_poll_tag(events.baseAddress, index)
            switch tag {
            case Self.alarmTag:
                hushAlarm()
                armed = .max
            case Self.doorbellTag: answerDoor()
            default:
                guard tag < sockets.count, let socket = sockets[Int(tag)] else { continue }
                socket.ready(vestibule_epoll_events(events.baseAddress, index))
            }
        }
        finishTurn()
    }

    private func finishTurn() {
        // What is armed for now by what fires now fires in this turn too, but not for ever: `now`
        // stands still within a turn, and a timer that wants to fire again wants a later moment.
        while let timer = timers.next(until: now) { timer.due(at: now, on: self) }
        var index = 0
        while index < touched.count {
            touched[index].flush()
            index += 1
        }
        touched.removeAll(keepingCapacity: true)
        free.append(contentsOf: released)
        released.removeAll(keepingCapacity: true)
    }

    /// Sets the alarm for the earliest deadline, rounded up; one that is set for then is left.
    private func arm(notAfter end: Moment) {
        let earliest = min(timers.earliest ?? end, end).nanoseconds
        let step = max(1, granularity.nanoseconds)
        let rounded = (earliest + step - 1) / step * step
        guard rounded != armed else { return }
        armed = rounded
        _ = vestibule_timer_set(alarm, max(1, rounded))
    }

    private func hushAlarm() {
        var count: UInt64 = 0
        _ = read(alarm, &count, 8)
    }

    private func answerDoor() {
        vestibule_bell_hush(doorbell)
        let jobs = inbox.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        for job in jobs { job(self) }
    }
}
