// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
package import VestibuleWire

/// A panel or a device of a world that says exactly what a test tells it to, and remembers all it
/// hears.
package final class RawPeer: Peer {
    /// What came on a socket.
    package struct Heard {
        package let socket: Int
        package let message: ServerMessage
    }

    package private(set) var heard: [Heard] = []

    /// The codes with which its sockets were closed, by socket; nil: without a word.
    package private(set) var closes: [Int: UInt16?] = [:]

    /// The socket it speaks on.
    package private(set) var socket = 0

    /// Whether it says hello by itself, and with what.
    package var saysHello = true
    package var resumes: Resume?
    package var token: String
    package var deviceID: String

    /// A panel's relay: pulled at once, and reported.
    package var obeys = true
    package private(set) var opened: [CommandID] = []
    private var asked = 0

    package init(_ principal: Principal, name: String, in world: World) {
        token = world.household.token(principal)
        switch principal {
        case .panel(let id): deviceID = id.text
        case .device(let id): deviceID = id.text
        }
        super.init(principal, name: name, drift: 0, in: world)
    }

    package override var openSocket: Int? {
        closes[socket] == nil && welcome != nil ? socket : nil
    }

    // MARK: Speaking

    /// Opens another socket, to this board.
    package func connect(to board: Int, resuming resume: Resume? = nil) {
        wantedBoard = board
        resumes = resume
        socket += 1
        world.connect(self, socket)
    }

    /// Says something on the newest socket; returns its id.
    @discardableResult
    package func say(_ request: ClientRequest, id: String? = nil) -> String {
        asked += 1
        let name = id ?? "\(asked)"
        if let link = links[socket] {
            world.send(ClientMessage(id: name, request: request), from: link)
        }
        return name
    }

    package func sayHello() {
        say(
            .hello(
                Hello(
                    token: Secret(token),
                    device: HelloDevice(id: deviceID),
                    resume: resumes
                )
            ),
            id: "hello"
        )
    }

    package func sayNonsense() {
        if let link = links[socket] { world.sendMalformed(from: link) }
    }

    /// Closes its newest socket.
    package func hangUpSocket() {
        guard let link = links.removeValue(forKey: socket) else { return }
        world.clientCloses(link)
        closes[socket] = .some(nil)
    }

    // MARK: What was heard

    /// What came on the newest socket.
    package var messages: [ServerMessage] {
        heard.filter { $0.socket == socket }.map(\.message)
    }

    package var welcome: Welcome? {
        for message in messages { if case .welcome(_, let welcome) = message { return welcome } }
        return nil
    }

    package var events: [ServerEvent] {
        messages.compactMap { if case .event(_, let event) = $0 { event } else { nil } }
    }

    /// The answers to a request on any socket.
    package func answers(to id: String) -> [ServerMessage] {
        heard.map(\.message).filter { message in
            switch message {
            case .ok(id, _), .refused(id?, _): true
            default: false
            }
        }
    }

    /// The code of the last answer to a request; nil where it was ok or is not there.
    package func refusal(of id: String) -> ErrorCode? {
        if case .refused(_, let refusal)? = answers(to: id).last { refusal.code } else { nil }
    }

    package func answer(to id: String) -> Answer? {
        if case .ok(_, let answer)? = answers(to: id).last { answer } else { nil }
    }

    /// The code with which a socket was closed.
    package func closeCode(of socket: Int? = nil) -> UInt16? {
        closes[socket ?? self.socket] ?? nil
    }

    /// Where its session is.
    package var point: Resume? {
        guard let session = welcome?.session else { return nil }
        let numbers = messages.compactMap {
            if case .event(let number, _) = $0 { number } else { nil }
        }
        return Resume(session: session, seq: numbers.last ?? welcome?.seq ?? 0)
    }

    // MARK: The world's side

    override func opened(_ socket: Int) { if saysHello, socket == self.socket { sayHello() } }

    override func received(_ message: ServerMessage, on socket: Int) {
        heard.append(Heard(socket: socket, message: message))
        guard obeys, case .event(_, .doorOpen(let open)) = message else { return }
        opened.append(open.command)
        say(.doorResult(DoorResult(command: open.command, outcome: .opened)))
    }

    override func closed(_ socket: Int, _ code: UInt16?) { closes[socket] = .some(code) }
}
