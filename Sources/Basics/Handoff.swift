// SPDX-License-Identifier: Apache-2.0

/// What a suspended task waits for: whoever has it resumes the task, once, from any thread.
///
/// A checked continuation whose two threads meet at a mutex. Swift 6.3's `swift_continuation_await`
/// tells the thread sanitizer nothing where the task was resumed before it began to wait (it only
/// does when it queues the task), so that what one thread wrote and the other then reads is reported
/// as a race, once in some ten thousand handoffs; the mutex shows what the atomic already orders.
package struct Handoff<Value: Sendable, Failure: Error>: Sendable {
    private let continuation: CheckedContinuation<Value, Failure>
    private let meeting: Locked<Void>

    fileprivate init(_ continuation: CheckedContinuation<Value, Failure>, _ meeting: Locked<Void>) {
        self.continuation = continuation
        self.meeting = meeting
    }

    package func resume(returning value: Value) {
        meeting.withLock { _ in }
        continuation.resume(returning: value)
    }

    package func resume(throwing failure: Failure) {
        meeting.withLock { _ in }
        continuation.resume(throwing: failure)
    }

    package func resume(with result: Result<Value, Failure>) {
        meeting.withLock { _ in }
        continuation.resume(with: result)
    }

    package func resume() where Value == Void { resume(returning: ()) }
}

/// Suspends the task until the handoff that `body` is given has been resumed; not for the hot path.
package func withHandoff<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Handoff<Value, Never>) -> Void
) async -> Value {
    let meeting = Locked(())
    defer { meeting.withLock { _ in } }
    return await withCheckedContinuation { body(Handoff($0, meeting)) }
}

/// Like ``withHandoff(isolation:_:)``, for what may fail.
package func withThrowingHandoff<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Handoff<Value, any Error>) -> Void
) async throws -> Value {
    let meeting = Locked(())
    defer { meeting.withLock { _ in } }
    return try await withCheckedThrowingContinuation { body(Handoff($0, meeting)) }
}
