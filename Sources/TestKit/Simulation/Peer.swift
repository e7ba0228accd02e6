// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleClient
package import VestibuleWire

/// A panel or a resident's device of a world: a real client machine, a clock of its own, sockets.
package class Peer {
    package let principal: Principal
    package let name: String
    package unowned let world: World

    /// How much faster than true its clock runs, in parts per million.
    package let drift: Int64

    /// Whether its process runs; a sleeping phone neither hears nor answers.
    package internal(set) var isAwake = true
    package internal(set) var links: [Int: Link] = [:]

    /// Where its next socket goes; nil: to a drawn board.
    package var wantedBoard: Int?
    package internal(set) var status = ConnectionStatus.closed(.stopped)
    var random: SeededGenerator
    private var armed: Moment?

    init(_ principal: Principal, name: String, drift: Int64, in world: World) {
        self.principal = principal
        self.name = name
        self.drift = drift
        self.world = world
        random = SeededGenerator(seed: world.random.next())
    }

    /// The link on which it is open now.
    package var link: Link? { openSocket.flatMap { links[$0] } }

    package var openSocket: Int? { nil }
    package var resume: Resume? { nil }
    var deadline: Moment? { nil }

    /// What its own clock shows.
    package var clock: Moment {
        let now = world.now.nanoseconds
        return Moment(nanoseconds: now + now / 1_000_000 * drift)
    }

    package func start() {}
    package func stop() {}
    func opened(_ socket: Int) {}
    func received(_ message: ServerMessage, on socket: Int) {}
    func closed(_ socket: Int, _ code: UInt16?) {}
    func tick() {}
    func heard(_ frame: [UInt8], on socket: Int) {}

    /// A fresh machine, while the older one's sockets stay open.
    func startAnew(resuming: Bool) {}

    /// Forgets the sockets of an older machine without closing them: what comes on them goes to
    /// nobody.
    final func orphanLinks() {
        for (_, link) in links { link.isOrphan = true }
        links = [:]
    }

    /// Does what its machine says.
    final func perform<Report>(
        _ actions: [ClientAction<Report>],
        _ report: (Report) -> Void
    ) {
        for action in actions {
            switch action {
            case .connect(let socket): world.connect(self, socket)
            case .send(let message, let socket):
                if let link = links[socket] { world.send(.message(message), up: link) }
            case .close(let socket, _):
                if let link = links.removeValue(forKey: socket) { world.clientCloses(link) }
            case .report(let said): report(said)
            }
        }
        rearm()
    }

    private func rearm() {
        guard isAwake, let deadline else { return }
        let local = deadline.nanoseconds
        let exact = local - Int64(Double(local) * Double(drift) / Double(1_000_000 + drift))
        let due = max(Moment(nanoseconds: exact + 1_000), world.now + .microseconds(1))
        if let armed, armed <= due { return }
        armed = due
        world.after(due - world.now) { [self] in
            guard armed == due else { return }
            armed = nil
            guard isAwake else { return }
            if let deadline = self.deadline, deadline <= clock { tick() } else { rearm() }
        }
    }

    /// Its process is stopped, as a phone does it: sockets stay, nobody reads them.
    package final func freeze() {
        isAwake = false
        for link in links.values { link.isFaulty = true }
    }

    /// Its process goes on.
    package final func thaw() {
        guard !isAwake else { return }
        isAwake = true
        armed = nil
        tick()
        rearm()
    }
}

/// A door panel.
package final class PanelPeer: Peer {
    package let id: PanelID
    package private(set) var machine: PanelClient
    package var hears: (PanelEvent) -> Void = { _ in }
    private let settings: LineSettings
    private let token: Secret

    init(_ id: PanelID, name: String, token: String, drift: Int64, in world: World) {
        self.id = id
        let device = HelloDevice(
            id: id.text,
            media: MediaAbilities(maxWidth: 640, maxHeight: 480, microphone: true)
        )
        settings = LineSettings(device: device)
        self.token = Secret(token)
        machine = PanelClient(settings: settings, token: self.token)
        super.init(.panel(id), name: name, drift: drift, in: world)
    }

    package override var openSocket: Int? { machine.openSocket }
    package override var resume: Resume? { machine.resume }
    override var deadline: Moment? { machine.nextDeadline }
    package override func start() { give(.start) }
    package override func stop() { give(.stop) }
    override func opened(_ socket: Int) { give(.opened(socket: socket)) }
    override func received(_ message: ServerMessage, on socket: Int) {
        give(.received(message, socket: socket))
    }
    override func closed(_ socket: Int, _ code: UInt16?) {
        give(.closed(socket: socket, code: code))
    }
    override func tick() { give(.tick) }
    package func order(_ order: PanelOrder) { give(.order(order)) }

    override func startAnew(resuming: Bool) {
        let resume = resuming ? machine.resume : nil
        orphanLinks()
        machine = PanelClient(settings: settings, token: token, resume: resume)
        start()
    }

    /// Its process dies and comes back: everything is forgotten, but what a file remembered.
    package func reboot(remembering resume: Resume? = nil) {
        for (_, link) in links { world.clientCloses(link) }
        links = [:]
        machine = PanelClient(settings: settings, token: token, resume: resume)
        start()
    }

    override func heard(_ frame: [UInt8], on socket: Int) {
        machine.heard(socket: socket, at: clock)
    }

    private func give(_ input: ClientInput<PanelOrder>) {
        guard isAwake else { return }
        let actions = machine.handle(input, at: clock, using: &random)
        perform(actions) { said in
            if case .connection(let status) = said { self.status = status }
            world.trace { "\(name): \(said)" }
            hears(said)
        }
    }
}

/// A resident's device.
package final class DevicePeer: Peer {
    package let id: DeviceID
    package let resident: ResidentID
    package private(set) var machine: ResidentClient
    package var hears: (ResidentEvent) -> Void = { _ in }
    private let settings: LineSettings
    private let token: Secret

    init(
        _ id: DeviceID,
        of resident: ResidentID,
        name: String,
        token: String,
        drift: Int64,
        in world: World
    ) {
        self.id = id
        self.resident = resident
        let device = HelloDevice(
            id: id.text,
            media: MediaAbilities(screen: true, microphone: true)
        )
        settings = LineSettings(device: device)
        self.token = Secret(token)
        machine = ResidentClient(settings: settings, token: self.token)
        super.init(.device(id), name: name, drift: drift, in: world)
    }

    package override var openSocket: Int? { machine.openSocket }
    package override var resume: Resume? { machine.resume }
    override var deadline: Moment? { machine.nextDeadline }
    package override func start() { give(.start) }
    package override func stop() { give(.stop) }
    override func opened(_ socket: Int) { give(.opened(socket: socket)) }
    override func received(_ message: ServerMessage, on socket: Int) {
        give(.received(message, socket: socket))
    }
    override func closed(_ socket: Int, _ code: UInt16?) {
        give(.closed(socket: socket, code: code))
    }
    override func tick() { give(.tick) }
    package func order(_ order: ResidentOrder) { give(.order(order)) }

    override func startAnew(resuming: Bool) {
        let resume = resuming ? machine.resume : nil
        orphanLinks()
        machine = ResidentClient(settings: settings, token: token, resume: resume)
        start()
    }

    override func heard(_ frame: [UInt8], on socket: Int) {
        machine.heard(socket: socket, at: clock)
    }

    private func give(_ input: ClientInput<ResidentOrder>) {
        guard isAwake else { return }
        let actions = machine.handle(input, at: clock, using: &random)
        perform(actions) { said in
            if case .connection(let status) = said { self.status = status }
            world.trace { "\(name): \(said)" }
            hears(said)
        }
    }
}
