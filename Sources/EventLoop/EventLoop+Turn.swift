// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleUV
import Glibc
import VestibuleBasics

/// Names a hook of one ``EventLoop``, so that it can be removed.
package struct HookToken: Hashable, Sendable {
    let number: UInt64
}

/// What runs at the end of each turn.
struct Hook {
    let token: HookToken
    let action: () -> Void
}

/// Decides when a loop under load sleeps before it looks at its sockets again.
package struct Pacer {
    /// Frames in a second above which a loop counts as loaded.
    package static let threshold = 2_000

    private let pace: Int64
    private var frames = 0
    private var windowStart: Int64 = 0
    private var loaded = false
    private var lastTurn: Int64 = 0

    package init(pace: Duration) {
        self.pace = pace.nanoseconds
    }

    /// Counts frames that passed.
    package mutating func note(_ count: Int) {
        frames &+= count
    }

    /// Nanoseconds to sleep before the next turn, at `moment`.
    package mutating func nap(at moment: Int64) -> Int64 {
        if moment &- windowStart >= 1_000_000_000 {
            loaded = frames > Self.threshold
            frames = 0
            windowStart = moment
        }
        defer { lastTurn = moment }
        guard loaded else { return 0 }
        return max(0, pace &- max(0, moment &- lastTurn))
    }

    /// The turn starts when the nap ends.
    package mutating func woke(at moment: Int64) {
        lastTurn = moment
    }
}

extension EventLoop {
    /// Runs `hook` at the end of each turn, after the I/O callbacks and the jobs they made ready
    /// and before the loop sleeps; on the loop only.
    ///
    /// A hook may run more than once between two sleeps and must be cheap when it has nothing to
    /// do.
    package func atEndOfTurn(_ hook: @escaping () -> Void) -> HookToken {
        lastHook &+= 1
        let token = HookToken(number: lastHook)
        hooks.append(Hook(token: token, action: hook))
        return token
    }

    /// Removes a hook; on the loop only, not from within a hook.
    package func remove(_ token: HookToken) {
        hooks.removeAll { $0.token == token }
    }

    /// Counts frames that passed, for the pace; on the loop only.
    package func noteFrames(_ count: Int) {
        pacer.note(count)
    }

    /// The inbox has something.
    func woken() {
        takeInbox()
        runReady()
    }

    /// After the I/O callbacks of a turn.
    func afterInput() {
        // libuv read its clock when it woke.
        if turnBegan == nil { turnBegan = uv_now(uv) }
        settle()
    }

    /// After the timers of a turn, just before the loop sleeps.
    func beforeSleep() {
        settle()
        noteTurn()
        if pace > .zero { nap() }
    }

    /// Runs jobs and hooks until neither has made anything ready.
    private func settle() {
        for _ in 0..<64 {
            runReady()
            var index = 0
            while index < hooks.count {
                hooks[index].action()
                index += 1
            }
            if ready.isEmpty { return }
        }
        // Jobs that go on making jobs must not starve the sockets, nor may they wait for input.
        handles.wake()
    }

    /// Runs what is ready now; what that makes ready waits for the next call.
    func runReady() {
        guard !ready.isEmpty else { return }
        var batch = spare
        spare = []
        swap(&batch, &ready)
        let serial = asUnownedSerialExecutor()
        let task = asUnownedTaskExecutor()
        for work in batch {
            switch work {
            case .job(let job): job.runSynchronously(isolatedTo: serial, taskExecutor: task)
            case .closure(let closure): closure()
            }
        }
        batch.removeAll(keepingCapacity: batch.count <= 1_024)
        spare = batch
    }

    /// The turn is over: from the loop's waking, through its I/O, jobs and timers, to here.
    private func noteTurn() {
        // In the first turn nothing was waited for: libuv reads its clock when a round begins.
        let began = Int64(truncatingIfNeeded: turnBegan ?? uv_now(uv)) &* 1_000_000
        turnBegan = nil
        let spent = Self.read(CLOCK_MONOTONIC) &- began
        if spent > 2_000_000 { noteStall(spent) }
    }

    private func nap() {
        guard ready.isEmpty else { return }
        let now = Self.readMoment()
        var length = pacer.nap(at: now.nanoseconds)
        if let next = timers.next {
            length = min(length, (next - now).nanoseconds)
        }
        guard length > 50_000 else { return }
        vestibule_nap(vestibule_uv_wake_descriptor(uv), Int(length))
        pacer.woke(at: Self.readMoment().nanoseconds)
    }
}
