// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleFaultProxy

/// Lines to a proxy that runs, and what it answers.
@Suite(.timeLimit(.minutes(1)))
struct LineTests {
    /// A proxy that nobody connects to, and what it reports.
    private func withProxy(_ body: (FaultProxy, Locked<[String]>) async throws -> Void) async throws
    {
        let reports = Locked<[String]>([])
        let proxy = try await FaultProxy.start(to: .loopback(1), seed: 7) { line in
            reports.withLock { $0.append(line) }
        }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(proxy, reports)) } catch {
            outcome = .failure(error)
        }
        await proxy.stop()
        try outcome.get()
    }

    @Test func `each line is answered with ok or with what is wrong`() async throws {
        try await withProxy { proxy, _ in
            #expect(await proxy.obey("# nothing") == nil)
            #expect(await proxy.obey("new up delay 5ms") == "ok new up delay 5ms")
            #expect(await proxy.obey("stall") == "ok both stall (0 connections)")
            #expect(
                await proxy.obey("stall 3s") == "error stall 3s: `3s` is one word too many"
            )
            #expect(
                await proxy.obey("conn 9 reset") == "error conn 9 reset: there is no connection 9"
            )
            #expect(await proxy.obey("reorder 3") == "ok reorder 3 within 1s")
            #expect(await proxy.obey("clear") == "ok clear (0 connections)")
        }
    }

    @Test func `an order waits for its time, and is answered again`() async throws {
        try await withProxy { proxy, reports in
            #expect(
                await proxy.obey("at +60s refuse") == "ok scheduled at +60s refuse"
            )
            #expect(await proxy.status.scheduled == 1)
            #expect(await proxy.obey("at 0s conn 4 reset") == "ok scheduled at 0s conn 4 reset")
            await proxy.wait { $0.scheduled == 1 }
            #expect(
                reports.withLock { $0 } == [
                    "error at 0s conn 4 reset: there is no connection 4"
                ]
            )
            #expect(await proxy.status.isRefusing == false)
        }
    }

    @Test func `a script is played in its order, to its end`() async throws {
        try await withProxy { proxy, reports in
            let lines = ["at 0s new delay 1s", "refuse", "at +5ms accept", "at +5ms quit"]
            let script = try lines.compactMap { try OrderLine.read($0) }
            try await proxy.play(script)
            await proxy.waitForQuit()
            #expect(
                reports.withLock { $0 } == [
                    "ok new both delay 1s", "ok refuse", "ok accept", "ok quit",
                ]
            )
        }
    }

    @Test func `the status is one line of JSON`() async throws {
        try await withProxy { proxy, _ in
            let answer = try #require(await proxy.obey("status"))
            #expect(answer.hasPrefix("ok status {"))
            let data = Data(answer.dropFirst("ok status ".count).utf8)
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            #expect(object?["seed"] as? Int == 7)
            #expect((object?["up"] as? [String: Int])?["held"] == 0)
        }
    }

    @Test func `who cannot listen or knows nobody is told why`() async throws {
        try await withProxy { proxy, _ in
            let port = proxy.place.port
            await #expect {
                try await FaultProxy.start(listen: .loopback(port), to: .loopback(1))
            } throws: { "\($0)".contains("cannot listen on 127.0.0.1:\(port)") }
        }
    }
}
