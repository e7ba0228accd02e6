// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import CVestibuleUV
import Glibc
package import VestibuleBasics

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

    /// Nanoseconds to sleep before the next turn, at `moment`; `least` is a pace for now, where the
    /// loop's own is shorter.
    package mutating func nap(at moment: Int64, least: Duration = .zero) -> Int64 {
        if moment &- windowStart >= 1_000_000_000 {
            loaded = frames > Self.threshold
            frames = 0
            windowStart = moment
        }
        defer { lastTurn = moment }
        guard loaded else { return 0 }
        return max(0, max(pace, least.nanoseconds) &- max(0, moment &- lastTurn))
    }

    /// The turn starts when the nap ends.
    package mutating func woke(at moment: Int64) {
        lastTurn = moment
    }
}

/// The longest the loop sleeps for a timer of its own; one that was due during suspend fires this
/// late at most.
private let longestSleep = Duration.seconds(1)

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

    /// Sleeps until something happens, and does all of it: sockets, guests, timers, jobs, hooks.
    func turn() {
        let count = sockets.wait(patience)
        turnMoment = nil
        // The guests' clock, to the millisecond; it says afterwards how long the turn was.
        uv_update_time(uv)
        let began = uv_now(uv)
        let others = sockets.serve(count)
        let watched = attention.isOn
        attention.look(at: began)
        if watched || attention.isOn || others.contains(.bell) { takeInbox() }
        if others.contains(.guests) || guestsPatience == 0 { uv_run(uv, UV_RUN_NOWAIT) }
        runReady()
        fireTimers()
        settle()
        noteTurn(since: began)
        if pace > .zero || attention.isOn { nap() }
    }

    /// The moment of this turn: read once, as a turn is short; on the loop only.
    package var moment: Moment {
        if let turnMoment { return turnMoment }
        let moment = Self.readMoment()
        turnMoment = moment
        return moment
    }

    /// How long the loop may sleep, in milliseconds; for ever if negative.
    private var patience: Int32 {
        guard ready.isEmpty else { return 0 }
        var guests = guestsPatience
        if attention.isOn {
            guests = guests < 0 ? Attention.patience : min(guests, Attention.patience)
        }
        guard let next = timers.next else { return guests }
        // Rounded up: a loop must not wake, find nothing due and sleep again. Not for longer than a
        // while: the kernel's clock for this stands still during suspend, ours does not.
        let wait = min((next - Self.readMoment()).nanoseconds, longestSleep.nanoseconds)
        let own = Int32(max(0, (wait &+ 999_999) / 1_000_000))
        return guests < 0 ? own : min(own, guests)
    }

    /// How long libuv may be left alone, in milliseconds; for ever if negative.
    private var guestsPatience: Int32 {
        // Without anything alive it says 0, for a caller that would then end.
        uv_loop_alive(uv) == 0 ? -1 : uv_backend_timeout(uv)
    }

    /// Runs jobs and hooks until neither has made anything ready; of jobs that go on making jobs the
    /// rest waits for one look at the sockets.
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

    /// The turn is over, which began at so many of libuv's milliseconds.
    private func noteTurn(since began: UInt64) {
        let spent = Self.read(CLOCK_MONOTONIC) &- Int64(truncatingIfNeeded: began) &* 1_000_000
        turns.add(nanoseconds: spent)
        longestTurn = max(longestTurn, spent)
        guard spent > 2_000_000 else { return }
        noteStall(spent)
        // The guests' timers are not to wait for as long again.
        uv_update_time(uv)
    }

    private func nap() {
        guard ready.isEmpty else { return }
        let now = Self.readMoment()
        var length = pacer.nap(
            at: now.nanoseconds,
            least: attention.isOn ? Attention.pace : .zero
        )
        if let next = timers.next {
            length = min(length, (next - now).nanoseconds)
        }
        guard length > 50_000 else { return }
        vestibule_nap(sockets.bell, Int(length))
        pacer.woke(at: Self.readMoment().nanoseconds)
    }
}
