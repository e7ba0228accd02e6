// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleWire

/// A socket, from its first byte to its last.
final class Connection {
    enum Phase {
        /// Nobody yet: only `hello` may come.
        case fresh

        /// Said hello; its session or its calls are on their way from other boards.
        case greeting(Principal)

        /// Has a seat.
        case open(Principal)
        case closed
    }

    let line: Line
    let address: String

    /// Counts the sockets of a board; alarms name it by this.
    let id: Int
    var phase = Phase.fresh
    var badMessages = 0
    var badFrames = 0
    var badFramesSince: Moment
    var messages: Bucket
    var refusals = 0
    var refusalsSince: Moment

    /// When its next sign of life is looked for; there is one such alarm, however often a call
    /// wants it sooner.
    var checkAt: Moment?

    /// When the last ping left, so that one is not sent at each check.
    var pingedAt: Moment

    init(
        line: Line,
        address: String,
        id: Int,
        limits: SessionLimits,
        at now: Moment
    ) {
        self.line = line
        self.address = address
        self.id = id
        badFramesSince = now
        refusalsSince = now
        pingedAt = now
        messages = Bucket(
            perSecond: limits.messagesPerSecond,
            burst: .milliseconds(limits.messageBurst * 1000 / limits.messagesPerSecond)
        )
    }
}

/// A principal's place on this board: its session, and its socket while it has one.
final class Seat {
    let principal: Principal
    var epoch: UInt64
    var session: Session
    var connection: Connection?

    /// The credential it came with; revoking that closes it.
    let credential: CredentialHash
    let abilities: MediaAbilities?

    /// The zero of this connection's door clock.
    let welcomedAt: Moment
    var lostAt: Moment?

    /// The call in which it may send now, which wants quicker signs of life.
    var talk: (call: CallID, handle: UInt32)?

    /// What a panel was last told of itself.
    var panelInfo: PanelInfo?

    init(
        principal: Principal,
        epoch: UInt64,
        session: Session,
        connection: Connection,
        credential: CredentialHash,
        abilities: MediaAbilities?,
        welcomedAt: Moment
    ) {
        self.principal = principal
        self.epoch = epoch
        self.session = session
        self.connection = connection
        self.credential = credential
        self.abilities = abilities
        self.welcomedAt = welcomedAt
    }
}

/// A hello that waits: first for the session from another board, then for the calls' entries.
struct Greeting {
    let principal: Principal
    let connection: Connection
    let request: String
    let hello: Hello
    let credential: CredentialHash
    let epoch: UInt64

    /// The session that was on this board, where an older hello has gone elsewhere meanwhile.
    let local: Session?

    /// Nil while the old board has not answered.
    var session: Session??

    /// Calls whose owners have not answered yet.
    var awaited: Set<CallID> = []
    var entries: [CallEntry] = []
    var versions: [CallID: Int] = [:]

    /// What was told meanwhile.
    var held: [Told] = []
    var heldAnswers: [(request: String, reply: Reply)] = []
    var heldOrders: [RouteOrder] = []

    /// A newer hello elsewhere wants the session as soon as it is here.
    var superseded: (board: BoardIndex, epoch: UInt64)?

    /// Takes over what was held for the socket that this one replaces.
    mutating func takeOver(_ older: Greeting) {
        held = older.held
        heldAnswers = older.heldAnswers
    }
}
