// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import VestibuleBasics
import VestibuleEventLoop

/// The proxy on its loop: who is connected, and what holds for those to come.
///
/// Unchecked, because it is touched on the loop only, by callbacks and by submitted jobs.
final class ProxyCore: @unchecked Sendable {
    typealias Condition = @Sendable (FaultProxyStatus) -> Bool

    struct Totals {
        var accepted = 0
        var refused = 0
        var failed = 0
        var ended = 0
        var up = FaultProxyStatus.Way()
        var down = FaultProxyStatus.Way()
    }

    let loop: EventLoop
    let target: vestibule_address
    let limits: FaultProxyLimits
    let seed: UInt64
    let began = EventLoop.readMoment()
    /// Where bytes are read into before their pipe takes them.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Pipe.chunk, alignment: 16)
    let report: @Sendable (String) -> Void

    var doorway: Doorway?
    var links: [Int: Link] = [:]
    var gate: Gate
    var rules: [Direction: PipeRules] = [.up: PipeRules(), .down: PipeRules()]
    var totals = Totals()
    var scheduled: [Int: TimerToken] = [:]
    var lastScheduled = 0
    private var gateTimer: TimerToken?
    private var waiters: [(condition: Condition, continuation: Handoff<Void, Never>)] =
        []
    private var quitters: [Handoff<Void, Never>] = []
    private var hook: HookToken?
    private var hasQuit = false

    init(
        loop: EventLoop,
        target: vestibule_address,
        limits: FaultProxyLimits,
        seed: UInt64,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.loop = loop
        self.target = target
        self.limits = limits
        self.seed = seed
        self.report = report
        gate = Gate(seed: seed)
    }

    deinit { scratch.deallocate() }

    var now: Moment { EventLoop.readMoment() }

    /// Listens; answers with the port.
    func open(_ place: HostPort) throws(FaultProxyError) -> Int {
        let doorway = try Doorway(place, receiveBuffer: limits.receiveBuffer, on: loop)
        self.doorway = doorway
        hook = loop.atEndOfTurn { [unowned self] in tellWaiters() }
        doorway.start { [unowned self] in accepted($0) }
        return doorway.port
    }

    /// Closes everything; whoever waits goes on.
    func close() {
        if let hook { loop.remove(hook) }
        hook = nil
        for token in scheduled.values { loop.cancel(token) }
        scheduled = [:]
        if let gateTimer { loop.cancel(gateTimer) }
        gateTimer = nil
        doorway?.close()
        doorway = nil
        for link in Array(links.values) { link.finish(reset: false) }
        for waiter in waiters { waiter.continuation.resume() }
        waiters = []
        quit()
    }

    private func accepted(_ descriptor: Int32) {
        guard links.count < limits.connections else {
            totals.refused += 1
            Sockets.drop(descriptor)
            return
        }
        let number = totals.accepted + 1
        guard let link = Link(number, descriptor: descriptor, rules: rules, in: self) else {
            totals.refused += 1
            return
        }
        totals.accepted = number
        links[number] = link
        letOn(gate.admit(number, at: now))
    }

    /// These are connected on, in this order.
    func letOn(_ numbers: [Int]) {
        for number in numbers { links[number]?.connect() }
        if let gateTimer { loop.cancel(gateTimer) }
        gateTimer = gate.deadline.map { deadline in
            loop.schedule(at: deadline) { [weak self] in
                guard let self else { return }
                gateTimer = nil
                letOn(gate.tick(at: now))
            }
        }
    }

    /// A connection is over.
    func ended(_ link: Link) {
        gate.remove(link.number)
        guard links.removeValue(forKey: link.number) != nil else { return }
        totals.ended += 1
        let status = link.status
        totals.up.add(status.up.settled)
        totals.down.add(status.down.settled)
    }

    var status: FaultProxyStatus {
        var status = FaultProxyStatus()
        status.age = (now - began).nanoseconds
        status.seed = seed
        status.isRefusing = doorway?.isRefusing ?? true
        status.accepted = totals.accepted
        status.refused = totals.refused
        status.failed = totals.failed
        status.ended = totals.ended
        status.scheduled = scheduled.count
        status.up = totals.up
        status.down = totals.down
        status.connections = links.values.map(\.status).sorted { $0.number < $1.number }
        for connection in status.connections {
            status.up.add(connection.up)
            status.down.add(connection.down)
        }
        return status
    }

    /// Goes on as soon as the status is so; also when the proxy stops.
    func wait(
        until condition: @escaping Condition,
        _ continuation: Handoff<Void, Never>
    ) {
        guard doorway != nil else { return continuation.resume() }
        waiters.append((condition, continuation))
    }

    private func tellWaiters() {
        guard !waiters.isEmpty else { return }
        let status = status
        let met = waiters.filter { $0.condition(status) }
        waiters.removeAll { $0.condition(status) }
        for waiter in met { waiter.continuation.resume() }
    }

    func waitForQuit(_ continuation: Handoff<Void, Never>) {
        if hasQuit { continuation.resume() } else { quitters.append(continuation) }
    }

    func quit() {
        hasQuit = true
        for quitter in quitters { quitter.resume() }
        quitters = []
    }
}

extension FaultProxyStatus.Way {
    /// As it counts when the connection is over: what was held is lost.
    fileprivate var settled: FaultProxyStatus.Way {
        var way = self
        way.swallowed += held
        way.held = 0
        return way
    }
}
