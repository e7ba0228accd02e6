// SPDX-License-Identifier: Apache-2.0

package import VestibuleAccessCore
package import VestibuleBasics
import VestibuleCallCore
package import VestibuleStorage
import VestibuleWire

/// One loop's part of the exchange: sessions, calls, doors and media of the sockets that this loop
/// accepted.
///
/// Every entry point is one turn: it decides and performs, start to finish, without waiting. Not
/// Sendable; only its own loop calls it. It sees the world through four seams: time (`now` is
/// passed in, ``nextDeadline`` and ``tick(at:)``), lines (``Line``), the ledger and the notifiers
/// (``PushPort``), and meets other boards by mail.
package final class Board {
    package let index: BoardIndex
    let limits: Limits
    let exchange: Exchange
    let ledger: any Ledger
    let postbox: any Postbox
    let pushPort: any PushPort
    let hash: @Sendable (String) -> CredentialHash
    var random: any RandomNumberGenerator

    package internal(set) var directory: DirectorySnapshot

    /// When panels were last told what they list, and when that is looked at next by itself.
    var listedAt = Timestamp(milliseconds: 0)
    var listingArmed: Moment?
    package internal(set) var counters = BoardCounters()
    package internal(set) var times = BoardTimes()

    /// By their numbers: an address may be used again while an alarm still names it.
    var connections: [Int: Connection] = [:]
    var seats: [Principal: Seat] = [:]

    /// Sockets that said hello and wait for their session or their calls.
    var greetings: [Principal: Greeting] = [:]
    var calls: [CallID: LiveCall] = [:]

    /// Those of them that are not tombstones.
    var liveCalls = 0
    var doors: [CommandID: DoorWait] = [:]
    var alarms = DeadlineQueue<Alarm>()

    /// The data plane; the lines of this board are made with it.
    package let relay: Relay

    /// Its loop has too much to do: new calls are refused, also by other boards whose calls would
    /// only come here; running ones go on.
    package var isOverloaded = false {
        didSet {
            guard isOverloaded != oldValue else { return }
            exchange.overloaded.withLock { boards in
                if isOverloaded { boards.insert(index) } else { boards.remove(index) }
            }
        }
    }

    /// Until then nobody is given up for silence: the server itself was stopped.
    var silenceIsOurs: Moment?
    var isRestarting = false

    /// How old what is read now may be.
    var wakefulness = Wakefulness()

    /// The clocks as the last turn had them.
    var lastTurn = Now(moment: Moment(nanoseconds: 0), time: Timestamp(milliseconds: 0))

    package init(
        index: BoardIndex,
        limits: Limits,
        directory: DirectorySnapshot,
        exchange: Exchange,
        ledger: any Ledger,
        postbox: any Postbox,
        push: any PushPort,
        hash: @escaping @Sendable (String) -> CredentialHash,
        random: any RandomNumberGenerator
    ) {
        self.index = index
        self.limits = limits
        self.directory = directory
        self.exchange = exchange
        self.ledger = ledger
        self.postbox = postbox
        self.hash = hash
        self.random = random
        pushPort = push
        relay = Relay(limits: limits, board: index)
    }

    /// What is due at a time.
    enum Alarm {
        case hello(Int)
        case life(Int, due: Moment)
        case session(Principal, epoch: UInt64)
        case call(CallID)
        case record(CallID, ticket: UInt64)
        case rewrite(CallID)
        case tombstone(CallID)
        case doorRecord(CommandID)
        case door(CommandID)
        case doorForgotten(CommandID)
        case notice(DeferredNotice)
        case listing
    }

    /// When ``tick(at:)`` is wanted next.
    package var nextDeadline: Moment? {
        guard let alarm = alarms.next else { return relay.nextDeadline }
        return relay.nextDeadline.map { min($0, alarm) } ?? alarm
    }

    /// Does what is due.
    package func tick(at now: Now) {
        wakefulness.turn(at: now.moment, alarm: alarms.next)
        if let due = alarms.next, now.moment - due > limits.session.ownStall {
            silenceIsOurs = now.moment + limits.session.heartbeat * 2
            counters.ownStalls += 1
        }
        while let alarm = alarms.popDue(at: now.moment) { perform(alarm, at: now) }
        relay.tick(at: now.moment)
        endTurn(at: now)
    }

    private func perform(_ alarm: Alarm, at now: Now) {
        switch alarm {
        case .hello(let id): helloIsLate(id, at: now)
        case .life(let id, let due): checkLife(of: id, due: due, at: now)
        case .session(let principal, let epoch): sessionIsOld(principal, epoch, at: now)
        case .call(let id): callTimePassed(id, at: now)
        case .record(let id, let ticket): recordIsLate(id, ticket, at: now)
        case .rewrite(let id): rewrite(id, at: now)
        case .tombstone(let id): forgetCall(id)
        case .doorRecord(let command): doorRecordIsLate(command, at: now)
        case .door(let command): doorResultIsLate(command, at: now)
        case .doorForgotten(let command): forgetDoor(command)
        case .notice(let notice): push(notice, at: now)
        case .listing: listingIsOld(at: now)
        }
    }

    /// Takes one piece of mail in: a turn.
    package func receive(_ mail: Mail, at now: Now) {
        take(mail, at: now)
        endTurn(at: now)
    }

    private func take(_ mail: Mail, at now: Now) {
        switch mail {
        case .handOver(let principal, let epoch, let board):
            handOver(principal, epoch: epoch, to: board, at: now)
        case .handedOver(let principal, let epoch, let session):
            handedOver(principal, epoch: epoch, session, at: now)
        case .arrived(let arrival): arrived(arrival, at: now)
        case .entry(let call, let reply): entryArrived(call, reply, at: now)
        case .left(let principal, let epoch, let call):
            left(principal, epoch: epoch, call: call, at: now)
        case .revoked(let principal, let call): partyRevoked(principal, call, at: now)
        case .ask(let ask): answer(ask, at: now)
        case .tell(let principal, let told): tell(principal, told, at: now)
        case .answer(let principal, let request, let reply):
            deliver(reply, to: principal, request: request, at: now)
        case .route(let order): install(order, at: now)
        case .keyFrame(let principal, let call): keyFrameWanted(of: principal, call, at: now)
        case .frames(let batch): relay.receive(batch, at: now.moment)
        case .openDoor(let order): open(order, at: now)
        case .doorResult(let result): panelReported(result, at: now)
        case .written(let call, let ticket, let answer):
            written(call, ticket: ticket, answer, at: now)
        case .doorWritten(let command, let answer): doorWritten(command, answer, at: now)
        case .resultWritten(let command, let outcome, let answer):
            resultWritten(command, outcome, answer, at: now)
        case .directory(let snapshot): directoryChanged(to: snapshot, at: now)
        case .adopt(let adoption): adopt(adoption, at: now)
        case .restarting: announceRestart(at: now)
        case .closeAll: closeAll(at: now)
        }
    }

    /// Sends to a board, itself included, as mail that is read in a later turn.
    func post(_ mail: Mail, to board: BoardIndex) {
        postbox.post(mail, to: board)
    }

    /// Sends to a board; to itself at once, as a part of this turn.
    func send(_ mail: Mail, to board: BoardIndex, at now: Now) {
        if board == index { take(mail, at: now) } else { postbox.post(mail, to: board) }
    }

    func newID<Kind>(at now: Now) -> ID<Kind> {
        ID(at: now.time, using: &random)
    }
}

/// What a board counts, for metrics and for checkers; read by one hop a scrape.
package struct BoardCounters: Sendable, Equatable {
    package var sockets = 0
    package var messages = 0
    package var badMessages = 0
    package var rateLimited = 0
    package var framesIn = 0
    package var badFrames = 0
    package var oversized = 0
    package var callsStarted = 0
    package var ringsOffered = 0
    package var doorsOpened = 0
    package var doorsUnknown = 0
    package var resultsLate = 0
    package var resumed = 0
    package var replaced = 0
    package var silent = 0
    package var ownStalls = 0

    /// Rings, answers and ends that were told before the store had them, and those it never got.
    package var toldUnrecorded = 0
    package var recordsLost = 0

    /// Refusals by their code.
    package var refusals: [String: Int] = [:]

    /// Closed sockets by their code.
    package var closes: [Int: Int] = [:]

    /// Ended calls by their outcome.
    package var outcomes: [String: Int] = [:]

    package init() {}

    /// Adds what another board counted.
    package mutating func add(_ other: BoardCounters) {
        sockets += other.sockets
        messages += other.messages
        badMessages += other.badMessages
        rateLimited += other.rateLimited
        framesIn += other.framesIn
        badFrames += other.badFrames
        oversized += other.oversized
        callsStarted += other.callsStarted
        ringsOffered += other.ringsOffered
        doorsOpened += other.doorsOpened
        doorsUnknown += other.doorsUnknown
        resultsLate += other.resultsLate
        resumed += other.resumed
        replaced += other.replaced
        silent += other.silent
        ownStalls += other.ownStalls
        toldUnrecorded += other.toldUnrecorded
        recordsLost += other.recordsLost
        refusals.merge(other.refusals, uniquingKeysWith: +)
        closes.merge(other.closes, uniquingKeysWith: +)
        outcomes.merge(other.outcomes, uniquingKeysWith: +)
    }
}
