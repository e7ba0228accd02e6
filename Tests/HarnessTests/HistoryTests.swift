// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHarness

@Suite struct HistoryTests {
    /// Calls 0 (the newest) and on, as `vestibule history` gives them: 10,000 at most.
    private func store(_ count: Int, _ limit: Int, _ before: String?) -> [PastCall] {
        #expect((1...10_000).contains(limit))
        let start = before.flatMap { Int($0) }.map { $0 + 1 } ?? 0
        return (start..<min(count, start + limit)).map { PastCall(id: "\($0)", outcome: nil) }
    }

    @Test(arguments: [
        (kept: 25_000, wanted: 10_001, found: 10_001),
        (kept: 10_000, wanted: 10_001, found: 10_000),
        (kept: 3, wanted: 201, found: 3), (kept: 0, wanted: 5, found: 0),
        (kept: 12_000, wanted: 12_000, found: 12_000),
    ])
    func `more calls than one answer holds are read page by page`(
        _ row: (kept: Int, wanted: Int, found: Int)
    ) throws {
        let calls = try PastCalls.newest(row.wanted) { limit, before throws(LoadFailure) in
            store(row.kept, limit, before)
        }
        #expect(calls.map(\.id) == (0..<row.found).map { "\($0)" })
    }
}

@Suite struct SinceTests {
    private let calls = ["5", "4", "3"].map { PastCall(id: $0, outcome: nil) }

    @Test(arguments: [("3", 2), ("5", 0), (nil, 3), ("1", 3)] as [(String?, Int)])
    func `of a history that was there before only what came since is looked at`(
        _ newest: String?,
        _ count: Int
    ) {
        #expect(PastCalls.since(newest, in: calls).count == count)
    }
}

@Suite struct RunOptionTests {
    @Test(
        arguments: [
            (.storm, [.seconds], "storm takes no --seconds"),
            (.twoLoops, [.calls, .loops], "two-loops takes no --loops"),
            (.decline, [.sockets, .calls], "decline takes no --calls and no --sockets"),
            (.idle, [.calls, .sockets, .seconds, .loops, .presses], nil),
        ] as [(ScenarioName, Set<RunOption>, String?)]
    )
    func `what means nothing to a scenario is refused`(
        _ scenario: ScenarioName,
        _ given: Set<RunOption>,
        _ words: String?
    ) {
        #expect(scenario.complaint(about: given) == words)
    }

    @Test(arguments: ScenarioName.allCases)
    func `every scenario may be run without options`(_ scenario: ScenarioName) {
        #expect(scenario.complaint(about: []) == nil)
    }
}

@Suite struct ObstacleTests {
    private func obstacle(
        _ calls: Int,
        descriptors: Int = 100_000,
        _ change: (inout RunOrder) -> Void = { _ in }
    ) -> String? {
        var order = RunOrder()
        change(&order)
        return order.obstacle(descriptors: descriptors, sockets: 2 * calls, calls: calls)
    }

    @Test func `what fits is let through`() {
        #expect(obstacle(200, descriptors: 1_024) == nil)
        #expect(obstacle(5_000) == nil)
    }

    @Test func `too few descriptors are told before anything starts, with what is needed`() throws {
        let words = try #require(obstacle(200, descriptors: 400))
        #expect(words.contains("400 sockets need 600 descriptors"))
        #expect(words.contains("ulimit -Hn 600"))
    }

    @Test func `more calls than a server takes by itself want its limit raised`() throws {
        let words = try #require(obstacle(10_000))
        #expect(words.contains("--set limits.call.live=10000"))
        #expect(obstacle(10_000) { $0.settings = ["limits.call.live=10000"] } == nil)
        let running = RunningServer(url: "ws://127.0.0.1:1", building: "b", process: nil, data: nil)
        #expect(obstacle(10_000) { $0.existing = running } == nil)
    }

    @Test func `a report that cannot be written is told before the run, and leaves nothing`() {
        #expect(RunReport.complaint(aboutWritingTo: "/nowhere/report.json") != nil)
        #expect(RunReport.complaint(aboutWritingTo: "/tmp") != nil)
        #expect(RunReport.complaint(aboutWritingTo: "/dev/null") == nil)
    }
}
