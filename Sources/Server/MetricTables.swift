// SPDX-License-Identifier: Apache-2.0

import VestibuleCallCore
package import VestibuleNotifier
package import VestibuleStorage
package import VestibuleSwitchboard
package import VestibuleTransport
import VestibuleWire

/// What `/metrics` tells: a row for each number that somebody counts.
///
/// A test holds that no field of the counters is left out.
package enum MetricTables {
    /// What the boards count, but for what is told of each loop (``loops``).
    package static let board: [Metric<BoardCounters>] = [
        Metric("vestibule_messages_total", "Messages received.", \.messages),
        Metric(
            "vestibule_bad_messages_total",
            "Messages that were no JSON object.",
            \.badMessages
        ),
        Metric("vestibule_rate_limited_total", "Messages and frames over rate.", \.rateLimited),
        Metric("vestibule_bad_frames_total", "Malformed media frames.", \.badFrames),
        Metric("vestibule_oversized_total", "Messages over their bound.", \.oversized),
        Metric("vestibule_calls_started_total", "Calls started.", \.callsStarted),
        Metric("vestibule_rings_total", "Devices offered a call.", \.ringsOffered),
        Metric("vestibule_doors_opened_total", "Doors opened.", \.doorsOpened),
        Metric(
            "vestibule_doors_unknown_total",
            "Door commands without a result in time.",
            \.doorsUnknown
        ),
        Metric(
            "vestibule_door_results_late_total",
            "Results that came after `unknown` was told.",
            \.resultsLate
        ),
        Metric("vestibule_sessions_resumed_total", "Sessions resumed.", \.resumed),
        Metric("vestibule_sessions_replaced_total", "Sessions replaced.", \.replaced),
        Metric("vestibule_peers_silent_total", "Peers given up for silence.", \.silent),
        Metric("vestibule_own_stalls_total", "Times the server itself stood still.", \.ownStalls),
        Metric(
            "vestibule_told_unrecorded_total",
            "Transitions told before the store had them.",
            \.toldUnrecorded
        ),
        Metric(
            "vestibule_records_lost_total",
            "Groups of entries that no store has.",
            \.recordsLost
        ),
    ]

    /// What each board counts, told with its loop: how even they are.
    package static let loops: [Metric<BoardCounters>] = [
        Metric("vestibule_loop_sockets_total", "WebSockets taken.", \.sockets),
        Metric("vestibule_loop_frames_total", "Binary messages received.", \.framesIn),
    ]

    /// What the boards count by a word.
    package static let boardGroups: [MetricGroup<BoardCounters>] = [
        MetricGroup(
            name: "vestibule_calls_ended_total",
            help: "Calls ended, by outcome.",
            label: "outcome",
            words: CallOutcome.allCases.map(\.rawValue),
            path: \.outcomes
        ),
        MetricGroup(
            name: "vestibule_refusals_total",
            help: "Requests refused, by code.",
            label: "code",
            words: ErrorCode.allCases.map(\.rawValue),
            path: \.refusals
        ),
        MetricGroup(
            name: "vestibule_closes_total",
            help: "Sockets closed by the server, by code.",
            label: "code",
            words: CloseCode.allCases.map { "\($0.rawValue)" },
            path: \.closeWords
        ),
    ]

    /// What the transports count, sockets of HTTP included.
    package static let transport: [Metric<TransportCounters>] = [
        Metric("vestibule_transport_accepted_total", "Sockets accepted.", \.accepted.number),
        Metric("vestibule_transport_refused_total", "Sockets hung up on.", \.refused.number),
        Metric(
            "vestibule_transport_handshakes_refused_total",
            "WebSocket handshakes refused.",
            \.handshakesRefused.number
        ),
        Metric(.gauge, "vestibule_transport_open", "Sockets open now.", \.open),
        Metric(.gauge, "vestibule_transport_websockets", "Of those, WebSockets.", \.webSockets),
        Metric("vestibule_transport_requests_total", "HTTP requests.", \.requests.number),
        Metric(
            "vestibule_transport_requests_overdue_total",
            "HTTP requests that were not answered in time.",
            \.requestsOverdue.number
        ),
        Metric(
            .gauge,
            "vestibule_transport_requests_in_flight",
            "HTTP requests being answered.",
            \.requestsInFlight
        ),
        Metric("vestibule_transport_received_bytes_total", "Payload received.", \.bytesIn.number),
        Metric("vestibule_transport_sent_bytes_total", "Bytes sent, framed.", \.bytesOut.number),
    ]

    /// What the ledger did, and what it is at.
    package static let ledger: [Metric<LedgerMetrics>] = [
        Metric("vestibule_ledger_commits_total", "Transactions.", \.commits),
        Metric("vestibule_ledger_groups_total", "Groups of entries written.", \.groups),
        Metric("vestibule_ledger_entries_total", "Entries written.", \.entries),
        Metric(.gauge, "vestibule_ledger_waiting", "Groups that wait.", \.waitingGroups),
        Metric(.gauge, "vestibule_ledger_waiting_entries", "Entries that wait.", \.waitingEntries),
        Metric("vestibule_ledger_expired_total", "Groups too late.", \.expired),
        Metric("vestibule_ledger_refused_total", "Groups refused for good.", \.refused),
        Metric("vestibule_ledger_failures_total", "Failed transactions.", \.failures),
        Metric(
            .gauge,
            "vestibule_store_unreadable",
            "Records that the last start could not read.",
            \.unreadable
        ),
    ]

    /// Entries that the ledger did not take.
    package static let ledgerGroups: [MetricGroup<LedgerMetrics>] = [
        MetricGroup(
            name: "vestibule_ledger_turned_away_total",
            help: "Entries not taken, by kind; those of calls are offered again.",
            label: "kind",
            words: LedgerEntry.Kind.allCases.map(\.rawValue),
            path: \.turnedAwayWords
        )
    ]

    /// What became of pushes.
    package static let push: [Metric<PushCounters>] = [
        Metric("vestibule_push_submitted_total", "Notices handed in.", \.submitted),
        Metric(
            "vestibule_push_refused_total",
            "Notices refused or evicted, times ways: inbox full.",
            \.refusedInboxFull
        ),
        Metric(
            "vestibule_push_refused_shutdown_total",
            "Notices refused: the server stops.",
            \.refusedShutdown
        ),
        Metric("vestibule_push_accepted_total", "Notices accepted.", \.accepted),
        Metric("vestibule_push_rejected_tokens_total", "Tokens refused.", \.rejectedTokens),
        Metric("vestibule_push_retries_total", "Tries to be repeated.", \.retries),
        Metric("vestibule_push_failed_total", "Notices given up.", \.failed),
        Metric("vestibule_push_expired_total", "Of those, too late.", \.expired),
        Metric("vestibule_push_overtaken_total", "Of those, no longer needed.", \.overtaken),
        Metric(.gauge, "vestibule_push_pending", "Notices that wait.", \.pending),
    ]
}

// Numbers of another type, as a table reads them.

extension BoardCounters {
    fileprivate var closeWords: [String: Int] {
        get { Dictionary(uniqueKeysWithValues: closes.map { ("\($0.key)", $0.value) }) }
        set {
            let numbers = newValue.compactMap { word, count in Int(word).map { ($0, count) } }
            closes = Dictionary(uniqueKeysWithValues: numbers)
        }
    }
}

extension LedgerMetrics {
    fileprivate var turnedAwayWords: [String: Int] {
        get { Dictionary(uniqueKeysWithValues: turnedAway.map { ($0.key.rawValue, $0.value) }) }
        set {
            let kinds = newValue.compactMap { word, count in
                LedgerEntry.Kind(rawValue: word).map { ($0, count) }
            }
            turnedAway = Dictionary(uniqueKeysWithValues: kinds)
        }
    }
}

extension UInt64 {
    fileprivate var number: Int {
        get { Int(truncatingIfNeeded: self) }
        set { self = UInt64(truncatingIfNeeded: newValue) }
    }
}
