// SPDX-License-Identifier: Apache-2.0

/// The plots of a run's page.
struct ReportCharts {
    let report: RunReport

    var groups: [ReportPage.Group] {
        var groups = [
            ReportPage.Group(
                "Over time",
                note: """
                    Of each second; latencies count from when a frame or a press was due, on \
                    logarithmic scales. Point at a plot for its numbers.
                    """,
                (load + latency).map(placed)
            ),
            ReportPage.Group(
                "Percentiles",
                note: "How long the slowest took, over all that was measured.",
                percentiles
            ),
        ]
        let found = Findings(report).series
        if !found.isEmpty {
            groups.insert(
                ReportPage.Group(
                    "Of the scenario",
                    note: "What it looked at beside all else.",
                    TimeChart.all(found).map(placed)
                ),
                at: 0
            )
        }
        let told = TimeChart.all(report.series)
        groups.append(
            ReportPage.Group(
                "Inside the server",
                note: inside,
                (told.isEmpty ? [untold] : told).map(placed)
            )
        )
        return groups
    }

    private var inside: String { "As its own /metrics tell." }

    private var untold: TimeChart {
        TimeChart("Queues and loops", .time, [], empty: "its /metrics were not read")
    }

    /// All plots over time share their seconds, and show the window.
    private func placed(_ chart: TimeChart) -> Figure {
        var chart = chart
        let seconds = report.seconds.map(\.second)
        if let first = seconds.first, let last = seconds.last, last > first {
            chart.span = Double(first)...Double(last)
        }
        let measured = report.seconds.filter(\.isMeasured).map(\.second)
        if let first = measured.first, let last = measured.last, last > first {
            chart.window = Double(first - 1)...Double(last)
        }
        return chart.figure
    }

    // MARK: Each second

    private func curve(
        _ name: String,
        _ colour: Int,
        isFaint: Bool = false,
        _ value: (Sample) -> Double?
    ) -> Curve {
        let points = report.seconds.compactMap { sample in
            value(sample).map { Curve.Point(x: Double(sample.second), y: $0) }
        }
        return Curve(name, points, colour: colour, isFaint: isFaint)
    }

    private var load: [TimeChart] {
        [
            TimeChart(
                "CPU",
                note: "share of a core",
                .share,
                [
                    curve("server", 0) { $0.serverCores },
                    curve("generator", 5) { $0.generatorCores },
                ],
                empty: "no second was sampled"
            ),
            TimeChart(
                "Frames",
                note: "audio and video, a second",
                .rate,
                hasFrames
                    ? [
                        curve("sent", 5) { Double($0.framesSent) },
                        curve("arrived", 0) { Double($0.framesArrived) },
                    ] : [],
                empty: "no frames in this scenario"
            ),
            TimeChart(
                "Calls",
                note: "at once",
                .number,
                [curve("calls", 2) { Double($0.calls) }],
                empty: "no second was sampled"
            ),
            TimeChart(
                "Memory",
                note: "resident",
                .bytes,
                [
                    curve("server", 0) { $0.serverBytes.map(Double.init) },
                    curve("generator", 5) { $0.generatorBytes.map(Double.init) },
                ],
                empty: "the processes are not known"
            ),
        ]
    }

    private var hasFrames: Bool { report.seconds.contains { $0.framesSent > 0 } }

    private var latency: [TimeChart] {
        [
            times("Audio frames", empty: "no sound in this scenario") { $0.audio },
            times("Video frames", empty: "no picture in this scenario") { $0.video },
            times("Press → ring", empty: "nothing rang") { $0.ring },
            times("Unlock → result", empty: "no door was opened") { $0.unlock },
            times("Generator's own lateness", empty: "nothing was due in the window") {
                $0.lateness
            },
        ]
    }

    private func times(
        _ title: String,
        empty: String,
        _ of: @escaping (Sample) -> Percentiles
    ) -> TimeChart {
        func value(_ sample: Sample, _ path: KeyPath<Percentiles, Int>) -> Double? {
            let times = of(sample)
            return times.count == 0 ? nil : max(1, Double(times[keyPath: path]))
        }
        return TimeChart(
            title,
            .time,
            [
                curve("max", 5, isFaint: true) { value($0, \.max) },
                curve("p50", 0) { value($0, \.p50) }, curve("p99", 1) { value($0, \.p99) },
            ],
            empty: empty
        )
    }

    // MARK: Over all

    private var percentiles: [Figure] {
        let latencies = report.latencies
        let floor = (name: "generator", times: latencies.generatorLateness, isFaint: true)
        let frames = [("audio", latencies.audio), ("video", latencies.video)]
        let rings = [
            ("ring", latencies.pressToRing), ("answer", latencies.answerToFirstPicture),
            ("cancel", latencies.cancelToSilence), ("end", latencies.endToOthers),
        ]
        let doors = [("door", latencies.unlockToDoor), ("result", latencies.unlockToResult)]
        func chart(
            _ title: String,
            _ rows: [(String, Percentiles)],
            _ empty: String
        ) -> Figure {
            let rows = rows.filter { $0.1.count > 0 }.map {
                (name: $0.0, times: $0.1, isFaint: false)
            }
            return PercentileChart(title, rows.isEmpty ? [] : rows + [floor], empty: empty).figure
        }
        return [
            chart("Frames", frames, "no frames in this scenario"),
            chart("Calls", rings, "no call in this scenario"),
            chart("Doors", doors, "no door was opened"),
        ]
    }
}
