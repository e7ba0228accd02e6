// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop

/// One connection through the proxy: two sockets and a pipe each way; on the loop only.
///
/// `Link+Pumping` moves the bytes, here is what begins and ends it.
final class Link {
    enum Phase: String {
        /// Accepted, until the gate lets it go on.
        case waiting
        case connecting
        case open
        /// A reset is due, and waits for what was written before it.
        case settling
        case halfOpen
        case over
    }

    let number: Int
    unowned let core: ProxyCore
    var phase = Phase.waiting
    var client: Watch?
    var server: Watch?
    var up: Pipe
    var down: Pipe
    /// Whether a half-open side's bytes are thrown away, and what was.
    var swallows = false
    var swallowed = 0
    var timer: (token: TimerToken, at: Moment)?

    /// A connection that a client made; takes its descriptor over.
    ///
    /// Nil where the loop does not watch it.
    init?(_ number: Int, descriptor: Int32, rules: [Direction: PipeRules], in core: ProxyCore) {
        self.number = number
        self.core = core
        let now = core.now
        func pipe(_ direction: Direction) -> Pipe {
            Pipe(
                limit: core.limits.hold,
                rules: rules[direction] ?? PipeRules(),
                seed: core.seed &+ UInt64(number) &* 2 &+ (direction == .up ? 0 : 1),
                at: now
            )
        }
        up = pipe(.up)
        down = pipe(.down)
        guard let watch = watch(descriptor) else { return nil }
        client = watch
    }

    private func watch(_ descriptor: Int32) -> Watch? {
        Watch(descriptor, on: core.loop.uv) { [weak self] in self?.stirred() }
    }

    /// Something can be read, written or is wrong with a socket.
    private func stirred() {
        switch phase {
        case .connecting: connected()
        case .open: pump()
        case .halfOpen: swallow()
        case .waiting, .settling, .over: break
        }
    }

    /// Its turn has come: connects on.
    func connect() {
        guard phase == .waiting else { return }
        let descriptor = Sockets.connecting(
            to: core.target,
            receiveBuffer: core.limits.receiveBuffer
        )
        guard descriptor >= 0, let watch = watch(descriptor) else { return failed() }
        server = watch
        phase = .connecting
        watch.want(reading: false, writing: true)
    }

    private func connected() {
        guard let server, Sockets.failure(of: server.descriptor) == 0 else { return failed() }
        phase = .open
        pump()
    }

    /// There is nobody at the other end: the client hears what it would have heard without us.
    private func failed() {
        core.totals.failed += 1
        finish(reset: true)
    }

    /// Closes both sockets, orderly or with RST.
    func finish(reset: Bool) {
        guard phase != .over else { return }
        phase = .over
        if let timer { core.loop.cancel(timer.token) }
        timer = nil
        client?.close(reset: reset)
        server?.close(reset: reset)
        client = nil
        server = nil
        core.ended(self)
    }

    /// Sends FIN both ways; what is held is lost.
    func close() {
        guard phase == .open else { return finish(reset: false) }
        for direction in Direction.allCases {
            self[direction].set(stall: nil)
            _ = self[direction].set(cut: CutPoint(offset: self[direction].delivered, end: .fin))
        }
        pump()
    }

    /// Sets a rule; false if the direction is past the byte it is to be cut at.
    func apply(_ rule: Order.Rule, _ direction: Direction, at now: Moment) -> Bool {
        switch rule {
        case .bandwidth(let bandwidth): self[direction].set(bandwidth: bandwidth, at: now)
        case .delay(let delay): self[direction].set(delay: delay)
        case .stall(let time):
            self[direction].set(stall: time.map { .until(now + $0) } ?? .open)
        case .resume: self[direction].set(stall: nil)
        case .uncut: _ = self[direction].set(cut: nil)
        case .cut(let place, let end):
            let delivered = self[direction].delivered
            let offset =
                switch place {
                case .at(let offset): offset
                case .after(let count): delivered + count
                }
            return self[direction].set(cut: CutPoint(offset: offset, end: end))
        }
        return true
    }

    subscript(direction: Direction) -> Pipe {
        get { direction == .up ? up : down }
        _modify { if direction == .up { yield &up } else { yield &down } }
    }

    subscript(side: Side) -> Watch? {
        get { side == .client ? client : server }
        set { if side == .client { client = newValue } else { server = newValue } }
    }

    var status: FaultProxyStatus.Connection {
        FaultProxyStatus.Connection(
            number: number,
            phase: phase.rawValue,
            up: FaultProxyStatus.Way(up),
            down: FaultProxyStatus.Way(down),
            swallowed: swallowed
        )
    }
}
