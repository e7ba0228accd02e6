// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleNotifier

/// A queue on a hand clock, with a list of what it did.
struct QueueBench {
    var queue: PushQueue
    var nanoseconds: Int64 = 0
    var random = SeededGenerator(seed: 7)
    let start = Timestamp(milliseconds: 1_800_000_000_000)

    init(_ change: (inout PushLimits) -> Void = { _ in }) {
        var limits = PushLimits()
        change(&limits)
        queue = PushQueue(limits: limits, seed: 3)
    }

    var now: Now {
        Now(
            moment: Moment(nanoseconds: nanoseconds),
            time: start + .nanoseconds(nanoseconds)
        )
    }

    var seconds: Double { Double(nanoseconds) / 1e9 }

    mutating func id<Kind>() -> ID<Kind> { ID(at: start, using: &random) }

    mutating func registration(_ notifier: String = "apns", device: DeviceID) -> Registration {
        Registration(
            id: id(),
            device: device,
            notifier: notifier,
            token: "t",
            registeredAt: start
        )
    }

    mutating func request(
        _ kind: NoticeKind = .ring,
        call: CallID? = nil,
        device: DeviceID? = nil,
        notifiers: [String] = ["apns"],
        life: Double = 30,
        isUrgent: Bool = false
    ) -> PushRequest {
        let device = device ?? id()
        let notice = Notice(
            push: id(),
            kind: kind,
            call: call ?? id(),
            property: id(),
            expiresAt: now.time + .milliseconds(Int64(life * 1000)),
            now: now.time,
            seq: 1
        )
        return PushRequest(
            notice: notice,
            registrations: notifiers.map { registration($0, device: device) },
            device: device,
            isUrgent: isUrgent
        )
    }

    /// Feeds one input at `time`, and what the clock wants on the way before it.
    mutating func at(_ time: Double, _ input: PushQueue.Input) -> Done {
        var done = run(to: time)
        done.actions += queue.handle(input, at: now)
        return done
    }

    mutating func run(to time: Double) -> Done {
        var done = Done()
        let end = Int64(time * 1e9)
        while let next = queue.next, next.nanoseconds <= end {
            nanoseconds = max(nanoseconds, next.nanoseconds)
            done.actions += queue.handle(.timePassed, at: now)
        }
        nanoseconds = max(nanoseconds, end)
        return done
    }
}

/// What a queue did, sorted for reading.
struct Done {
    var actions: [PushQueue.Action] = []

    var starts: [PushQueue.Attempt] {
        actions.compactMap { if case .start(let attempt) = $0 { attempt } else { nil } }
    }

    var reports: [PushReport] {
        actions.compactMap { if case .report(let report) = $0 { report } else { nil } }
    }

    var reasons: [String] {
        reports.map { report in
            switch report.verdict {
            case .accepted: "accepted"
            case .rejectedToken(let reason, _): "gone " + reason
            case .retry(_, let reason), .pause(_, let reason):
                (report.isFinal ? "gave up " : "again ") + reason
            case .failed(let reason): reason
            }
        }
    }
}
