// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop

/// A resolver that answers a name when the test lets it.
private final class Registrar: Sendable {
    private let gates = Locked<[String: Gate]>([:])
    private let log = Notes<String>()
    let now = Locked(Moment(nanoseconds: 0))

    var asked: [String] { log.all }

    func gate(_ name: String) -> Gate {
        gates.withLock { gates in
            let gate = gates[name] ?? Gate()
            gates[name] = gate
            return gate
        }
    }

    func service(_ change: (inout NameService.Bounds) -> Void = { _ in }) -> NameService {
        var bounds = NameService.Bounds()
        bounds.threads = 1
        change(&bounds)
        return NameService(
            bounds: bounds,
            clock: { [now] in now.withLock { $0 } },
            lookUp: { [self] name in
                log.add(name)
                if name.hasPrefix("slow") { gate(name).pass() }
                return name == "broken"
                    ? .failure(NameFailure("broken")) : .success(["192.0.2.\(name.utf8.count)"])
            }
        )
    }

    /// Waits until `name` is in hand.
    func isAsked(_ name: String) { while !asked.contains(name) {} }
}

extension NameService {
    fileprivate func find(_ name: String) async -> Answer {
        await withHandoff { continuation in
            _ = find(name) { continuation.resume(returning: $0) }
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct NameServiceTests {
    @Test func `a name is remembered for its time, a failure is not`() async {
        let registrar = Registrar()
        let service = registrar.service()
        for _ in 0..<3 { #expect(await service.find("door") == .success(["192.0.2.4"])) }
        #expect(registrar.asked == ["door"])
        registrar.now.withLock { $0 = $0 + .seconds(30) }
        #expect(await service.find("door") == .success(["192.0.2.4"]))
        #expect(registrar.asked == ["door", "door"])
        for _ in 0..<2 { #expect(await service.find("broken") == .failure(NameFailure("broken"))) }
        #expect(registrar.asked.count == 4)
        service.stop()
    }

    @Test func `no more names are remembered than may be`() async {
        let registrar = Registrar()
        let service = registrar.service { $0.remembered = 2 }
        for name in ["a", "b", "c"] {
            _ = await service.find(name)
            registrar.now.withLock { $0 = $0 + .seconds(1) }
        }
        _ = await service.find("c")
        _ = await service.find("b")
        #expect(registrar.asked == ["a", "b", "c"])
        _ = await service.find("a")
        #expect(registrar.asked == ["a", "b", "c", "a"])
        service.stop()
    }

    @Test func `who asks for a name in hand joins its lookup, up to a bound`() async {
        let registrar = Registrar()
        let service = registrar.service { $0.perName = 3 }
        let answers = Notes<NameService.Answer>()
        for _ in 0..<3 { _ = service.find("slow") { answers.add($0) } }
        #expect(
            await service.find("slow") == .failure(NameFailure("too many wait for this name"))
        )
        registrar.gate("slow").open()
        _ = await service.find("next")
        #expect(answers.all == Array(repeating: .success(["192.0.2.4"]), count: 3))
        #expect(registrar.asked == ["slow", "next"])
        service.stop()
    }

    @Test func `a name that nobody waits for any more is not looked up`() async {
        let registrar = Registrar()
        let service = registrar.service { $0.names = 3 }
        let answers = Notes<String>()
        _ = service.find("slow") { _ in answers.add("slow") }
        registrar.isAsked("slow")
        let dropped = service.find("dropped") { _ in answers.add("dropped") }
        let half = service.find("half") { _ in answers.add("first half") }
        _ = service.find("half") { _ in answers.add("second half") }
        #expect(await service.find("full") == .failure(NameFailure("too many names to look up")))
        dropped.cancel()
        dropped.cancel()
        half.cancel()
        registrar.gate("slow").open()
        _ = await service.find("last")
        #expect(registrar.asked == ["slow", "half", "last"])
        #expect(answers.all == ["slow", "second half"])
        service.stop()
    }

    @Test func `stopping waits for nobody, and answers who waits`() async {
        let registrar = Registrar()
        let service = registrar.service()
        let answers = Notes<NameService.Answer>()
        _ = service.find("slow") { answers.add($0) }
        registrar.isAsked("slow")
        _ = service.find("queued") { answers.add($0) }
        // The thread hangs in its lookup for the whole of this.
        service.stop()
        service.stop()
        let stopped = NameService.Answer.failure(NameFailure("stopped"))
        #expect(answers.all == [stopped, stopped])
        #expect(await service.find("late") == stopped)
        registrar.gate("slow").open()
        #expect(answers.all.count == 2)
        #expect(registrar.asked == ["slow"])
    }

    @Test func `two threads look two names up at once`() async {
        let registrar = Registrar()
        let service = registrar.service { $0.threads = 2 }
        let answers = AsyncStream<NameService.Answer>.makeStream()
        for name in ["slow one", "slow two"] {
            _ = service.find(name) { answers.continuation.yield($0) }
        }
        registrar.isAsked("slow one")
        registrar.isAsked("slow two")
        registrar.gate("slow one").open()
        registrar.gate("slow two").open()
        var count = 0
        for await answer in answers.stream {
            #expect(answer == .success(["192.0.2.8"]))
            count += 1
            if count == 2 { break }
        }
        service.stop()
    }

    @Test func `the system's names know this machine, and none that cannot be`() async throws {
        let service = NameService()
        let found = try await service.find("localhost").get()
        #expect(found.contains("127.0.0.1") || found.contains("::1"))
        // The empty label makes it no name at all; no server is asked.
        #expect((try? await service.find("a..b").get()) ?? [] == [])
        service.stop()
    }
}
