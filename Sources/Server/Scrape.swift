// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleNotifier
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleSwitchboard

/// Reads what everybody counts, by one hop a loop, as Prometheus text (exposition format 0.0.4).
struct Scrape: Sendable {
    let store: SQLiteStore
    let exchange: Exchange
    let pushRoom: PushRoom
    let stations: [Station]
    let startedAt: Moment

    /// What keeps the store from recording, in words; nil where nothing does.
    var storeTrouble: String? {
        let ledger = store.metrics
        guard ledger.waitingGroups > 0, let error = ledger.lastError else { return nil }
        return "\(error)"
    }

    func text() async -> String {
        var page = MetricsPage()
        page.gauge(
            "vestibule_uptime_seconds",
            "Seconds since the start.",
            Double((EventLoop.readMoment() - startedAt).milliseconds) / 1000
        )
        page.gauge("vestibule_sessions_connected", "Sessions with a socket.", exchange.connected)
        page.gauge("vestibule_calls_live", "Calls that ring or are talked.", exchange.liveCalls)
        let strangers = exchange.guardian.withLock { $0 }
        page.counter(
            "vestibule_sockets_refused_total",
            "Sockets refused: too many strangers or guesses.",
            strangers.refused
        )
        page.counter(
            "vestibule_logins_failed_total",
            "Hellos with a token or device that is none.",
            strangers.failedLogins
        )
        var boards: [(index: Int, reading: BoardReading)] = []
        for station in stations {
            let reading = await station.onLoop { station in
                BoardReading(station.board, stall: station.loop.takeStallNanoseconds())
            }
            boards.append((station.index.raw, reading))
        }
        add(boards, to: &page)
        add(store.metrics, to: &page)
        add(pushRoom.counters, to: &page)
        return page.text
    }

    private func add(_ boards: [(index: Int, reading: BoardReading)], to page: inout MetricsPage) {
        let total = boards.map(\.reading).reduce(into: BoardReading()) { $0.add($1) }
        for (index, reading) in boards {
            page.gauge(
                "vestibule_loop_stall_seconds",
                "The longest turn since the last scrape.",
                Double(reading.stall) / 1e9,
                labels: [("loop", "\(index)")]
            )
        }
        let counters = total.counters
        page.counter("vestibule_sockets_total", "Sockets taken.", counters.sockets)
        page.counter("vestibule_messages_total", "Messages received.", counters.messages)
        page.counter(
            "vestibule_bad_messages_total",
            "Messages that were no JSON object.",
            counters.badMessages
        )
        page.counter("vestibule_bad_frames_total", "Malformed media frames.", counters.badFrames)
        page.counter("vestibule_oversized_total", "Messages over their bound.", counters.oversized)
        page.counter(
            "vestibule_rate_limited_total",
            "Messages and frames over their rate.",
            counters.rateLimited
        )
        page.counter("vestibule_sessions_resumed_total", "Sessions resumed.", counters.resumed)
        page.counter("vestibule_sessions_replaced_total", "Sessions replaced.", counters.replaced)
        page.counter("vestibule_peers_silent_total", "Peers given up for silence.", counters.silent)
        page.counter(
            "vestibule_own_stalls_total",
            "Times the server itself stood still.",
            counters.ownStalls
        )
        page.counter("vestibule_calls_started_total", "Calls started.", counters.callsStarted)
        page.counter("vestibule_rings_total", "Devices offered a call.", counters.ringsOffered)
        page.counter("vestibule_doors_opened_total", "Doors opened.", counters.doorsOpened)
        page.counter(
            "vestibule_doors_unknown_total",
            "Door commands without a result in time.",
            counters.doorsUnknown
        )
        page.counter(
            "vestibule_told_unrecorded_total",
            "Transitions told before the store had them.",
            counters.toldUnrecorded
        )
        page.counter(
            "vestibule_records_lost_total",
            "Groups of entries that no store has.",
            counters.recordsLost
        )
        page.counters(
            "vestibule_calls_ended_total",
            "Calls ended, by outcome.",
            "outcome",
            counters.outcomes
        )
        page.counters(
            "vestibule_refusals_total",
            "Requests refused, by code.",
            "code",
            counters.refusals
        )
        page.counters(
            "vestibule_closes_total",
            "Sockets closed by the server, by code.",
            "code",
            Dictionary(uniqueKeysWithValues: counters.closes.map { ("\($0.key)", $0.value) })
        )
        add(total.received, "received", to: &page)
        add(total.delivered, "delivered", to: &page)
    }

    private func add(_ counts: MediaCounts, _ way: String, to page: inout MetricsPage) {
        for flow in Flow.allCases {
            let name = "\(flow)"
            page.counter(
                "vestibule_frames_\(way)_total",
                "Media frames \(way).",
                counts.received(flow),
                labels: [("flow", name)]
            )
            page.counter(
                "vestibule_frames_\(way)_passed_total",
                "Media frames \(way) and passed on.",
                counts.passed(flow),
                labels: [("flow", name)]
            )
            for reason in DropReason.allCases where counts.dropped(flow, reason) > 0 {
                page.counter(
                    "vestibule_frames_\(way)_dropped_total",
                    "Media frames \(way) and dropped.",
                    counts.dropped(flow, reason),
                    labels: [("flow", name), ("reason", "\(reason)")]
                )
            }
        }
    }

    private func add(_ ledger: LedgerMetrics, to page: inout MetricsPage) {
        page.counter("vestibule_ledger_commits_total", "Transactions.", ledger.commits)
        page.counter("vestibule_ledger_entries_total", "Entries written.", ledger.entries)
        page.gauge("vestibule_ledger_waiting", "Groups that wait.", ledger.waitingGroups)
        page.counter("vestibule_ledger_expired_total", "Groups too late.", ledger.expired)
        page.counter("vestibule_ledger_failures_total", "Failed transactions.", ledger.failures)
        page.counters(
            "vestibule_ledger_lost_total",
            "Entries that no store has, by kind.",
            "kind",
            Dictionary(uniqueKeysWithValues: ledger.lost.map { ($0.key.rawValue, $0.value) })
        )
    }

    private func add(_ push: PushCounters, to page: inout MetricsPage) {
        page.counter("vestibule_push_submitted_total", "Notices handed in.", push.submitted)
        page.counter("vestibule_push_accepted_total", "Notices accepted.", push.accepted)
        page.counter("vestibule_push_retries_total", "Tries to be repeated.", push.retries)
        page.counter("vestibule_push_failed_total", "Notices given up.", push.failed)
        page.counter(
            "vestibule_push_refused_total",
            "Notices refused or evicted, times ways: inbox full.",
            push.refusedInboxFull
        )
        page.gauge("vestibule_push_pending", "Notices that wait.", push.pending)
    }
}

/// What one board counts.
struct BoardReading: Sendable {
    var counters = BoardCounters()
    var received = MediaCounts.none
    var delivered = MediaCounts.none
    var stall: Int64 = 0

    init() {}

    init(_ board: Board, stall: Int64) {
        counters = board.counters
        received = board.relay.received
        delivered = board.relay.delivered
        self.stall = stall
    }

    mutating func add(_ other: BoardReading) {
        counters.add(other.counters)
        received.add(other.received)
        delivered.add(other.delivered)
    }
}

/// Prometheus text as it is put together: each family's HELP and TYPE once.
struct MetricsPage {
    private(set) var text = ""
    private var named: Set<String> = []

    mutating func gauge(
        _ name: String,
        _ help: String,
        _ value: Double,
        labels: [(String, String)] = []
    ) {
        add(name, help, "gauge", "\(value)", labels)
    }

    mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        add(name, help, "gauge", "\(value)", [])
    }

    mutating func counter(
        _ name: String,
        _ help: String,
        _ value: Int,
        labels: [(String, String)] = []
    ) {
        add(name, help, "counter", "\(value)", labels)
    }

    mutating func counters(
        _ name: String,
        _ help: String,
        _ label: String,
        _ values: [String: Int]
    ) {
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            counter(name, help, value, labels: [(label, key)])
        }
    }

    private mutating func add(
        _ name: String,
        _ help: String,
        _ type: String,
        _ value: String,
        _ labels: [(String, String)]
    ) {
        if named.insert(name).inserted {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        }
        let list = labels.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",")
        text += list.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
    }
}
