// SPDX-License-Identifier: Apache-2.0

import CVestibuleUV
package import VestibuleBasics

/// The longest libuv sleeps for a timer: its clock stands still during suspend, ours does not, so
/// a timer due meanwhile fires this late at most.
private let longestSleep = Duration.seconds(1)

extension EventLoop {
    /// Runs `action` on the loop when `delay` has passed, counted from now; on the loop only.
    ///
    /// Timers fire in the order of their deadlines, then in the order they were armed. They do not
    /// keep a loop alive that was stopped.
    package func schedule(after delay: Duration, _ action: @escaping () -> Void) -> TimerToken {
        schedule(at: Self.readMoment() + max(.zero, delay), action)
    }

    /// Runs `action` on the loop at `deadline`, or at once if that has passed; on the loop only.
    package func schedule(at deadline: Moment, _ action: @escaping () -> Void) -> TimerToken {
        let token = timers.insert(at: deadline, action)
        arm()
        return token
    }

    /// Forgets a timer that has not fired; on the loop only.
    package func cancel(_ token: TimerToken) {
        timers.remove(token)
    }

    /// libuv's one timer fired.
    func timerFired() {
        timerArmedFor = nil
        isFiring = true
        let now = Self.readMoment()
        let mark = timers.mark
        while let action = timers.popDue(at: now, armedBefore: mark) { action() }
        arm()
        isFiring = false
    }

    /// Arms libuv's timer for the earliest of ours, unless it is armed for that or earlier.
    private func arm() {
        guard isOpen, let next = timers.next else { return }
        if let timerArmedFor, timerArmedFor <= next { return }
        let now = Self.readMoment()
        let wait = min(max(.zero, next - now), longestSleep)
        timerArmedFor = now + wait
        // libuv's clock, which arming sets, says until then when the turn began.
        if turnBegan == nil { turnBegan = uv_now(uv) }
        // Rounded up: a timer must not fire, find nothing due and fire again.
        let milliseconds = (wait.nanoseconds &+ 999_999) / 1_000_000
        // While timers fire, libuv takes one that is due at once for one more of the same round,
        // and would never come to its sockets.
        handles.arm(loop: uv, milliseconds: UInt64(max(isFiring ? 1 : 0, milliseconds)))
    }
}
