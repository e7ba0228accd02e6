// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleSwitchboard
import VestibuleTransport

/// Reads what everybody counts, by one hop a loop, as a page of metrics.
struct Scrape: Sendable {
    private let store: SQLiteStore
    private let exchange: Exchange
    private let pushRoom: PushRoom
    private let stations: [Station]
    private let transports: Locked<[TransportServer]>
    private let startedAt: Moment

    init(_ running: Running) {
        store = running.store
        exchange = running.exchange
        pushRoom = running.pushRoom
        stations = running.stations
        transports = running.counted
        startedAt = running.startedAt
    }

    /// What keeps the store from recording, in words; nil where nothing does.
    var storeTrouble: String? {
        let ledger = store.metrics
        guard ledger.waitingGroups > 0, let error = ledger.lastError else { return nil }
        return "\(error)"
    }

    /// The page; from anywhere.
    func text() async -> String {
        var page = MetricsPage()
        addServer(to: &page)
        await addBoards(to: &page)
        await addTransports(to: &page)
        addLedger(to: &page)
        page.add(MetricTables.push, of: pushRoom.counters)
        return page.text
    }

    private func addServer(to page: inout MetricsPage) {
        let now = EventLoop.readNow()
        let uptime = now.moment - startedAt
        page.add(
            .gauge,
            "vestibule_uptime_seconds",
            "Seconds since the start.",
            Self.seconds(uptime)
        )
        let civil = Double((now.time + (Duration.zero - uptime)).milliseconds) / 1_000
        page.add(ProcessReading(), startedAt: civil)
        page.add(
            .gauge,
            "vestibule_sessions_connected",
            "Sessions with a socket.",
            exchange.connected
        )
        page.add(
            .gauge,
            "vestibule_calls_live",
            "Calls that ring or are talked.",
            exchange.liveCalls
        )
        let strangers = exchange.guardian.withLock { $0 }
        page.add(
            .counter,
            "vestibule_sockets_refused_total",
            "Sockets refused: too many strangers or guesses.",
            strangers.refused
        )
        page.add(
            .counter,
            "vestibule_logins_failed_total",
            "Hellos with a token or device that is none.",
            strangers.failedLogins
        )
    }

    private func addBoards(to page: inout MetricsPage) async {
        var total = BoardReading()
        for station in stations {
            let (board, loop) = await station.onLoop {
                (BoardReading($0.board), LoopReading($0))
            }
            total.add(board)
            page.add(loop, labels: [(name: "loop", value: "\(station.index.raw)")])
            page.add(board, loop: station.index.raw)
        }
        page.add(MetricTables.board, of: total.counters)
        page.add(MetricTables.boardGroups, of: total.counters)
        page.add(total.received, "received")
        page.add(total.delivered, "delivered")
        page.add(total.times)
        for (flow, ages) in total.ages {
            page.add(
                "vestibule_frame_queue_seconds",
                "From a media frame's arrival to its write, of those that were written.",
                ages,
                labels: [(name: "flow", value: "\(flow)")]
            )
        }
    }

    private func addTransports(to page: inout MetricsPage) async {
        var total = TransportCounters()
        for transport in transports.withLock({ $0 }) { total.add(await transport.counters()) }
        page.add(MetricTables.transport, of: total)
    }

    private func addLedger(to page: inout MetricsPage) {
        let ledger = store.metrics
        page.add(MetricTables.ledger, of: ledger)
        page.add(MetricTables.ledgerGroups, of: ledger)
        page.add(
            "vestibule_ledger_answer_seconds",
            "From handing a group over to its answer.",
            ledger.answerTimes
        )
        page.add(
            "vestibule_ledger_commit_seconds",
            "How long a transaction took.",
            ledger.commitTimes
        )
        let now = EventLoop.readMoment()
        page.add(
            .gauge,
            "vestibule_ledger_oldest_seconds",
            "For how long the oldest of what waits has waited.",
            Self.seconds(ledger.oldestWaiting.map { now - $0 } ?? .zero)
        )
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.milliseconds) / 1000
    }
}

/// What one board counts.
private struct BoardReading: Sendable {
    var counters = BoardCounters()
    var received = MediaCounts.none
    var delivered = MediaCounts.none
    var times = BoardTimes()

    /// By flow, in the order of flows.
    var ages: [(flow: Flow, times: LatencyHistogram)] = []
    var framesAcross = 0
    var queues = QueueMarks()

    init() {}

    init(_ board: Board) {
        counters = board.counters
        received = board.relay.received
        delivered = board.relay.delivered
        times = board.times
        ages = [Flow.audio, .video, .report].map { ($0, board.relay.queueAges($0)) }
        framesAcross = board.relay.framesAcross
        queues = board.relay.takeQueueMarks()
    }

    mutating func add(_ other: BoardReading) {
        counters.add(other.counters)
        received.add(other.received)
        delivered.add(other.delivered)
        times.add(other.times)
        guard !ages.isEmpty else {
            ages = other.ages
            return
        }
        for (place, other) in other.ages.enumerated() { ages[place].times.add(other.times) }
    }
}

/// What one loop has done.
private struct LoopReading: Sendable {
    let turns: LatencyHistogram
    let processorNanoseconds: Int64
    let longestTurn: Int64
    let isOverloaded: Bool

    init(_ station: Station) {
        let loop = station.loop
        isOverloaded = station.board.isOverloaded
        turns = loop.turns
        processorNanoseconds = loop.processorNanoseconds
        longestTurn = loop.takeStallNanoseconds()
    }
}

extension TransportCounters {
    fileprivate mutating func add(_ other: TransportCounters) {
        accepted &+= other.accepted
        refused &+= other.refused
        handshakesRefused &+= other.handshakesRefused
        open += other.open
        webSockets += other.webSockets
        requests &+= other.requests
        bytesIn &+= other.bytesIn
        bytesOut &+= other.bytesOut
        requestsOverdue &+= other.requestsOverdue
        requestsInFlight += other.requestsInFlight
    }
}

extension MetricsPage {
    fileprivate mutating func add(_ loop: LoopReading, labels: [(name: String, value: String)]) {
        add(
            "vestibule_loop_turn_seconds",
            "How long a turn of a loop took, to about a millisecond.",
            loop.turns,
            labels: labels
        )
        add(
            .gauge,
            "vestibule_loop_stall_seconds",
            "The longest turn since the last scrape, by whomever.",
            Double(loop.longestTurn) / 1e9,
            labels: labels
        )
        add(
            .counter,
            "vestibule_loop_cpu_seconds_total",
            "Processor time of a loop's thread.",
            Double(loop.processorNanoseconds) / 1e9,
            labels: labels
        )
        add(
            .gauge,
            "vestibule_loop_overloaded",
            "1 while a loop takes no new calls, so that running ones do not suffer.",
            loop.isOverloaded ? 1 : 0,
            labels: labels
        )
    }

    fileprivate mutating func add(_ times: BoardTimes) {
        let rows = [
            (
                "vestibule_ring_seconds",
                "From call.start to call.incoming leaving for a connected device.", times.ring
            ),
            ("vestibule_answer_seconds", "From call.answer to its good answer.", times.answer),
            (
                "vestibule_door_command_seconds",
                "From an unlock to door.open leaving for the panel.", times.doorCommand
            ),
            ("vestibule_unlock_seconds", "From an unlock to its result.", times.unlock),
        ]
        for (name, help, times) in rows { add(name, help, times) }
    }

    /// What is told of each loop: how even they are, what crosses them, the queues of receivers.
    fileprivate mutating func add(_ reading: BoardReading, loop: Int) {
        let labels = [(name: "loop", value: "\(loop)")]
        let counts = [
            ("vestibule_loop_sockets_total", "WebSockets taken.", reading.counters.sockets),
            ("vestibule_loop_frames_total", "Binary messages received.", reading.counters.framesIn),
            (
                "vestibule_loop_frames_across_total",
                "Media frames for a receiver of another loop.",
                reading.framesAcross
            ),
        ]
        for (name, help, count) in counts { add(.counter, name, help, count, labels: labels) }
        add(
            .gauge,
            "vestibule_media_queue_bytes",
            "The most media that waited for one receiver since the last scrape.",
            reading.queues.bytes,
            labels: labels
        )
        add(
            .gauge,
            "vestibule_media_queue_seconds",
            "The longest that media waited for one receiver since the last scrape.",
            Double(reading.queues.age.nanoseconds) / 1e9,
            labels: labels
        )
    }

    /// Frames at the senders' end or at the receivers', by flow.
    fileprivate mutating func add(_ counts: MediaCounts, _ way: String) {
        let name = "vestibule_frames_\(way)"
        for flow in Flow.allCases {
            let labels = [(name: "flow", value: "\(flow)")]
            let numbers = [
                ("", "Media frames \(way).", counts.received(flow)),
                ("_passed", "Media frames \(way) and passed on.", counts.passed(flow)),
                ("_bytes", "Bytes of media frames \(way) and passed on.", counts.bytes(flow)),
            ]
            for (part, help, number) in numbers {
                add(.counter, "\(name)\(part)_total", help, number, labels: labels)
            }
            for reason in DropReason.allCases where counts.dropped(flow, reason) > 0 {
                add(
                    .counter,
                    "\(name)_dropped_total",
                    "Media frames \(way) and dropped.",
                    counts.dropped(flow, reason),
                    labels: labels + [(name: "reason", value: "\(reason)")]
                )
            }
        }
    }
}
