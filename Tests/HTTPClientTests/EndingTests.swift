// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHTTPClient
import VestibuleTestKit

@Suite(.timeLimit(.minutes(1))) struct EndingTests {
    @Test func `a server that does not answer is left at the deadline`() async throws {
        try await Bench.lend(script: { _ in .hang }) { bench in
            #expect(await bench.fault(bench.call { $0.deadline = .milliseconds(50) }) == .timedOut)
            while bench.server.closed < bench.server.connections { await Task.yield() }
        }
    }

    @Test func `resolving counts towards the deadline`() async throws {
        try await Bench.lend(resolver: SilentResolver()) { bench in
            #expect(await bench.fault(bench.call { $0.deadline = .milliseconds(50) }) == .timedOut)
        }
    }

    @Test func `a cancelled task aborts its call and closes the connection`() async throws {
        try await Bench.lend(script: { _ in .hang }) { bench in
            let task = Task { await bench.fault(bench.call()) }
            while bench.server.requests.isEmpty { await Task.yield() }
            task.cancel()
            #expect(await task.value == .cancelled)
            while bench.server.closed == 0 { await Task.yield() }
        }
    }

    @Test func `a task that is cancelled already calls nobody`() async throws {
        try await Bench.lend { bench in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return await bench.fault(bench.call())
            }
            task.cancel()
            #expect(await task.value == .cancelled)
            #expect(bench.server.connections == 0)
        }
    }

    @Test func `cancelling at any moment ends every call once`() async throws {
        try await Bench.lend { bench in
            for yields in 0..<200 {
                let task = Task { await bench.fault(bench.call()) }
                for _ in 0..<yields { await Task.yield() }
                task.cancel()
                let fault = await task.value
                #expect(fault == nil || fault == .cancelled)
            }
            #expect(await bench.fault(bench.call()) == nil)
        }
    }

    @Test func `no more than its capacity are under way`() async throws {
        try await Bench.lend(capacity: 2, script: { $0.path == "/" ? .hang : .answer(200) }) {
            bench in
            async let first = bench.fault(bench.call())
            async let second = bench.fault(bench.call())
            while bench.server.requests.count < 2 { await Task.yield() }
            #expect(await bench.fault(bench.call()) == .busy)
            await bench.client.shutdown()
            #expect(await [first, second] == [.shutDown, .shutDown])
        }
    }

    @Test func `after its shutdown it calls nobody`() async throws {
        try await Bench.lend { bench in
            #expect(await bench.fault(bench.call()) == nil)
            await bench.client.shutdown()
            await bench.client.shutdown()
            #expect(await bench.fault(bench.call()) == .shutDown)
            while bench.server.closed == 0 { await Task.yield() }
            #expect(bench.server.connections == 1)
        }
    }
}
