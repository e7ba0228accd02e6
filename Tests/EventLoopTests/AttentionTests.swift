// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleEventLoop

@Suite(.timeLimit(.minutes(1)))
struct AttentionTests {
    /// Whether a loop looks by itself after windows in each of which so many jobs came.
    private func isOn(after windows: [Int], of length: UInt64 = Attention.window) -> Bool {
        var attention = Attention()
        var now: UInt64 = 1_000
        attention.look(at: now)
        for jobs in windows {
            attention.found(jobs)
            now += length
            attention.look(at: now)
        }
        return attention.isOn
    }

    @Test func `a loop looks by itself while much comes`() {
        #expect(!isOn(after: [Attention.enough - 1]))
        #expect(isOn(after: [Attention.enough]))
        #expect(isOn(after: [Attention.enough, Attention.few]))
        #expect(!isOn(after: [Attention.enough, Attention.few - 1]))
        #expect(!isOn(after: [Attention.few]))
    }

    @Test func `what came in a long time is not much`() {
        #expect(!isOn(after: [Attention.enough], of: 2 * Attention.window))
        #expect(!isOn(after: [1_000], of: 60_000))
    }

    @Test func `within a window nothing changes`() {
        var attention = Attention()
        attention.look(at: 1_000)
        attention.found(1_000)
        attention.look(at: 1_000 + Attention.window - 1)
        #expect(!attention.isOn)
    }

    @Test func `unhurried jobs all run, in order, and few of them ring`() async throws {
        let numbers = Notes<Int>()
        let rung = try await withLoop { loop in
            try await withLoop(name: "other") { other in
                await post(400, from: other, to: loop) { numbers.add($0) }
            }
            try await loop.run {}
            return loop.wakes
        }
        #expect(numbers.all == Array(0..<400))
        #expect(rung < 200, "the loop was rung for \(rung) times")
    }

    @Test func `one alone is rung for, also after many`() async throws {
        try await withLoop { loop in
            await heard(by: loop)
            try await withLoop(name: "other") { other in
                await post(100, from: other, to: loop) { _ in }
                // By then it has stopped to look.
                await withHandoff { continuation in
                    other.submit {
                        _ = other.schedule(after: .milliseconds(100)) { continuation.resume() }
                    }
                }
            }
            await heard(by: loop)
        }
    }

    private func heard(by loop: EventLoop) async {
        await withHandoff { continuation in
            loop.submitUnhurried { continuation.resume() }
        }
    }

    /// One job each millisecond.
    private func post(
        _ count: Int,
        from other: EventLoop,
        to loop: EventLoop,
        _ job: @escaping @Sendable (Int) -> Void
    ) async {
        await withHandoff { (continuation: Handoff<Void, Never>) in
            @Sendable func next(_ number: Int) {
                guard number < count else { return continuation.resume() }
                loop.submitUnhurried { job(number) }
                _ = other.schedule(after: .milliseconds(1)) { next(number + 1) }
            }
            other.submit { next(0) }
        }
    }
}
