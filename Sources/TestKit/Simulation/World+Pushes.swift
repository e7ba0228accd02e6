// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleNotifier
import VestibuleSwitchboard

/// What a provider does with one try.
package struct PushAnswer: Sendable {
    package var verdict: Verdict
    package var delay: Duration

    package init(
        _ verdict: Verdict = .accepted(reference: nil),
        after delay: Duration = .milliseconds(20)
    ) {
        self.verdict = verdict
        self.delay = delay
    }
}

/// The real queue of pushes between the boards and providers whose answers are drawn.
extension World {
    /// A process begins with an empty queue.
    func openPushes() {
        pushQueue = PushQueue(limits: options.limits.push, seed: random.next()) { registration in
            "lane \(registration.device.low % 3)"
        }
        pushArmed = nil
    }

    func carry(_ push: Outbox.Push) {
        switch push {
        case .order(let order): carry(order)
        case .silence(let devices, let call):
            trace { "silence \(call) on \(devices)" }
            if plants.retryAfterEnd { return }
            perform(pushQueue.handle(.silenced(call, devices), at: time))
        }
    }

    private func carry(_ order: PushOrder) {
        if plants.pushDropped, random.once(in: 5) { return }
        witness.pushed(order)
        trace { "push \(order.kind) of \(order.call) to \(order.devices)" }
        if plants.cancelDropped, order.kind != .ring, random.once(in: 3) { return }
        for device in order.devices {
            let request = order.request(
                PushID(at: time.time, using: &random),
                to: device,
                over: [way(to: device)],
                at: time
            )
            perform(pushQueue.handle(.submitted(request), at: time))
        }
    }

    private func way(to device: DeviceID) -> Registration {
        Registration(
            id: RegistrationID(high: device.high, low: device.low),
            device: device,
            notifier: "simulated",
            token: device.text,
            registeredAt: time.time
        )
    }

    private func perform(_ actions: [PushQueue.Action]) {
        for action in actions {
            switch action {
            case .start(let attempt): start(attempt)
            case .report(let report):
                trace { "push \(report.kind) to \(report.device): \(report.verdict)" }
                witness.reported(report)
            }
        }
    }

    private func start(_ attempt: PushQueue.Attempt) {
        trace { "try \(attempt.tried) of \(attempt.notice.kind) to \(attempt.registration.device)" }
        witness.tried(attempt)
        let answer = pushAnswer(&random)
        if case .accepted = answer.verdict, let delay = pushDelay(&random) {
            after(min(answer.delay, attempt.allowance) + delay) { [self] in
                guard let peer = peer(attempt.registration.device) else { return }
                pushed(peer, attempt.notice)
            }
        }
        inServer(after: answer.delay) { [self] in
            perform(
                pushQueue.handle(
                    .answered(attempt.ticket, tried: attempt.tried, answer.verdict),
                    at: time
                )
            )
        }
    }

    func armPushes() {
        guard !isDown, let next = pushQueue.next else { return }
        if let pushArmed, pushArmed <= next { return }
        pushArmed = next
        inServer(after: max(next, now) - now) { [self] in
            guard pushArmed == next else { return }
            pushArmed = nil
            perform(pushQueue.handle(.timePassed, at: time))
        }
    }
}
