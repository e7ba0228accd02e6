// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleSwitchboard

/// One loop with the board that lives on it: mail in, time in.
///
/// The board is touched on the loop's thread only; that is what makes this class Sendable.
final class Station: @unchecked Sendable {
    let index: BoardIndex
    let loop: EventLoop

    /// On the loop only.
    let board: Board
    private let inbox: Locked<MailInbox>

    /// What is being read; its storage is used again.
    ///
    /// On the loop only.
    private var reading: [Mail] = []
    private var timer: TimerToken?
    private var armed: Moment?

    /// On the loop only.
    private var gauge: LoadGauge
    private var looked: (at: Moment, processor: Int64)?

    init(loop: EventLoop, board: Board, limits: Limits) {
        self.loop = loop
        self.board = board
        index = board.index
        inbox = Locked(MailInbox(frameBytes: limits.media.mailbox))
        gauge = LoadGauge(limits.overload)
    }

    /// Puts mail into the inbox; one wake per batch, and none for frames while many come.
    ///
    /// Any thread.
    func post(_ mail: Mail) {
        guard inbox.withLock({ $0.add(mail) }) else { return }
        if case .frames = mail {
            loop.submitUnhurried { self.read() }
        } else {
            loop.submit { self.read() }
        }
    }

    /// Takes up what was under way before a restart, and begins to look after the board's time.
    func begin(adopting adoption: Adoption) async {
        await onLoop { station in
            station.board.receive(.adopt(adoption), at: station.loop.now)
            _ = station.loop.atEndOfTurn { [unowned station] in station.rearm() }
            station.rearm()
            station.look(dueAt: station.loop.now.moment)
        }
    }

    /// The desk at which the sockets of this loop come in.
    func openDesk(limits: SessionLimits) async -> SocketDesk {
        await onLoop { SocketDesk(loop: $0.loop, board: $0.board, limits: limits) }
    }

    /// Runs `body` on the loop and answers with its result.
    func onLoop<Result: Sendable>(
        _ body: @escaping @Sendable (Station) -> Result
    ) async -> Result {
        await withHandoff { continuation in
            loop.submit { continuation.resume(returning: body(self)) }
        }
    }

    private func read() {
        inbox.withLock { $0.take(into: &reading) }
        let now = loop.now
        for mail in reading { board.receive(mail, at: now) }
        reading.removeAll(keepingCapacity: true)
    }

    /// Looks each second at how the loop is doing.
    private func look(dueAt due: Moment) {
        let (now, processor) = (loop.now.moment, loop.processorNanoseconds)
        let turn = loop.takeLongestTurn()
        if let looked {
            gauge.take(
                LoadGauge.Look(
                    elapsed: now - looked.at,
                    used: .nanoseconds(processor - looked.processor),
                    lag: max(turn, now - due)
                )
            )
            board.isOverloaded = gauge.isFull
        }
        looked = (now, processor)
        let next = now + .seconds(1)
        _ = loop.schedule(at: next) { [unowned self] in look(dueAt: next) }
    }

    private func rearm() {
        guard board.nextDeadline != armed else { return }
        if let timer { loop.cancel(timer) }
        armed = board.nextDeadline
        timer = armed.map { deadline in
            loop.schedule(at: deadline) { [unowned self] in
                timer = nil
                armed = nil
                board.tick(at: loop.now)
            }
        }
    }
}

/// The boards' mail: finds the station of a board.
final class Mailroom: Postbox {
    private let stations = Locked<[Station]>([])

    func open(_ stations: [Station]) {
        self.stations.withLock { $0 = stations }
    }

    func post(_ mail: Mail, to board: BoardIndex) {
        let station = stations.withLock { stations in
            board.raw < stations.count ? stations[board.raw] : nil
        }
        station?.post(mail)
    }
}
