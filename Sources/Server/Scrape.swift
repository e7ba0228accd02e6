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
    private let started: Now

    init(_ running: Running) {
        store = running.store
        exchange = running.exchange
        pushRoom = running.pushRoom
        stations = running.stations
        transports = running.counted
        started = running.started
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
        page.add(
            .gauge,
            "vestibule_uptime_seconds",
            "Seconds since the start.",
            Self.seconds(EventLoop.readMoment() - started.moment)
        )
        page.add(ProcessReading(), startedAt: Double(started.time.milliseconds) / 1_000)
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
                (BoardReading($0.board, at: $0.loop.moment), LoopReading($0))
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
