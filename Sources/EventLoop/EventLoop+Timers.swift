// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

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
        timers.insert(at: deadline, action)
    }

    /// Forgets a timer that has not fired; on the loop only.
    package func cancel(_ token: TimerToken) {
        timers.remove(token)
    }

    /// Fires what is due; what that arms for at once waits for the next turn.
    func fireTimers() {
        guard let next = timers.next, next <= moment else { return }
        let mark = timers.mark
        while let action = timers.popDue(at: moment, armedBefore: mark) { action() }
    }
}
