// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleClient
package import VestibuleStorage
package import VestibuleSwitchboard
package import VestibuleWire

/// A call is offered at once, by push and over sockets, and nobody rings when it is over.
///
/// Each device that is offered it gets a push, and `call.incoming` where it has a socket.
package final class RingChecker: Checker {
    private struct Ring: Hashable {
        let call: CallID
        let device: DeviceID
    }

    private var pushes: Set<Ring> = []
    private var told: Set<Ring> = []

    /// How long a client may ring on, told over a good link.
    private let silence = Duration.seconds(2)

    package init() {}

    package func pushed(_ order: PushOrder, in world: World) {
        guard order.kind == .ring else { return }
        for device in order.devices { pushes.insert(Ring(call: order.call, device: device)) }
    }

    package func told(_ message: ServerMessage, on link: Link, in world: World) {
        guard case .device(let device) = link.peer.principal else { return }
        switch message {
        case .event(_, .callIncoming(let offer)):
            told.insert(Ring(call: offer.call, device: device))
        case .welcome(_, let welcome):
            for entry in welcome.calls { told.insert(Ring(call: entry.offer.call, device: device)) }
        default: break
        }
    }

    package func appended(_ group: LedgerGroup, in world: World) {
        for case .call(let id, _, _, let logged) in group.entries {
            switch logged.event {
            case .offered(let group): offered(id, group, world)
            case .answered, .ended: fellSilent(id, world)
            default: break
            }
        }
    }

    // MARK: At once

    private func offered(_ id: CallID, _ group: Int, _ world: World) {
        guard let plan = world.witness.record.calls[id]?.plan, group < plan.groups.count else {
            return world.breach("a group that is not in the plan", call: id)
        }
        let devices = plan.groups[group].flatMap(\.devices)
        let (start, life) = (world.now, world.life)
        let bound = world.options.limits.ledger.patience + .milliseconds(150)

        world.after(bound) { [self, unowned world] in
            guard world.life == life, world.witness.excusedUntil < start,
                let call = world.witness.record.calls[id], call.isJustRinging
            else { return }
            for device in devices where !isOffered(id, device, since: start, world) {
                world.breach("\(device) was not offered the call at once", call: id)
            }
        }
    }

    private func isOffered(
        _ call: CallID,
        _ device: DeviceID,
        since start: Moment,
        _ world: World
    ) -> Bool {
        let ring = Ring(call: call, device: device)
        guard pushes.contains(ring) else { return false }
        guard let link = world.peer(device)?.link, link.isWhole, !link.isFaulty,
            link.welcomedAt < start
        else { return true }
        return told.contains(ring)
    }

    // MARK: Silence

    private func fellSilent(_ id: CallID, _ world: World) {
        let (start, life) = (world.now, world.life)
        world.after(silence) { [self, unowned world] in
            guard world.life == life, world.witness.excusedUntil < start,
                let plan = world.witness.record.calls[id]?.plan
            else { return }
            for device in plan.groups.joined().flatMap(\.devices) {
                check(id, world.peer(device), since: start, world)
            }
        }
    }

    private func check(_ id: CallID, _ peer: DevicePeer?, since start: Moment, _ world: World) {
        guard let peer, peer.isAwake, let link = peer.link, link.isWhole, !link.isFaulty,
            link.welcomedAt < start
        else { return }
        if peer.machine.calls.contains(where: { $0.call == id && $0.isRinging }) {
            world.breach("\(peer.name) rings \(silence) after the end", call: id)
        }
    }

    package func crashed(in world: World) {
        pushes = []
        told = []
    }
}

extension RecordSeen.CallSeen {
    /// Whether nothing happened to it that would take somebody out.
    fileprivate var isJustRinging: Bool {
        entries.allSatisfy { entry in
            switch entry.event {
            case .started, .offered, .rang, .previewed, .lost, .returned: true
            default: false
            }
        }
    }
}
