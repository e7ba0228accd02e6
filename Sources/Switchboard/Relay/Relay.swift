// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// The data plane of one board: routes of the senders and outlets of the receivers whose lines are
/// here.
///
/// Not Sendable, one loop. Each entry point is one turn; what it wants to be said is taken after it
/// (``takeNotes()``), what goes to other boards at the end of the loop's turn (``takeBatches()``).
package final class Relay {
    package let board: BoardIndex
    package let limits: Limits

    /// Frames as the senders of this board sent them.
    private var tally = MediaCounts.Tally()
    private var drops = MediaCounts.Drops()

    /// Frames as the receivers of this board got them, of streams that ended.
    private var ended = MediaCounts()
    private var ages = QueueAges()
    private var routes: [RelayPort: Route] = [:]
    private var outlets: [RelayPort: Outlet] = [:]
    private var notes: [RelayNote] = []
    private var batches: [FrameBatch] = []
    private var touchedBoards: [Int] = []
    private var spareLanes: [Lanes] = []
    private var watchedRoutes: [Route] = []
    private var watchedLines: [Line] = []

    /// How large queues were, lately and since the start.
    package private(set) var queueMarks = QueueMarks()

    /// Frames that went to the relay of another board.
    package private(set) var framesAcross = 0

    package init(limits: Limits, board: BoardIndex) {
        self.limits = limits
        self.board = board
    }

    // MARK: What the calls install

    /// Opens what a party sends, closing what it or this line sent before.
    package func openRoute(
        _ port: RelayPort,
        from line: Line,
        stage: Route.Stage
    ) -> Route {
        if let before = routes[port] { close(before) }
        if let before = line.route { close(before) }
        line.handles.give(port.handle)
        let route = Route(port: port, stage: stage, line: line, relay: self)
        routes[port] = route
        line.route = route
        return route
    }

    /// Opens what a party receives from the one at `source`, and asks for a key frame.
    ///
    /// What it received before, and what this line received of the same call, is closed.
    @discardableResult
    package func openOutlet(
        _ port: RelayPort,
        to line: Line,
        from source: RelayPlace,
        isPreview: Bool = false,
        at now: Moment
    ) -> Outlet {
        if let before = outlets[port] { close(before) }
        if let before = line.outlet(for: port.handle) { close(before) }
        line.handles.give(port.handle)
        let outlet = Outlet(
            port: port,
            source: source,
            isPreview: isPreview,
            line: line,
            relay: self
        )
        outlets[port] = outlet
        line.outlets.append(outlet)
        if source.board == board {
            routes[RelayPort(handle: port.handle, party: source.party)]?.resolve(outlet)
        }
        outlet.askKeyFrame(at: now)
        return outlet
    }

    /// What a party sends, if its line is here.
    package func route(at port: RelayPort) -> Route? { routes[port] }

    /// What a party receives, if its line is here.
    package func outlet(at port: RelayPort) -> Outlet? { outlets[port] }

    /// Ends what a party sends.
    package func close(_ route: Route) {
        guard routes[route.port] === route else { return }
        routes[route.port] = nil
        if route.line?.route === route { route.line?.route = nil }
        route.line = nil
        if route.isWatched { watchedRoutes.removeAll { $0 === route } }
        route.isWatched = false
    }

    /// Ends what a party receives; what waits of it is dropped.
    package func close(_ outlet: Outlet) {
        guard outlets[outlet.port] === outlet else { return }
        outlets[outlet.port] = nil
        let sender = RelayPort(handle: outlet.port.handle, party: outlet.source.party)
        routes[sender]?.forget(outlet)
        outlet.line?.remove(outlet)
        outlet.line = nil
        ended.add(outlet.counts)
    }

    /// Ends all that a party sends and receives here.
    package func close(_ port: RelayPort) {
        if let route = routes[port] { close(route) }
        if let outlet = outlets[port] { close(outlet) }
    }

    /// The socket is gone, or another took its place.
    package func lineGone(_ line: Line) {
        line.leave()
        if line.isWatched { watchedLines.removeAll { $0 === line } }
        line.isWatched = false
    }

    // MARK: What the board takes

    /// What is to be said; empties the list.
    package func takeNotes() -> [RelayNote] {
        guard !notes.isEmpty else { return [] }
        defer { notes = [] }
        return notes
    }

    /// Whether ``takeNotes()`` has something.
    package var hasNotes: Bool { !notes.isEmpty }

    /// Whether ``takeBatches()`` has something.
    package var hasBatches: Bool { !touchedBoards.isEmpty }

    /// What goes to other boards, in order.
    package func takeBatches() -> [(board: BoardIndex, batch: FrameBatch)] {
        defer { touchedBoards.removeAll(keepingCapacity: true) }
        return touchedBoards.map { index in
            let batch = batches[index]
            batches[index] = FrameBatch(like: batch)
            return (BoardIndex(index), batch)
        }
    }

    /// When ``tick(at:)`` is wanted next.
    package var nextDeadline: Moment? {
        var next: Moment?
        for route in watchedRoutes { next = earlier(next, route.deadline) }
        for line in watchedLines { next = earlier(next, stallDeadline(of: line)) }
        return next
    }

    /// Asks for postponed key frames; gives up who takes no signalling.
    package func tick(at now: Moment) {
        for route in watchedRoutes { route.tick(at: now) }
        watchedRoutes.removeAll { route in
            route.isWatched = route.line != nil && route.deadline != nil
            return !route.isWatched
        }
        for line in watchedLines {
            if let deadline = stallDeadline(of: line), deadline <= now { stalled(line) }
        }
        watchedLines.removeAll { line in
            line.isWatched = line.controlSince != nil && !line.isCondemned
            return !line.isWatched
        }
    }

    /// Frames from the senders of this board.
    package var received: MediaCounts { MediaCounts(tally, drops) }

    /// Frames to the receivers of this board.
    package var delivered: MediaCounts {
        outlets.values.reduce(into: ended) { $0.add($1.counts) }
    }

    /// For how long the frames of a flow that were delivered had waited here.
    package func queueAges(_ flow: Flow) -> LatencyHistogram {
        ages.times(flow, passed: delivered.passed(flow))
    }

    private func stallDeadline(of line: Line) -> Moment? {
        line.controlSince.map { $0 + limits.media.controlStall }
    }

    private func earlier(_ left: Moment?, _ right: Moment?) -> Moment? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }
}

/// For routes, outlets and lines.
extension Relay {
    func note(_ note: RelayNote) { notes.append(note) }

    func watch(_ route: Route) {
        guard !route.isWatched else { return }
        route.isWatched = true
        watchedRoutes.append(route)
    }

    func watch(_ line: Line) {
        guard !line.isWatched else { return }
        line.isWatched = true
        watchedLines.append(line)
    }

    /// Too much signalling waits, or for too long.
    func stalled(_ line: Line) {
        guard !line.isCondemned, !line.isGone else { return }
        line.isCondemned = true
        note(.stalled(line))
    }

    func lendLanes() -> Lanes { spareLanes.popLast() ?? Lanes() }

    func takeBack(_ lanes: Lanes) {
        guard spareLanes.count < limits.media.spareLanes, lanes.held <= Lanes.mostKept else {
            return
        }
        lanes.clear()
        spareLanes.append(lanes)
    }

    /// Something waits, or did until now.
    func mark(_ lanes: Lanes, of line: Line, at now: Moment) {
        queueMarks.see(
            bytes: lanes.mediaBytes + line.heldBytes,
            oldest: earlier(line.heldSince, lanes.oldest),
            at: now
        )
    }

    func post(_ frame: MediaFrame, to place: RelayPlace, _ port: RelayPort) {
        framesAcross &+= 1
        batches[touch(place.board)].append(frame, to: port)
    }

    func post(_ what: FrameBatch.What, to place: RelayPlace, _ port: RelayPort, value: Int = 0) {
        batches[touch(place.board)].append(what, to: port, value: value)
    }

    private func touch(_ board: BoardIndex) -> Int {
        while batches.count <= board.raw { batches.append(FrameBatch()) }
        if batches[board.raw].isEmpty { touchedBoards.append(board.raw) }
        return board.raw
    }

    @inline(__always)
    func countInbound(_ verdict: FrameVerdict, _ flow: Flow, _ size: Int) {
        switch verdict {
        case .passed: tally.pass(flow, size)
        case .dropped(let reason): drops.add(1, flow, reason)
        case .overBudget: drops.add(1, flow, .overBudget)
        case .fault: drops.add(1, flow, .fault)
        }
    }

    /// A frame for somebody who left this board.
    func countAbsent(_ flow: Flow, _ count: Int = 1) {
        ended.lose(flow, .nobody, count)
    }

    /// A frame is written that waited.
    func countWait(of flow: Flow, since arrival: Moment, at now: Moment) {
        ages.add(flow, now.nanoseconds &- arrival.nanoseconds)
    }

    @inline(__always)
    func countReceived(_ flow: Flow) { tally.received[flow] &+= 1 }
}
