// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import Glibc
import VestibuleBasics

/// A POSIX thread with a name, whose end can be awaited.
final class NamedThread: Sendable {
    private struct State {
        var handle: pthread_t?
        var ended = false
        var waiters: [Handoff<Void, Never>] = []
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let state = Locked(State())

    /// Starts the thread; `owner` is what `vestibule_current_executor` says on it.
    ///
    /// A thread that nobody will join is let go.
    func start(
        name: String,
        owner: UnsafeRawPointer,
        isJoined: Bool = true,
        body: @escaping @Sendable () -> Void
    ) {
        let address = UInt(bitPattern: owner)
        let start = Start(name: name) { [self] in
            vestibule_set_current_executor(UnsafeRawPointer(bitPattern: address))
            body()
            vestibule_set_current_executor(nil)
            let waiters = state.withLock { state in
                state.ended = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
        var handle = pthread_t()
        let failure = pthread_create(
            &handle,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                vestibule_name_thread(start.name)
                start.body()
                return nil
            },
            Unmanaged.passRetained(start).toOpaque()
        )
        precondition(failure == 0, "The system gives no thread for \(name): error \(failure)")
        if isJoined {
            let started = handle
            state.withLock { $0.handle = started }
        } else {
            pthread_detach(handle)
        }
    }

    /// Lets the thread go its own way: nobody joins it any more.
    func letGo() {
        let handle = state.withLock { state in
            defer { state.handle = nil }
            return state.handle
        }
        if let handle { pthread_detach(handle) }
    }

    /// Waits until the thread has ended and joins it; not to be called on the thread itself
    /// without suspending.
    func end() async {
        await withHandoff { continuation in
            let ended = state.withLock { state in
                if !state.ended { state.waiters.append(continuation) }
                return state.ended
            }
            if ended { continuation.resume() }
        }
        let handle = state.withLock { state in
            defer { state.handle = nil }
            return state.handle
        }
        if let handle { pthread_join(handle, nil) }
    }
}
