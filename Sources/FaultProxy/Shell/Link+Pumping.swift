// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop

extension Link {
    /// Chunks a direction moves in one turn, so that one connection does not keep the others waiting.
    private static let perTurn = 4

    /// How often a reset that waits looks again.
    private static let glance = Duration.milliseconds(1)

    /// Moves what may move, tells ends that are due, and arranges to be called again.
    func pump() {
        guard phase == .open else { return }
        let now = core.now
        for direction in Direction.allCases {
            move(direction, at: now)
            guard phase == .open else { return }
        }
        // After both: a side that was found gone in one direction ends the other.
        for direction in Direction.allCases where phase == .open {
            tellEnd(of: direction, at: now)
        }
        guard phase == .open else { return }
        if up.isOver, down.isOver { return finish(reset: false) }
        arrange(at: now)
    }

    private func move(_ direction: Direction, at now: Moment) {
        for _ in 0..<Self.perTurn {
            let hasRead = read(direction, at: now)
            let hasWritten = phase == .open && write(direction, at: now)
            guard phase == .open, hasRead || hasWritten else { return }
        }
    }

    private func read(_ direction: Direction, at now: Moment) -> Bool {
        let source: Side = direction == .up ? .client : .server
        guard let watch = self[source] else { return false }
        let appetite = self[direction].appetite(at: now)
        guard appetite > 0 else { return false }
        let buffer = UnsafeMutableRawBufferPointer(rebasing: core.scratch[..<appetite])
        switch Sockets.read(watch.descriptor, into: buffer) {
        case .bytes(let count):
            self[direction].take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: now)
            return true
        case .blocked: return false
        case .end:
            self[direction].sourceEnded(.fin, at: now)
            return false
        case .lost:
            lost(source, at: now)
            return false
        }
    }

    private func write(_ direction: Direction, at now: Moment) -> Bool {
        let destination: Side = direction == .up ? .server : .client
        guard let watch = self[destination] else { return false }
        let offer = self[direction].offer(at: now)
        guard offer > 0 else { return false }
        switch self[direction].withOffer(offer, { Sockets.write(watch.descriptor, $0) }) {
        case .bytes(let count):
            self[direction].gave(count)
            return true
        case .blocked, .end: return false
        case .lost:
            lost(destination, at: now)
            return false
        }
    }

    /// A side reset its socket: the other hears of it after what came before.
    private func lost(_ side: Side, at now: Moment) {
        self[side]?.close()
        self[side] = nil
        let isTold = self[side.sends].isEnded
        self[side.sends].sourceEnded(.reset, at: now)
        self[side.sends.opposite].abandon()
        if isTold || self[side.opposite] == nil { finish(reset: true) }
    }

    private func tellEnd(of direction: Direction, at now: Moment) {
        guard let end = self[direction].dueEnd(at: now) else { return }
        self[direction].ended(end)
        let destination = self[direction == .up ? .server : .client]
        switch end {
        case .fin: if let destination { Sockets.finish(destination.descriptor) }
        case .reset: settle(destination, until: now + core.limits.settle)
        }
    }

    /// Resets both sides as soon as the bytes before it are acknowledged: a reset throws away what
    /// the kernel still holds.
    private func settle(_ destination: Watch?, until limit: Moment) {
        phase = .settling
        client?.want(reading: false, writing: false)
        server?.want(reading: false, writing: false)
        let now = core.now
        guard let destination, now < limit, Sockets.outstanding(destination.descriptor) > 0 else {
            return finish(reset: true)
        }
        wake(at: now + Self.glance) { link in link.settle(destination, until: limit) }
    }

    /// Says what the sockets are watched for, and when time will change that.
    private func arrange(at now: Moment) {
        client?.want(
            reading: up.appetite(at: now) > 0,
            writing: down.offer(at: now) > 0
        )
        server?.want(
            reading: down.appetite(at: now) > 0,
            writing: up.offer(at: now) > 0
        )
        let next = [up.wake(at: now), down.wake(at: now)].compactMap { $0 }.min()
        if let next { return wake(at: next) { link in link.pump() } }
        if let timer { core.loop.cancel(timer.token) }
        timer = nil
    }

    private func wake(at moment: Moment, _ action: @escaping (Link) -> Void) {
        if let timer {
            if timer.at == moment, phase == .open { return }
            core.loop.cancel(timer.token)
        }
        let token = core.loop.schedule(at: moment) { [weak self] in
            self?.timer = nil
            if let self { action(self) }
        }
        timer = (token, moment)
    }
}

extension Link {
    /// Parts the two sides so that not both hear of it; only while it is open.
    func part(_ order: Order.HalfOpen) {
        phase = .halfOpen
        swallows = order.swallows
        if let timer { core.loop.cancel(timer.token) }
        timer = nil
        up.abandon()
        down.abandon()
        if let side = order.reset {
            self[side]?.close(reset: true)
            self[side] = nil
        }
        for side in Side.allCases { self[side]?.want(reading: swallows, writing: false) }
        if client == nil, server == nil { finish(reset: true) }
    }

    /// Reads what a half-open side sends and throws it away.
    func swallow() {
        for side in Side.allCases {
            guard let watch = self[side] else { continue }
            switch Sockets.read(watch.descriptor, into: core.scratch) {
            case .bytes(let count): swallowed += count
            case .blocked: break
            case .end: watch.want(reading: false, writing: false)
            case .lost:
                watch.close()
                self[side] = nil
            }
        }
        if client == nil, server == nil { finish(reset: true) }
    }
}
