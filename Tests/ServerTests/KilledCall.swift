// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleWire

/// What a panel remembers of its doors: it acts on a command once, and repeats its result until
/// that is answered.
final class DoorBook: Sendable {
    private struct Pages {
        var acted: [CommandID] = []
        var unanswered: [String: CommandID] = [:]
        private var lastRequest = 0

        mutating func result(of command: CommandID) -> ClientMessage {
            lastRequest += 1
            let id = "result-\(lastRequest)-\(command.text.suffix(6))"
            unanswered[id] = command
            return ClientMessage(
                id: id,
                request: .doorResult(DoorResult(command: command, outcome: .opened))
            )
        }
    }

    private let pages = Locked(Pages())

    /// The commands on which a relay clicked.
    var acted: [CommandID] { pages.withLock { $0.acted } }

    /// The panel's reflex.
    func react(to message: ServerMessage) -> ClientMessage? {
        pages.withLock { pages -> ClientMessage? in
            switch message {
            case .event(_, .doorOpen(let open)):
                guard !pages.acted.contains(open.command) else { return nil }
                pages.acted.append(open.command)
                return pages.result(of: open.command)
            case .ok(let request, _):
                pages.unanswered[request] = nil
                return nil
            case .refused, .welcome, .event:
                return nil
            }
        }
    }

    /// The results that nobody has answered, to be sent again.
    func repeated() -> [ClientMessage] {
        pages.withLock { pages in
            let commands = Array(pages.unanswered.values)
            pages.unanswered = [:]
            return commands.map { pages.result(of: $0) }
        }
    }
}

/// One call through which the server is killed, and what its parties were told before that.
final class KilledCall: Sendable, CustomStringConvertible {
    /// What the call is in when the server dies.
    enum Stage: CaseIterable {
        case ringing
        case talk
        case unlock
    }

    /// What somebody was told, and so has to be true for ever.
    struct Told: Sendable {
        var call: CallID?
        var handle: UInt32?
        var isAnswered = false
        var command: CommandID?
        var isOpened = false

        /// The server died in the middle of the last step.
        var wasCut = false
    }

    let number: Int
    let stage: Stage
    let book = DoorBook()
    private let memory = Locked(Told())

    var told: Told { memory.withLock { $0 } }
    private var press: String { "press-\(number)" }
    private var unlockKey: String { "open-\(number)" }
    var description: String { "call \(number) in \(stage), told \(told), acted \(book.acted)" }

    init(number: Int, stage: Stage) {
        self.number = number
        self.stage = stage
    }

    /// Begins the call, lets the server die and come back, and ends the call.
    ///
    /// The server dies `delay` after the last step began; without one, in the moment in which the
    /// last answer has come, so that what it told had better be written.
    func live(
        in house: BinaryHouse,
        killedAfter delay: Duration?,
        startedAgainWith loops: [String]
    ) async throws {
        let panel = try await connectPanel(house).peer
        let device = try await house.connect(house.building.device())
        try await lead(panel, device, house)
        // Whatever is under way when the server dies ends in an error here, and is done again.
        async let ending: Void? = try? doLast(panel, device, house)
        if let delay { await house.clients.pass(delay) } else { _ = await ending }
        await house.kill9()
        let isDone = await ending != nil
        memory.withLock { $0.wasCut = !isDone }
        _ = (try await panel.closing(), try await device.closing())
        try await house.start(loops)
        try await goOn(from: panel, device, house)
    }

    // MARK: Before the kill

    private func connectPanel(
        _ house: BinaryHouse,
        resume: Resume? = nil
    ) async throws -> (peer: Peer, welcome: Welcome) {
        let book = book
        return try await house.connect(
            house.building.panel(),
            resume: resume,
            reaction: { book.react(to: $0) }
        )
    }

    /// What is done in peace.
    private func lead(_ panel: Peer, _ device: Peer, _ house: BinaryHouse) async throws {
        switch stage {
        case .ringing: break
        case .talk: try await ring(panel, device, house)
        case .unlock:
            try await ring(panel, device, house)
            try await answer(device)
        }
    }

    /// What is under way when the server dies.
    private func doLast(_ panel: Peer, _ device: Peer, _ house: BinaryHouse) async throws {
        switch stage {
        case .ringing:
            try await ring(panel, device, house)
            try await device.asks(.callRinging(call()))
        case .talk: try await answer(device)
        case .unlock: try await unlock(device)
        }
    }

    private func call() throws -> CallID {
        guard let call = told.call else { throw Disappointment("no call yet") }
        return call
    }

    private func ring(_ panel: Peer, _ device: Peer, _ house: BinaryHouse) async throws {
        let unit = house.building.unit()
        let started = try await panel.asks(.callStart(unit: unit, key: press))
        memory.withLock {
            $0.call = started.call
            $0.handle = started.handle
        }
        _ = try await device.incoming()
    }

    private func answer(_ device: Peer) async throws {
        let answer = try await device.asks(.callAnswer(call()))
        guard answer.handle == told.handle else { throw Disappointment("another handle") }
        memory.withLock { $0.isAnswered = true }
    }

    private func unlock(_ device: Peer) async throws {
        let answer = try await device.asks(
            .callUnlock(CallUnlock(call: call(), key: unlockKey))
        )
        let before = told
        guard before.command == nil || before.command == answer.command else {
            throw Disappointment("the key led to another command")
        }
        guard !before.isOpened || answer.outcome == .opened else {
            throw Disappointment("opened before, now \(String(describing: answer.outcome))")
        }
        memory.withLock {
            $0.command = answer.command
            $0.isOpened = answer.outcome == .opened
        }
    }

    // MARK: After it

    private func goOn(
        from oldPanel: Peer,
        _ oldDevice: Peer,
        _ house: BinaryHouse
    ) async throws {
        let building = house.building
        let phone = try await house.connect(
            building.device(),
            resume: try await oldDevice.resume(),
            reaction: nil
        )
        let door = try await connectPanel(house, resume: try await oldPanel.resume())
        let (panel, device) = (door.peer, phone.peer)
        for result in book.repeated() {
            try await panel.asks(result.request, id: result.id)
        }
        try await press(panel, again: building.unit())
        let call = try call()
        let seen = phone.welcome.calls.first { $0.offer.call == call }
        if let entry = seen {
            guard entry.offer.handle == told.handle else { throw Disappointment("another handle") }
            guard !told.isAnswered || (entry.state == .active && entry.mine) else {
                throw Disappointment("it was answered, and is \(entry.state)")
            }
        } else {
            // The server died before the press was written: the second one began the call.
            guard try await device.incoming().call == call else {
                throw Disappointment("another call rings")
            }
        }
        try await answer(device)
        let talk = Talk(call: call, handle: told.handle ?? 0, panel: panel, device: device)
        try await panel.asks(.ping)
        try await talk.flows()
        if stage == .unlock { try await unlock(device) }
        try await talk.hangsUp()
        _ = try await panel.panelState(call, .ended)
        for result in book.repeated() {
            try await panel.asks(result.request, id: result.id)
        }
        for peer in [panel, device] { try await peer.drop() }
    }

    /// The same press again is the same call.
    private func press(_ panel: Peer, again unit: UnitID) async throws {
        let started = try await panel.asks(.callStart(unit: unit, key: press))
        let before = told
        guard before.call == nil || before.call == started.call,
            before.handle == nil || before.handle == started.handle
        else { throw Disappointment("the press is another call now") }
        memory.withLock {
            $0.call = started.call
            $0.handle = started.handle
        }
    }
}
