// SPDX-License-Identifier: Apache-2.0

/// What a run found beside the figures of all, as its text and its page show it.
package struct Findings {
    package let figures: [ExtraFigure]
    package let tables: [ExtraTable]
    package let notes: [String]
    private let lines: [ExtraSeries]

    /// The run was refused: no figure of it is held against anything.
    private let isRefused: Bool

    init(_ report: RunReport) {
        self.init(
            report.extra ?? Extra(),
            stretches: Self.table(of: report.stretches),
            isRefused: report.verdict.isRefused
        )
    }

    /// Of a scenario's own, and the table of its stretches where it has several.
    package init(_ extra: Extra, stretches: ExtraTable? = nil, isRefused: Bool) {
        figures = extra.figures
        tables = extra.tables + (stretches.map { [$0] } ?? [])
        notes = extra.notes
        lines = extra.series
        self.isRefused = isRefused
    }

    package var isEmpty: Bool { figures.isEmpty && tables.isEmpty && notes.isEmpty }

    /// Whether a figure was reached, in a word or two; nil where it is only stated.
    package func judgement(of figure: ExtraFigure) -> String? {
        figure.isReached.map { isRefused ? "not judged" : $0 ? "reached" : "NOT REACHED" }
    }

    /// What was to be reached, and whether it was: a line each.
    package var goals: [String] {
        figures.compactMap { figure in
            guard let word = judgement(of: figure), let bounds = figure.bounds else { return nil }
            return Words.left(word, 13)
                + "\(figure.name): \(figure.words) \(figure.text), \(bounds)"
        }
    }

    /// A window of several a row.
    private static func table(of stretches: [Stretch]) -> ExtraTable? {
        guard !stretches.isEmpty else { return nil }
        return ExtraTable(
            "Stretches",
            head: [
                "", "s", "frames/s", "CPU a frame", "audio p50", "audio p99", "audio p99.9",
                "video p99", "generator late p99",
            ],
            rows: stretches.map { stretch in
                let window = stretch.window
                let rate = Double(window.framesArrived) / max(0.001, window.seconds)
                return [
                    stretch.name, Words.fixed(window.seconds, 1),
                    Words.count(Int(rate.rounded())),
                    window.microsecondsPerFrame.map { Words.fixed($0, 1) + " µs" } ?? "–",
                    Words.time(stretch.audio.p50), Words.time(stretch.audio.p99),
                    Words.time(stretch.audio.p999), Words.time(stretch.video.p99),
                    Words.time(stretch.lateness.p99),
                ]
            }
        )
    }
}

// MARK: - On the page

extension Findings {
    /// Its figures first, those that have bounds before the others, and then its tables.
    package var pageTables: [PageTable] {
        let judged = figures.filter { $0.isReached != nil }
        let stated = figures.filter { $0.isReached == nil }
        var all: [PageTable] = []
        if !judged.isEmpty {
            all.append(
                PageTable(
                    "To be reached",
                    head: ["", "found", "", "to reach"],
                    rows: judged.map(row),
                    empty: ""
                )
            )
        }
        if !stated.isEmpty {
            all.append(
                PageTable(
                    judged.isEmpty ? "Figures" : "Beside them",
                    head: ["", "found"],
                    rows: stated.map { [name($0), .init($0.text)] },
                    empty: ""
                )
            )
        }
        return all
            + tables.map { table in
                PageTable(
                    table.title,
                    head: table.head,
                    rows: table.rows.map { $0.map { PageTable.Cell($0) } },
                    empty: ""
                )
            }
    }

    private func row(_ figure: ExtraFigure) -> [PageTable.Cell] {
        let word = judgement(of: figure) ?? ""
        let isGood = figure.isReached == true
        return [
            name(figure), .init(figure.text),
            .init(word, isRefused ? .plain : isGood ? .good : .bad),
            .init(figure.bounds ?? ""),
        ]
    }

    /// What it is, and below that the name by which it is asserted.
    private func name(_ figure: ExtraFigure) -> PageTable.Cell {
        var cell = PageTable.Cell(figure.words)
        cell.note = figure.name
        return cell
    }

    /// Its lines, in the units that plots have.
    package var series: [NamedSeries] {
        lines.filter { !$0.points.isEmpty }.map { line in
            NamedSeries(
                plot: line.plot,
                name: line.name,
                across: line.x,
                unit: line.y,
                points: line.points.map { Curve.Point(x: $0.x, y: $0.y) }
            )
        }
    }
}
