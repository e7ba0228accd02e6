// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

/// A resident's press: the key, the permission, then the door desk where the panel is.
extension Board {
    /// `call.unlock`: the owner of the call decides.
    func unlockInCall(
        _ unlock: CallUnlock,
        by device: DeviceID,
        _ seat: Seat,
        request: String,
        at now: Now
    ) {
        guard claim(unlock.key, of: seat, request: request, at: now) else { return }
        let until = wakefulness.earliest(at: now.moment) + limits.door.deadline
        guard let owner = exchange.calls.withLock({ $0.owner(of: unlock.call) }) else {
            return refuse(unlock.key, of: seat.principal, .unknownCall, "no such call", at: now)
        }
        let ask = Ask(
            call: unlock.call,
            principal: seat.principal,
            request: request,
            kind: .unlock(door: unlock.door, key: unlock.key, until: until),
            abilities: nil,
            at: now.moment
        )
        send(.ask(ask), to: owner, at: now)
    }

    /// `door.unlock`: a tap without a call.
    func tap(
        _ door: DoorID,
        key: String,
        by device: DeviceID,
        _ seat: Seat,
        request: String,
        at now: Now
    ) {
        guard claim(key, of: seat, request: request, at: now) else { return }
        guard let resident = directory.resident(of: device) else {
            return refuse(key, of: seat.principal, .notPermitted, "not a resident", at: now)
        }
        let party = Party(resident: resident.id, device: device)
        decide(
            door,
            key: key,
            until: wakefulness.earliest(at: now.moment) + limits.door.deadline,
            by: party,
            way: .app,
            in: nil,
            at: now
        )
    }

    /// On the board that owns the call.
    func unlock(
        _ door: DoorID?,
        key: String,
        until: Moment,
        by party: Party,
        _ ask: Ask,
        _ call: LiveCall,
        at now: Now
    ) {
        func refuse(_ refusal: Refusal) {
            release(.reply(ask, .refused(refusal)), of: call, at: now)
        }
        if case .ended = call.machine.state {
            return refuse(Refusal(.callEnded, detail: "the call is over"))
        }
        guard call.machine.mayUnlock(party.device) else {
            return refuse(Refusal(.notPermitted, detail: "not this device's call"))
        }
        let doors = directory.panel(call.machine.plan.panel)?.doors ?? []
        guard let door = door ?? doors.first, doors.contains(door) else {
            return refuse(Refusal(.unknownDoor, detail: "not a door of this call's panel"))
        }
        decide(door, key: key, until: until, by: party, way: .call, in: call, at: now)
    }

    /// May they? Then to the panel's board, which knows whether it is online.
    private func decide(
        _ door: DoorID,
        key: String,
        until: Moment,
        by party: Party,
        way: VestibuleStorage.DoorWay,
        in call: LiveCall?,
        at now: Now
    ) {
        let principal = Principal.device(party.device)
        let decision = directory.decide(
            door: door,
            by: party.resident,
            inCallOf: call?.machine.plan.panel
        )
        switch decision {
        case .refused(.unknownDoor):
            refuse(key, of: principal, .unknownDoor, "no such door", at: now)
        case .refused(.notPermitted):
            refuse(key, of: principal, .notPermitted, "not your door", at: now)
        case .allowed:
            guard let found = directory.door(door), let panel = directory.panel(found.panel),
                let place = exchange.places.withLock({ $0[.panel(panel.id)] }), place.hasSocket
            else {
                return refuse(
                    key,
                    of: principal,
                    .panelOffline,
                    "the panel is not connected",
                    at: now
                )
            }
            let order = DoorOrder(
                door: door,
                panel: panel.id,
                property: panel.property,
                by: party,
                way: way,
                call: call?.id,
                audience: call?.machine.offered.flatMap(\.devices) ?? [],
                key: key,
                until: until
            )
            send(.openDoor(order), to: place.board, at: now)
        }
    }
}
