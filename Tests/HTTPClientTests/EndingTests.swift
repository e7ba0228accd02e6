// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleHTTPClient
import VestibuleTestKit

@Suite(.timeLimit(.minutes(1))) struct EndingTests {
    @Test func `a server that does not answer is left at the deadline`() async throws {
        try await Bench.lend(script: { _ in .hang }) { bench in
            #expect(await bench.fault(bench.call { $0.deadline = .milliseconds(50) }) == .timedOut)
            await bench.server.ended(1)
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
            await bench.server.requested(1)
            task.cancel()
            #expect(await task.value == .cancelled)
            await bench.server.ended(1)
        }
    }

    @Test func `a task that is cancelled already calls nobody`() async throws {
        try await Bench.lend { bench in
            let isCancelled = AsyncStream<Void>.makeStream()
            let task = Task {
                // A cancelled task's stream ends at once.
                for await _ in isCancelled.stream {}
                return await bench.fault(bench.call())
            }
            task.cancel()
            #expect(await task.value == .cancelled)
            #expect(bench.server.connections == 0)
        }
    }

    @Test func `a task cancelled while its host is looked up calls nobody`() async throws {
        let resolver = HeldResolver()
        try await Bench.lend(resolver: resolver) { bench in
            let task = Task { await bench.fault(bench.call()) }
            let found = await resolver.asked()
            task.cancel()
            #expect(await task.value == .cancelled)
            #expect(resolver.dropped == 1)
            found(.success([.v4(0x7F00_0001)]))
            #expect(await bench.fault(bench.call { $0.url = "http://127.0.0.1:1/" }) != nil)
            #expect(bench.server.connections == 0)
        }
    }

    @Test func `cancelling at any moment ends every call once`() async throws {
        try await Bench.lend { bench in
            for _ in 0..<300 {
                let task = Task { await bench.fault(bench.call()) }
                async let cancelled: Void = { task.cancel() }()
                let fault = await task.value
                await cancelled
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
            await bench.server.requested(2)
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
            await bench.server.ended(1)
            #expect(bench.server.connections == 1)
        }
    }
}
