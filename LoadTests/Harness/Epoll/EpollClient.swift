// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleClient
package import VestibuleWire

/// A panel or a resident's device of the load: the product's own state machine over a raw socket.
///
/// The shell performs the machine's actions and hands media past it; it decides nothing.
package final class EpollClient<Machine: ClientMachine> {
    unowned let loop: EpollLoop
    private(set) var machine: Machine

    /// The open socket; nil while there is none.
    private(set) var socket: EpollSocket?

    /// Called with each report of the machine; on the loop.
    package var onReport: ((Machine.Report) -> Void)?

    /// Called with each media frame, header and payload; on the loop.
    package var onMedia: ((UnsafeRawBufferPointer) -> Void)?

    /// Called when the kernel has all that was sent; on the loop.
    var onFlushed: (() -> Void)?

    private let address: EpollAddress
    private let receive: Int32
    private var random: SystemRandomNumberGenerator
    private var number = 0
    private var timer: Int32 = -1
    private var failed: Int?

    /// Inputs that were given while another one's actions were being performed: they wait for
    /// their turn, as the machine's contract has it.
    private var backlog: [ClientInput<Machine.Order>] = []
    private var isBusy = false

    /// A client that has not connected; `receive` bounds the kernel's receive buffer (0: its choice).
    package init(
        _ machine: Machine,
        on loop: EpollLoop,
        to address: EpollAddress,
        receive: Int32 = 0
    ) {
        self.machine = machine
        self.loop = loop
        self.address = address
        self.receive = receive
        random = SystemRandomNumberGenerator()
        timer = loop.add(self)
    }

    /// Lets go of the loop: without it the loop keeps the client alive.
    package func end() {
        give(.stop)
        loop.remove(timer: timer)
        timer = -1
    }

    package func start() { give(.start) }

    /// Disconnects, and may start again.
    func stop() { give(.stop) }

    package func order(_ order: Machine.Order) { give(.order(order)) }

    /// Loses its connection without a word; the machine comes back as it does.
    func drop() { socket?.reset() }

    /// Whether a media frame would go now.
    var hasRoom: Bool { socket?.hasRoom ?? false }

    /// Sends a media frame where there is an open socket.
    @discardableResult
    package func send(_ header: MediaHeader, _ payload: PreparedPayload) -> Bool {
        socket?.send(header, payload) ?? false
    }

    private func give(_ input: ClientInput<Machine.Order>) {
        guard !isBusy else { return backlog.append(input) }
        isBusy = true
        work(input)
        while !backlog.isEmpty { work(backlog.removeFirst()) }
        isBusy = false
        guard timer >= 0 else { return }
        loop.arm(timer, at: failed == nil ? machine.nextDeadline : loop.now)
    }

    private func work(_ input: ClientInput<Machine.Order>) {
        for action in machine.handle(input, at: loop.now, using: &random) { perform(action) }
    }

    private func perform(_ action: ClientAction<Machine.Report>) {
        switch action {
        case .connect(let number): connect(number)
        case .send(let message, let number):
            guard number == self.number else { return }
            socket?.send(text: message.encoded())
        case .close(let number, let code):
            guard number == self.number else { return }
            socket?.close(code: code)
            socket = nil
        case .report(let report): onReport?(report)
        }
    }

    private func connect(_ number: Int) {
        self.number = number
        socket?.close()
        do throws(EpollFailure) {
            socket = try EpollSocket(on: loop, to: address, receive: receive, delegate: self)
        } catch {
            socket = nil
            loop.lastConnectFailure = error
            // Told when the timer fires, in this turn still: the machine is amid an input.
            failed = number
        }
    }
}

extension EpollClient: EpollTimer {
    package func due(at now: Moment, on loop: EpollLoop) {
        guard let failed else {
            // Pings count too, of which the machine is not told.
            if let socket { machine.heard(socket: number, at: socket.lastReceived) }
            return give(.tick)
        }
        self.failed = nil
        give(.closed(socket: failed, code: nil))
    }
}

extension EpollClient: EpollSocketDelegate {
    func opened(_ socket: EpollSocket) {
        guard socket === self.socket else { return }
        give(.opened(socket: number))
    }

    func text(_ socket: EpollSocket, _ bytes: UnsafeRawBufferPointer) {
        guard socket === self.socket else { return }
        switch ServerMessage.decode(bytes) {
        case .success(let message): give(.received(message, socket: number))
        case .failure: give(.unreadable(socket: number))
        }
    }

    func binary(_ socket: EpollSocket, _ bytes: UnsafeRawBufferPointer) {
        guard socket === self.socket else { return }
        machine.heard(socket: number, at: loop.now)
        onMedia?(bytes)
    }

    func flushed(_ socket: EpollSocket) { onFlushed?() }

    func closed(_ socket: EpollSocket, code: UInt16?) {
        guard socket === self.socket else { return }
        self.socket = nil
        give(.closed(socket: number, code: code))
    }
}
