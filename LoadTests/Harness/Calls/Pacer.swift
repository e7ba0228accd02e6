// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Does something many times by a schedule fixed beforehand: an open loop.
///
/// What is slow does not hold up what comes after it. Each turn is given the moment at which it was
/// due, from which its latency counts.
final class Pacer: EpollTimer {
    private let start: Moment
    private let interval: Int64
    private let count: Int
    private let grain: Int64
    private let action: (Int, Moment) -> Void
    private var slot: Int32 = -1
    private var index = 0

    /// Turn n of `count` is due at `start` + n × `interval`, on the grid of the loop.
    init(
        on loop: EpollLoop,
        from start: Moment,
        every interval: Duration,
        count: Int,
        _ action: @escaping (Int, Moment) -> Void
    ) {
        self.start = start
        self.interval = interval.nanoseconds
        self.count = count
        self.action = action
        grain = max(1, loop.granularity.nanoseconds)
        guard count > 0 else { return }
        slot = loop.add(self)
        loop.arm(slot, at: moment(0))
    }

    /// When the last turn is due.
    var end: Moment { moment(max(0, count - 1)) }

    private func moment(_ index: Int) -> Moment {
        let exact = start.nanoseconds + Int64(index) * interval
        return Moment(nanoseconds: (exact + grain - 1) / grain * grain)
    }

    func due(at now: Moment, on loop: EpollLoop) {
        while index < count, moment(index) <= now {
            let due = moment(index)
            index += 1
            action(index - 1, due)
        }
        if index < count {
            loop.arm(slot, at: moment(index))
        } else {
            // The loop keeps a timer alive; this one has done its work.
            loop.remove(timer: slot)
        }
    }
}
