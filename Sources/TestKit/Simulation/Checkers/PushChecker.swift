// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
package import VestibuleNotifier
package import VestibuleStorage
package import VestibuleWire

/// No ring is handed to a provider after its end for the device, and each device that rang by push
/// and sleeps when it is over is told so by push.
///
/// What was under way at the end may still arrive; it is not tried again.
package final class PushChecker: Checker {
    private struct Ring: Hashable {
        let call: CallID
        let device: DeviceID
    }

    private var rung: Set<Ring> = []
    private var ended: [Ring: Moment] = [:]
    private var stopped: Set<Ring> = []
    private var welcomed: [DeviceID: Moment] = [:]

    /// For a stop to get its turn: cancels live as long as a ring.
    private let patience = Duration.seconds(60)

    package init() {}

    // MARK: What the desk does

    package func tried(_ attempt: PushQueue.Attempt, in world: World) {
        guard let call = attempt.notice.call else { return }
        let ring = Ring(call: call, device: attempt.registration.device)
        guard attempt.notice.kind == .ring else { return _ = stopped.insert(ring) }
        rung.insert(ring)
        if let end = ended[ring], world.witness.excusedUntil < end,
            world.now - end > bound(in: world)
        {
            world.breach(
                "a ring is pushed to \(ring.device), \(world.now - end) after its end",
                call: call
            )
        }
    }

    /// A stop that is refused by name was not forgotten.
    package func reported(_ report: PushReport, in world: World) {
        guard let call = report.call, report.kind != .ring, report.isFinal else { return }
        stopped.insert(Ring(call: call, device: report.device))
    }

    package func told(_ message: ServerMessage, on link: Link, in world: World) {
        guard case .welcome = message, case .device(let device) = link.peer.principal else {
            return
        }
        welcomed[device] = world.now
    }

    // MARK: Ends

    package func appended(_ group: LedgerGroup, in world: World) {
        for case .call(let id, _, _, let logged) in group.entries {
            guard let plan = world.witness.record.calls[id]?.plan else { continue }
            let people = plan.groups.joined()
            switch logged.event {
            case .answered(let winner):
                end(id, people.flatMap(\.devices), but: winner.device, world)
            case .ended: end(id, people.flatMap(\.devices), world)
            case .ignored(let party), .declined(let party):
                let own = people.filter { $0.resident == party.resident }
                end(id, own.flatMap(\.devices), world)
            case .personRemoved(let resident):
                end(id, people.filter { $0.resident == resident }.flatMap(\.devices), world)
            case .deviceRemoved(let device): end(id, [device], world)
            case .started, .offered, .rang, .previewed, .lost, .returned: break
            }
        }
    }

    private func end(
        _ call: CallID,
        _ devices: [DeviceID],
        but winner: DeviceID? = nil,
        _ world: World
    ) {
        for device in devices {
            let ring = Ring(call: call, device: device)
            guard ended[ring] == nil else { continue }
            ended[ring] = world.now
            if device != winner, rung.contains(ring) { expectStop(of: ring, world) }
        }
    }

    private func expectStop(of ring: Ring, _ world: World) {
        guard !world.hasSocket(ring.device) else { return }
        let (start, life, bound) = (world.now, world.life, bound(in: world))
        world.after(bound) { [self, unowned world] in
            guard world.life == life, world.witness.excusedUntil < start,
                !world.hasSocket(ring.device),
                welcomed[ring.device].map({ $0 < start }) ?? true
            else { return }
            world.after(patience) { [self, unowned world] in
                guard world.life == life, !stopped.contains(ring) else { return }
                world.breach(
                    "\(ring.device) rang by push, sleeps, and got no stop",
                    call: ring.call
                )
            }
        }
    }

    /// From the decision to what is told of it, however slow the store.
    private func bound(in world: World) -> Duration {
        world.options.limits.ledger.patience + .milliseconds(150)
    }

    package func crashed(in world: World) {
        rung = []
        ended = [:]
        stopped = []
    }
}

extension World {
    /// Whether the server has a socket of this device, as far as it knows.
    fileprivate func hasSocket(_ device: DeviceID) -> Bool {
        links.contains { $0.isServerOpen && $0.peer.principal == .device(device) }
    }
}
