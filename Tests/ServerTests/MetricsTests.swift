// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleNotifier
import VestibuleServer
import VestibuleStorage
import VestibuleSwitchboard
import VestibuleTransport

extension ServerTests {
    /// What `/metrics` tells: all that is counted, in the form that Prometheus reads.
    @Suite struct MetricsTests {
        /// The fields of counters that are still as they were made, by a look from outside.
        private func untouched(_ counters: Any, besides told: Set<String> = []) -> [String] {
            Mirror(reflecting: counters).children.compactMap { field in
                guard let name = field.label, !told.contains(name) else { return nil }
                switch field.value {
                case let number as Int: return number == 0 ? name : nil
                case let number as UInt64: return number == 0 ? name : nil
                case let numbers as [String: Int]: return numbers.isEmpty ? name : nil
                case let numbers as [Int: Int]: return numbers.isEmpty ? name : nil
                case let numbers as [LedgerEntry.Kind: Int]: return numbers.isEmpty ? name : nil
                default: return "\(name) is of a kind that the test does not know"
                }
            }
        }

        /// Fills every row of the tables with a number of its own; the page that tells them.
        private func fill<Source>(
            _ source: inout Source,
            _ table: [Metric<Source>],
            _ groups: [MetricGroup<Source>] = [],
            word: String = "1"
        ) -> MetricsPage {
            for (place, row) in table.enumerated() { source[keyPath: row.path] = 1_000 + place }
            for row in groups { source[keyPath: row.path] = [word: 7] }
            var page = MetricsPage()
            page.add(table, of: source)
            page.add(groups, of: source)
            return page
        }

        private func tells<Source>(_ page: MetricsPage, _ table: [Metric<Source>]) -> Bool {
            table.enumerated().allSatisfy { place, row in
                page.text.contains("\n\(row.name) \(1_000 + place)\n")
            }
        }

        @Test func `every number that a board counts is told`() {
            var counters = BoardCounters()
            let page = fill(&counters, MetricTables.board, MetricTables.boardGroups)
            #expect(tells(page, MetricTables.board))
            #expect(tells(fill(&counters, MetricTables.loops), MetricTables.loops))
            #expect(untouched(counters) == [])
            let names = MetricTables.board.map(\.name) + MetricTables.loops.map(\.name)
            #expect(Set(names).count == names.count)
            for row in MetricTables.boardGroups {
                #expect(page.text.contains("\n\(row.name){\(row.label)=\"1\"} 7\n"))
            }
        }

        @Test func `what never happened is told as 0, so that the first time shows as an increase`()
        {
            var page = MetricsPage()
            page.add(MetricTables.boardGroups, of: BoardCounters())
            page.add(MetricTables.ledgerGroups, of: LedgerMetrics())
            for series in [
                "vestibule_calls_ended_total{outcome=\"panelLost\"}",
                "vestibule_refusals_total{code=\"busy_server\"}",
                "vestibule_closes_total{code=\"4408\"}",
                "vestibule_ledger_turned_away_total{kind=\"call\"}",
            ] {
                #expect(page.text.contains("\n\(series) 0\n"), "\(series)")
            }
        }

        @Test func `every number of transports, ledger and pushes is told`() throws {
            var transport = TransportCounters()
            #expect(tells(fill(&transport, MetricTables.transport), MetricTables.transport))
            #expect(untouched(transport) == [])
            var push = PushCounters()
            #expect(tells(fill(&push, MetricTables.push), MetricTables.push))
            #expect(untouched(push) == [])
            var ledger = LedgerMetrics()
            let kind = try #require(LedgerEntry.Kind.allCases.first)
            let page = fill(
                &ledger,
                MetricTables.ledger,
                MetricTables.ledgerGroups,
                word: kind.rawValue
            )
            #expect(tells(page, MetricTables.ledger))
            // Told as an age, and by /readyz.
            #expect(
                untouched(
                    ledger,
                    besides: ["oldestWaiting", "lastError", "answerTimes", "commitTimes"]
                ) == []
            )
        }

        @Test func `labels and help are escaped, and a family stands together`() {
            var page = MetricsPage()
            page.add(.counter, "a_total", "A\nB \\ \"C\"", 1, labels: [("word", "\"x\\\n\"")])
            page.add(.gauge, "b", "B.", 0.5)
            page.add(.counter, "a_total", "Another help.", 2)
            #expect(
                page.text == """
                    # HELP a_total A\\nB \\\\ "C"
                    # TYPE a_total counter
                    a_total{word="\\"x\\\\\\n\\""} 1
                    a_total 2
                    # HELP b B.
                    # TYPE b gauge
                    b 0.5

                    """
            )
        }

        @Test func `a histogram is cumulative, in seconds, and ends with all there were`() {
            var times = LatencyHistogram(bounds: [.milliseconds(1), .microseconds(2_500)])
            for length in [1, 2_000, 2_001, 9_000] { times.add(.microseconds(length)) }
            var page = MetricsPage()
            page.add("wait_seconds", "A wait.", times, labels: [("flow", "a")])
            page.add("wait_seconds", "A wait.", LatencyHistogram(bounds: []))
            #expect(
                page.text == """
                    # HELP wait_seconds A wait.
                    # TYPE wait_seconds histogram
                    wait_seconds_bucket{flow="a",le="0.001"} 1
                    wait_seconds_bucket{flow="a",le="0.0025"} 3
                    wait_seconds_bucket{flow="a",le="+Inf"} 4
                    wait_seconds_sum{flow="a"} 0.013002
                    wait_seconds_count{flow="a"} 4
                    wait_seconds_bucket{le="+Inf"} 0
                    wait_seconds_sum 0.0
                    wait_seconds_count 0

                    """
            )
        }

        @Test func `two who scrape are told the same`() async throws {
            try await withServer { server in
                let talk = try await server.talk()
                try await talk.flows()
                try await talk.hangsUp()
                let lines = [
                    "process_start_time_seconds", "vestibule_loop_stall_max_seconds",
                    "vestibule_media_queue_max_bytes", "vestibule_media_queue_max_seconds",
                ]
                let pages = [try await server.metrics().page, try await server.metrics().page]
                for name in lines {
                    let told = pages.map { page in
                        page.split(separator: "\n").first {
                            $0.hasPrefix("\(name) ") || $0.hasPrefix("\(name){")
                        }
                    }
                    #expect(told[0] != nil, "\(name)")
                    // A scrape may itself be the longest turn so far.
                    if !name.contains("stall") { #expect(told[0] == told[1], "\(name)") }
                }
            }
        }

        @Test(arguments: [1, 2])
        func `the page of a busy server is valid`(loops: Int) async throws {
            try await withServer(loops: loops) { server in
                let talk = try await server.talk()
                try await talk.flows()
                try await talk.hangsUp()
                let page = try await server.metrics().page
                #expect(page.hasSuffix("\n"))
                var announced: Set<Substring> = []
                var family: Substring = ""
                var parts: [String] = []
                let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
                for (place, line) in lines.dropLast().enumerated() {
                    let words = line.split(separator: " ")
                    if line.hasPrefix("# HELP ") {
                        family = words[2]
                        #expect(announced.insert(family).inserted, "\(family) is announced twice")
                        #expect(lines[place + 1].hasPrefix("# TYPE \(family) "))
                    } else if line.hasPrefix("# TYPE ") {
                        #expect(
                            words[2] == family
                                && ["counter", "gauge", "histogram"].contains(words[3])
                        )
                        #expect(words[3] != "counter" || family.hasSuffix("_total"))
                        parts = words[3] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
                    } else {
                        let name = line.prefix { $0 != "{" && $0 != " " }
                        #expect(parts.contains { name == family + $0 }, "\(line)")
                        #expect(words.last.flatMap { Double($0) } != nil, "\(line)")
                    }
                }
                let metrics = Metrics(page)
                #expect(metrics["vestibule_transport_accepted_total"] >= 3)
                #expect(metrics["vestibule_transport_websockets"] == 2)
                #expect(metrics["process_resident_memory_bytes"] > 1_000_000)
                #expect(metrics["process_start_time_seconds"] > 1_700_000_000)
                #expect(metrics["process_open_fds"] > 10)
                #expect(metrics["process_max_fds"] > metrics["process_open_fds"])
                let lost =
                    "vestibule_frames_delivered_dropped_total{flow=\"video\",reason=\"laneFull\"}"
                #expect(metrics.page.contains("\n\(lost) 0\n"))
                #expect(metrics["vestibule_ring_seconds_count"] == 1)
                #expect(metrics["vestibule_answer_seconds_count"] == 1)
                #expect(metrics["vestibule_loop_turn_seconds_count{loop=\"0\"}"] > 1)
                for flow in ["audio", "video"] {
                    let passed = "vestibule_frames_delivered_passed_total{flow=\"\(flow)\"}"
                    let counted = "vestibule_frame_queue_seconds_count{flow=\"\(flow)\"}"
                    #expect(metrics[passed] > 0)
                    #expect(metrics[counted] == metrics[passed])
                }
            }
        }
    }
}
