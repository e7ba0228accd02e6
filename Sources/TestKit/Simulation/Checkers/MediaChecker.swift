// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
package import VestibuleStorage
import VestibuleWire

/// Frames reach only who may see and hear them.
///
/// The last byte of a frame's payload names its
/// sender.
package final class MediaChecker: Checker {
    private var calls: [UInt32: CallID] = [:]

    /// Frames that were sent, and that arrived.
    package private(set) var sent = 0
    package private(set) var received = 0

    /// Of those, from another board.
    package private(set) var across = 0

    package init() {}

    package func appended(_ group: LedgerGroup, in world: World) {
        for case .call(_, _, _, let logged) in group.entries {
            if case .started(let plan) = logged.event { calls[plan.handle] = plan.call }
        }
    }

    package func sent(frame: [UInt8], on link: Link, in world: World) { sent += 1 }

    package func received(frame: [UInt8], on link: Link, in world: World) {
        received += 1
        guard let header = frame.withUnsafeBytes({ MediaHeader($0) }),
            let number = frame.last.map(Int.init), number < world.peers.count,
            let id = calls[header.handle], let call = world.witness.record.calls[id],
            !call.isForgiven
        else { return }  // Of a call that a crash forgot.
        let sender = world.peers[number]
        if let from = sender.link, from.board != link.board { across += 1 }
        switch (sender.principal, link.peer.principal) {
        case (.panel(let panel), .device(let device)):
            let isPicture = header.kind == .video
            guard call.plan.panel == panel,
                isPicture || call.answeredBy?.device == device,
                call.plan.groups.joined().contains(where: { $0.devices.contains(device) })
            else { return world.breach("\(link.peer.name) sees another's call", call: id) }
        case (.device(let device), .panel(let panel)):
            guard call.plan.panel == panel, call.answeredBy?.device == device else {
                return world.breach("\(link.peer.name) hears who did not answer", call: id)
            }
        case (.panel, .panel), (.device, .device):
            world.breach("\(link.peer.name) got a frame of \(sender.name)", call: id)
        }
    }
}
