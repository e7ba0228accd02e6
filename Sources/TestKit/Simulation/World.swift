// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
package import VestibuleBasics
import VestibuleClient
package import VestibuleNotifier
package import VestibuleStorage
package import VestibuleSwitchboard
import VestibuleWire

/// A whole building and its server in one process on a hand clock: real boards, exchange and client
/// machines, between them links, mail, a ledger and pushes whose order and delays are drawn.
///
/// Everything follows from the options and the seed. Nothing here decides what people do or what
/// breaks; who drives the world does.
package final class World {
    package let options: WorldOptions
    package var random: SeededGenerator
    package private(set) var now = Moment(nanoseconds: 1_000_000_000)

    /// Civil time less the moment; jumps when somebody sets the clock.
    package var civil: Int64 = 1_800_000_000_000

    package let household: Household
    package let store: MemoryStore
    package let ledger: WatchedLedger
    package let witness: Witness
    package internal(set) var boards: [Board] = []
    package internal(set) var exchange: Exchange

    /// Counts the server's processes.
    package internal(set) var life = 0
    package internal(set) var isDown = true
    package internal(set) var bootedAt = Moment(nanoseconds: 0)
    package internal(set) var stalledUntil = Moment(nanoseconds: 0)

    /// How the ledger's disk is: the time from a commit's begin to its end is drawn from it.
    package var commitTime: ClosedRange<Duration>

    package internal(set) var panels: [PanelPeer] = []
    package internal(set) var devices: [DevicePeer] = []
    private var peersOfDevices: [DeviceID: DevicePeer] = [:]

    /// A push arrives at a device.
    package var pushed: (DevicePeer, Notice) -> Void = { _, _ in }

    /// What becomes of a push that a provider took; nil: lost.
    package var pushDelay: (inout SeededGenerator) -> Duration? = { _ in .milliseconds(300) }

    /// What a provider says, and when.
    package var pushAnswer: (inout SeededGenerator) -> PushAnswer = { _ in PushAnswer() }

    /// The notifiers' desk of the process that runs, without its task.
    var pushQueue = PushQueue(limits: PushLimits(), seed: 0)
    var pushArmed: Moment?

    /// How long mail between loops takes.
    package var mailDelay: ClosedRange<Duration>

    /// Changes what is told on its way, for planted bugs.
    package var plants = Plants()

    package private(set) var found: Breach?
    package var writeTrace: ((String) -> Void)?
    package private(set) var steps = 0

    /// The dead processes' counters.
    package var counters = BoardCounters()

    let outbox = Outbox()
    let handClock = HandClock()
    var queue = EventQueue()
    var lanes: [[Fifo<Mail>]] = []
    var laneFree: [[Moment]] = []

    /// Who posts in the turn that runs: a board, or the ledger and the server behind the boards.
    var sender = 0
    var armed: [Moment?] = []
    var isCommitting = false
    var wantsRestore = false
    var links: [Link] = []
    var linkCount = 0

    package init(seed: UInt64, options: WorldOptions) {
        self.options = options
        random = SeededGenerator(seed: seed)
        household = Household(shape: options.shape, using: &random)
        let clock = handClock
        store = MemoryStore(limits: options.limits) { clock.now }
        store.hold()
        ledger = WatchedLedger(store)
        exchange = Exchange(limits: options.limits)
        commitTime = options.commitTime
        mailDelay = options.mailDelay
        witness = Witness()
        handClock.set(time)
        witness.world = self
        populate()
    }

    private func populate() {
        for (index, row) in household.rows.panels.enumerated() {
            let drift = Int64(random.draw(-options.panelDrift...options.panelDrift))
            panels.append(
                PanelPeer(
                    row.id,
                    name: "panel \(index + 1)",
                    token: household.token(.panel(row.id)),
                    drift: drift,
                    in: self
                )
            )
        }
        for (index, row) in household.rows.devices.enumerated() {
            let peer = DevicePeer(
                row.id,
                of: row.resident,
                name: "device \(index + 1)",
                token: household.token(.device(row.id)),
                drift: 0,
                in: self
            )
            devices.append(peer)
            peersOfDevices[row.id] = peer
        }
    }

    package func peer(_ device: DeviceID) -> DevicePeer? { peersOfDevices[device] }
    package var peers: [Peer] { panels + devices }

    package var time: Now {
        Now(moment: now, time: Timestamp(milliseconds: civil + now.nanoseconds / 1_000_000))
    }

    // MARK: Time

    /// Lets something happen later, outside of the server.
    package func after(_ delay: Duration, _ run: @escaping () -> Void) {
        add(EventQueue.Event(at: now + delay, site: .outside, run: run))
    }

    /// Lets something happen later in this process of the server.
    func inServer(after delay: Duration, _ run: @escaping () -> Void) {
        add(EventQueue.Event(at: now + delay, site: .server(life: life), run: run))
    }

    private func add(_ event: EventQueue.Event) {
        queue.add(event, order: random.next())
    }

    /// Runs until that moment, or until a checker finds something.
    package func run(until end: Moment) async {
        while found == nil {
            if wantsRestore { await restore() }
            while found == nil, !wantsRestore, let next = queue.next, next <= end { step() }
            guard wantsRestore else { break }
        }
        guard found == nil else { return }
        now = max(now, end)
        handClock.set(time)
    }

    package func run(for duration: Duration) async { await run(until: now + duration) }

    private func step() {
        guard let event = queue.pop() else { return }
        now = max(now, event.at)
        if case .server(let life) = event.site {
            guard life == self.life, !isDown else { return }
            if now < stalledUntil {
                return add(EventQueue.Event(at: stalledUntil, site: event.site, run: event.run))
            }
        }
        steps += 1
        handClock.set(time)
        event.run()
        settle()
    }

    /// After each step: takes what it led to.
    func settle() {
        readLedger()
        while let posted = outbox.take() {
            for (mail, board) in posted.mail { enqueue(mail, to: board) }
            for push in posted.pushes { carry(push) }
        }
        for index in boards.indices { arm(index) }
        armPushes()
        commitIfNeeded()
    }

    /// One counter of all boards that live now.
    package func counters(_ counter: KeyPath<BoardCounters, Int>) -> Int {
        boards.reduce(0) { $0 + $1.counters[keyPath: counter] }
    }

    // MARK: Findings

    package func breach(_ text: String, call: CallID? = nil) {
        guard found == nil else { return }
        found = Breach(text: text, call: call, at: now)
        trace { "BREACH \(text)" }
    }

    package func trace(_ text: () -> String) {
        guard let writeTrace else { return }
        writeTrace("\(now.nanoseconds / 1_000) \(text())")
    }

    /// Lets go of everything that waits; the world is over.
    package func end() {
        queue.clear()
        for link in links { link.line = nil }
        links = []
        for board in boards { counters.add(board.counters) }
        boards = []
        lanes = []
        for peer in peers { peer.links = [:] }
        for panel in panels { panel.hears = { _ in } }
        for device in devices { device.hears = { _ in } }
        pushed = { _, _ in }
    }
}

/// What a checker found.
package struct Breach: Sendable {
    package let text: String
    package let call: CallID?
    package let at: Moment
}

/// What a world is made with.
package struct WorldOptions: Sendable {
    package var limits = Limits()
    package var boards = 2
    package var shape = HouseholdShape()

    /// Panels' clocks are off by as much, parts per million.
    package var panelDrift = 0
    package var delay: ClosedRange<Duration> = .milliseconds(10)...(.milliseconds(10))
    package var jitter: ClosedRange<Duration> = .zero...(.zero)
    package var mailDelay: ClosedRange<Duration> = .microseconds(20)...(.microseconds(20))
    package var commitTime: ClosedRange<Duration> = .milliseconds(2)...(.milliseconds(2))

    /// Of a hundred tries to connect, so many fail.
    package var connectFailures: UInt64 = 0

    /// One socket in so many carries bytes instead of values.
    package var bytes: UInt64 = 50

    package init() {}
}
