// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleEventLoop
import VestibuleSwitchboard

/// What one board counts.
struct BoardReading: Sendable {
    var counters = BoardCounters()
    var received = MediaCounts.none
    var delivered = MediaCounts.none
    var times = BoardTimes()

    /// By flow, in the order of flows.
    var ages: [(flow: Flow, times: LatencyHistogram)] = []
    var framesAcross = 0
    var queues = QueueMarks()
    var now = Moment(nanoseconds: 0)

    init() {}

    init(_ board: Board, at now: Moment) {
        self.now = now
        counters = board.counters
        received = board.relay.received
        delivered = board.relay.delivered
        times = board.times
        ages = [Flow.audio, .video, .report].map { ($0, board.relay.queueAges($0)) }
        framesAcross = board.relay.framesAcross
        queues = board.relay.queueMarks
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
struct LoopReading: Sendable {
    let turns: LatencyHistogram
    let processorNanoseconds: Int64
    let stalls: RecentMost
    let now: Moment
    let isOverloaded: Bool

    init(_ station: Station) {
        let loop = station.loop
        isOverloaded = station.board.isOverloaded
        turns = loop.turns
        processorNanoseconds = loop.processorNanoseconds
        stalls = loop.stalls
        now = loop.moment
    }
}

extension MetricsPage {
    mutating func add(_ loop: LoopReading, labels: [(name: String, value: String)]) {
        add(
            "vestibule_loop_turn_seconds",
            "How long a turn of a loop took, to about a millisecond.",
            loop.turns,
            labels: labels
        )
        add(
            "vestibule_loop_stall",
            in: "seconds",
            "The longest turn of a loop of those over 2 ms",
            (loop.stalls, loop.now),
            by: 1e9,
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

    mutating func add(_ times: BoardTimes) {
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
    mutating func add(_ reading: BoardReading, loop: Int) {
        let labels = [(name: "loop", value: "\(loop)")]
        add(MetricTables.loops, of: reading.counters, labels: labels)
        add(
            .counter,
            "vestibule_loop_frames_across_total",
            "Media frames for a receiver of another loop.",
            reading.framesAcross,
            labels: labels
        )
        add(
            "vestibule_media_queue",
            in: "bytes",
            "The most media that waited for one receiver",
            (reading.queues.bytes, reading.now),
            labels: labels
        )
        add(
            "vestibule_media_queue",
            in: "seconds",
            "The longest that media waited for one receiver",
            (reading.queues.age, reading.now),
            by: 1e9,
            labels: labels
        )
    }

    /// A mark as two gauges: of the last while, for who reads often, and since the start.
    private mutating func add(
        _ name: String,
        in unit: String,
        _ what: String,
        _ mark: (most: RecentMost, now: Moment),
        by scale: Double = 1,
        labels: [(name: String, value: String)]
    ) {
        let window = RecentMost.window.milliseconds / 1_000
        for (name, help, value) in [
            ("\(name)_\(unit)", "in the last \(window) s", mark.most.most(at: mark.now)),
            ("\(name)_max_\(unit)", "since the start", mark.most.greatest),
        ] {
            add(.gauge, name, "\(what) \(help).", Double(value) / scale, labels: labels)
        }
    }

    /// Frames at the senders' end or at the receivers', by flow.
    mutating func add(_ counts: MediaCounts, _ way: String) {
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
            for reason in DropReason.allCases {
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
