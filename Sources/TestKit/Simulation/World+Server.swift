// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
package import VestibuleStorage
import VestibuleSwitchboard

/// The server: its boards' mail and time, its ledger, its deaths.
extension World {
    /// The lane of what comes from neither board.
    private var elsewhere: Int { options.boards }

    /// Starts the first process.
    package func boot() async {
        wantsRestore = true
        await run(until: now)
    }

    func restore() async {
        wantsRestore = false
        let limits = options.limits
        let time = self.time
        let span = RestoreSpan(limits, at: time.time)
        guard let restored = try? await store.restore(span) else {
            return breach("the store could not be read")
        }
        let directory = household.snapshot()
        exchange = Exchange(limits: limits)
        lanes = Array(
            repeating: Array(repeating: Fifo<Mail>(), count: options.boards),
            count: options.boards + 1
        )
        laneFree = Array(
            repeating: Array(repeating: now, count: options.boards),
            count: options.boards + 1
        )
        openPushes()
        armed = Array(repeating: nil, count: options.boards)
        boards = (0..<options.boards).map { index in
            Board(
                index: BoardIndex(index),
                limits: limits,
                directory: directory,
                exchange: exchange,
                ledger: ledger,
                postbox: outbox,
                push: outbox,
                hash: { SeededBuilding.hash($0) },
                random: SeededGenerator(seed: random.next())
            )
        }
        isDown = false
        bootedAt = now
        isCommitting = false
        trace { "the server is up, with \(restored.calls.count) calls" }
        witness.restored(restored)
        let adoptions = exchange.restore(restored, boards: options.boards, at: time)
        for (board, adoption) in zip(boards, adoptions) {
            turn(board.index.raw) { $0.receive(.adopt(adoption), at: time) }
            settle()
        }
    }

    /// One turn of a board.
    func turn(_ index: Int, _ body: (Board) -> Void) {
        sender = index
        body(boards[index])
        sender = elsewhere
    }

    // MARK: Mail and time

    func enqueue(_ mail: Mail, to board: BoardIndex) {
        if plants.mailLost, random.once(in: 200) { return }
        let (from, to) = (sender, board.raw)
        lanes[from][to].append(mail)
        scheduleMail(from, to)
    }

    private func scheduleMail(_ from: Int, _ to: Int) {
        let at = max(now + random.draw(mailDelay), laneFree[from][to])
        laneFree[from][to] = at
        inServer(after: at - now) { [self] in
            guard let mail = lanes[from][to].popFirst() else { return }
            turn(to) { $0.receive(mail, at: time) }
        }
    }

    func arm(_ index: Int) {
        guard let deadline = boards[index].nextDeadline else { return }
        if let earlier = armed[index], earlier <= deadline { return }
        armed[index] = deadline
        let late = Duration.microseconds(random.draw(0...300))
        inServer(after: max(deadline, now) + late - now) { [self] in
            guard armed[index] == deadline else { return }
            armed[index] = nil
            turn(index) { $0.tick(at: time) }
        }
    }

    // MARK: Ledger

    func readLedger() {
        for news in ledger.take() { witness.read(news) }
    }

    func commitIfNeeded() {
        guard !isCommitting, !isDown, store.waiting > 0 else { return }
        isCommitting = true
        let count = store.waiting
        inServer(after: random.draw(commitTime)) { [self] in
            isCommitting = false
            sender = elsewhere
            store.release(count)
        }
    }

    /// Nothing can be written for this long.
    package func lockStore(_ condition: MemoryStore.Condition, for duration: Duration) {
        trace { "the store is \(condition) for \(duration)" }
        store.become(condition)
        let life = life
        after(duration) { [self] in
            guard life == self.life else { return }
            store.hold()
            trace { "the store is good again" }
        }
    }

    // MARK: Directory

    /// Something in the directory was changed: every board learns it, each in its time.
    package func publishDirectory() {
        let snapshot = household.snapshot()
        witness.directoryChanged()
        guard !isDown else { return }
        sender = elsewhere
        for index in 0..<options.boards { enqueue(.directory(snapshot), to: BoardIndex(index)) }
    }

    // MARK: Deaths

    /// The process is stopped for a while, as by a debugger or a machine that swaps.
    package func stallServer(for duration: Duration) {
        trace { "the server stalls for \(duration)" }
        stalledUntil = max(stalledUntil, now + duration)
        witness.excuse(until: stalledUntil + .seconds(1))
    }

    /// kill -9: what was not written is gone, but for the oldest groups that may have reached the
    /// disk unheard.
    package func kill(downtime: Duration, keeping share: Int = 0) {
        guard !isDown else { return }
        readLedger()
        let kept = min(share, store.waiting)
        trace { "the server is killed; \(kept) of \(store.waiting) groups kept" }
        store.crash(keeping: kept)
        store.hold()
        witness.crashed(keeping: kept)
        leave(downtime)
    }

    /// The server says goodbye, closes, writes, and comes back.
    package func restartGracefully(downtime: Duration) {
        guard !isDown else { return }
        trace { "the server restarts" }
        sender = elsewhere
        for index in 0..<options.boards { enqueue(.restarting, to: BoardIndex(index)) }
        inServer(after: .milliseconds(800)) { [self] in
            for index in 0..<options.boards { enqueue(.closeAll, to: BoardIndex(index)) }
        }
        inServer(after: .milliseconds(900)) { [self] in
            store.hold()
            store.release()
            readLedger()
            trace { "the server stopped" }
            store.crash()
            store.hold()
            witness.crashed(keeping: 0)
            leave(downtime)
        }
    }

    private func leave(_ downtime: Duration) {
        for board in boards { counters.add(board.counters) }
        life += 1
        isDown = true
        boards = []
        stalledUntil = now
        for link in links where link.isServerOpen { processDied(link) }
        _ = outbox.take()
        after(downtime) { [self] in wantsRestore = true }
    }
}
