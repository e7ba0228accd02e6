// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// What `slow-reader` found, as named figures with their bounds.
struct SlowFindings {
    private(set) var extra = Extra()
    private let calls: [SlowCall]
    private let samples: [Sampler.Sample]

    init(calls: [SlowCall], samples: [Sampler.Sample]) {
        self.calls = calls
        self.samples = samples
    }

    /// The figures that have bounds, then those of each device.
    ///
    /// `whileAllRead` was read of `/metrics` before one stalled.
    mutating func judge(
        _ alone: Stretch,
        _ beside: Stretch,
        whileAllRead: ServerMetrics
    ) {
        queue(whileAllRead)
        extra.add(
            "slow.stalled",
            "the same of one that stalled: half a frame that cannot be taken back",
            ServerMetrics.most(
                "vestibule_media_queue_seconds",
                in: samples.compactMap(\.metrics)
            ).map { $0 * 1e6 },
            .time
        )
        reporters()
        let ratio = Judgement.others(alone: alone.audio.p99, beside: beside.audio.p99)
        extra.add(
            "slow.others",
            "the others' audio p99 beside them, to alone",
            ratio.value,
            .ratio,
            atMost: ratio.most
        )
        extra.notes = [
            """
            the others' audio p99 was \(Words.time(alone.audio.p99)) alone and \
            \(Words.time(beside.audio.p99)) beside the slow; it counts as changed where it is more \
            than half as much again and more than 1 ms more, which one machine does by itself
            """,
            """
            picture and sound that come during a stall, or within a second of its end, count for \
            slow.fresh and slow.picture only; clients send no picture again before a second of \
            reports without delay
            """,
        ]
        extra.add(table())
    }

    private mutating func queue(_ page: ServerMetrics) {
        extra.add(
            "slow.queue",
            "the longest that media waited in the server",
            page.most("vestibule_media_queue_seconds").map { $0 * 1e6 },
            .time,
            atMost: Judgement.slowQueue
        )
        extra.add(
            "slow.bytes",
            "the most media in the server for one device",
            page.most("vestibule_media_queue_bytes"),
            .size,
            atMost: Judgement.slowBytes
        )
    }

    /// The worst of the devices that report; of one of which nothing came nothing is reached.
    private mutating func reporters() {
        let reporters = calls.filter(\.slowness.reports)
        let all = reporters.map(\.host.figures)
        func add(_ name: String, _ words: String, _ values: [Double?], _ most: Double) {
            extra.add(name, words, Judgement.worst(values), .time, atMost: most)
        }
        func microseconds(_ time: Duration) -> Double { Double(time.nanoseconds) / 1_000 }
        add(
            "slow.audio",
            "audio p99 of those that report",
            all.map { $0.audio.percentile(99) },
            Judgement.slowAudio
        )
        extra.add(
            "slow.sound",
            "of the sound sent to them while they read",
            Judgement.least(reporters.map(\.soundShare)),
            .share,
            atLeast: Judgement.slowSound
        )
        add(
            "slow.video",
            "video lag p95 of those that report",
            all.map { $0.video.percentile(95) },
            Judgement.slowVideo
        )
        add(
            "slow.freeze",
            "longest freeze of those that report",
            all.map { microseconds($0.longestFreeze) },
            Judgement.slowFreeze
        )
        let recovered = calls.filter { $0.slowness.stall != nil }.map(\.host.figures)
            .filter { $0.recoveries > 0 }
        add(
            "slow.fresh",
            "from a stall's end to the last old frame",
            recovered.isEmpty ? [nil] : recovered.map { microseconds($0.longestRecovery) },
            Judgement.slowFresh
        )
        add(
            "slow.picture",
            "from a stall's end to the first fresh picture",
            recovered.isEmpty ? [nil] : recovered.map { microseconds($0.longestDark) },
            Judgement.slowFreeze
        )
    }

    private func table() -> ExtraTable {
        ExtraTable(
            "Slow devices",
            head: [
                "", "audio p50", "audio p99", "video p50", "video p95", "sounds", "of those sent",
                "pictures", "freeze", "key frames asked", "connections lost",
            ],
            rows: calls.map(row)
        )
    }

    private func row(_ call: SlowCall) -> [String] {
        let figures = call.host.figures
        func time(_ value: Double?) -> String { value.map(Figures.Measure.time.words) ?? "–" }
        return [
            call.slowness.name,
            time(figures.audio.percentile(50)), time(figures.audio.percentile(99)),
            time(figures.video.percentile(50)), time(figures.video.percentile(95)),
            Words.count(figures.sounds), call.soundShare.map { Words.percent($0, 1) } ?? "–",
            Words.count(figures.video.percentiles.count),
            Words.time(Int(figures.longestFreeze.nanoseconds / 1_000)),
            Words.count(call.keyFrames), Words.count(call.lost),
        ]
    }

    /// Resident memory of the server, against before the slow ones came.
    mutating func memory(_ before: Int?) {
        let most = samples.compactMap(\.resident).max()
        let growth = before.flatMap { before in most.map { Double($0 - before) } }
        extra.add("slow.memory", "server's memory, more than before", growth, .size)
    }

    /// What is drawn.
    mutating func draw(_ sampler: Sampler) {
        extra.add(
            sampler.series("longest wait", plot: "Queue age", y: "ms") {
                $0.metrics?.most("vestibule_media_queue_seconds").map { $0 * 1_000 }
            }
        )
        extra.add(
            sampler.series("largest queue", plot: "Queued media", y: "kB") {
                $0.metrics?.most("vestibule_media_queue_bytes").map { $0 / 1_000 }
            }
        )
        extra.add(
            sampler.series("server", plot: "Memory of the server", y: "MB") {
                $0.resident.map { Double($0) / 1e6 }
            }
        )
    }
}
