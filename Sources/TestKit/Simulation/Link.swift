// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
import VestibuleSwitchboard
package import VestibuleWire

/// One WebSocket of a world: two ordered paths with delays, which may stall or die, and two ends
/// which may notice late.
package final class Link {
    /// What is on its way to the server.
    enum Up {
        case message(ClientMessage)
        case malformed
        case frame([UInt8])
        case closed
    }

    /// What is on its way to the client.
    enum Down {
        case opened
        case message(ServerMessage)
        case frame([UInt8])
        case closed(UInt16?)
    }

    /// How one direction is.
    package enum Path: Equatable {
        case open
        case stalled(until: Moment)

        /// Nothing comes through any longer, and nobody says so.
        case dead
    }

    package let number: Int
    package let peer: Peer

    /// The number that the client gave it.
    package let socket: Int
    package let board: Int
    let life: Int
    package let isInBytes: Bool
    let delay: Duration

    /// Of its own, so that the order in which links are touched changes nothing.
    var random: SeededGenerator
    package var upward = Path.open
    package var downward = Path.open

    /// The receiver takes no bytes until then.
    var congestedUntil: Moment?
    var wantsRoom = false

    /// Whether something was done to it that excuses delays.
    package var isFaulty = false
    package internal(set) var isClientOpen = true
    package internal(set) var isServerOpen = false

    /// The client's machine knows nothing of it any longer, but nobody closed it.
    var isOrphan = false

    /// The server closed it; its line hears no more.
    var isClosedByServer = false
    var line: SimulatedLine?
    var up = Fifo<Up>()
    var down = Fifo<Down>()
    var upFree = Moment(nanoseconds: 0)
    var downFree = Moment(nanoseconds: 0)

    // What the checkers note here: it is all seen on this socket.
    package internal(set) var hello: Hello?
    package internal(set) var welcome: Welcome?
    package internal(set) var welcomedAt = Moment(nanoseconds: 0)

    init(
        number: Int,
        peer: Peer,
        socket: Int,
        board: Int,
        life: Int,
        isInBytes: Bool,
        delay: Duration,
        random: SeededGenerator
    ) {
        self.number = number
        self.peer = peer
        self.socket = socket
        self.board = board
        self.life = life
        self.isInBytes = isInBytes
        self.delay = delay
        self.random = random
    }

    /// Whether messages go both ways now.
    package var isWhole: Bool {
        isClientOpen && isServerOpen && !isClosedByServer && upward == .open && downward == .open
    }
}

/// First in, first out.
struct Fifo<Element> {
    private var elements: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            head += 1
            if head == elements.count {
                elements.removeAll(keepingCapacity: true)
                head = 0
            }
        }
        return elements[head]
    }
}

/// The server's end of a link.
final class SimulatedLine: Line {
    private unowned let world: World
    private let link: Link
    private var expected = Fifo<ServerMessage>()

    init(_ link: Link, _ world: World, _ board: Board) {
        self.world = world
        self.link = link
        super.init(relay: board.relay, at: world.now)
    }

    override func tell(_ message: ServerMessage, at now: Moment) {
        guard isThere("told") else { return }
        guard link.isInBytes else { return world.told(message, on: link) }
        expected.append(message)
        super.tell(message, at: now)
    }

    override func write(text: UnsafeRawBufferPointer) {
        let decoded = ServerMessage.decode(text)
        guard case .success(let message) = decoded, message == expected.popFirst() else {
            return world.breach("a message to \(link.peer.name) differs in bytes: \(decoded)")
        }
        world.told(message, on: link)
    }

    override func write(frame: UnsafeRawBufferPointer, flags: UInt8) {
        guard isThere("sent a frame") else { return }
        var bytes = [UInt8](frame)
        bytes[1] = flags
        world.send(.frame(bytes), down: link)
        if world.plants.frameAstray, let other = world.random.pick(world.links) {
            world.send(.frame(bytes), down: other)
        }
    }

    /// Whether the transport still has the socket; afterwards the server may not touch it.
    private func isThere(_ what: String) -> Bool {
        if !link.isServerOpen {
            world.breach("a line of \(link.peer.name) is \(what) after its socket was gone")
        }
        return link.isServerOpen
    }

    override var hasRoom: Bool { link.congestedUntil.map { $0 <= world.now } ?? true }

    override func requestRoom() { world.scheduleRoom(on: link) }

    override func ping() { if isThere("pinged") { world.ping(link) } }

    override func close(code: UInt16, reason: String) {
        if isThere("closed") { world.serverCloses(link, code) }
    }

    override func drop() { world.serverCloses(link, nil) }
}
