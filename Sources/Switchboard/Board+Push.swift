// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage

/// Which push goes out for a call.
///
/// Rings go to every device at once, connected or not: an open socket on a sleeping phone is a lie.
/// So their pushes are stopped for every device, too; cancels go by push only to who has no socket.
extension Board {
    func pushRing(_ devices: [DeviceID], of call: LiveCall, length: Int, at now: Now) {
        let remaining = call.machine.ringRemaining(at: now) ?? .zero
        push(.ring, devices, of: call, length: length, life: remaining, at: now)
    }

    func pushCancel(_ devices: [DeviceID], of call: LiveCall, length: Int, at now: Now) {
        let asleep = exchange.places.withLock { places in
            devices.filter { places[.device($0)]?.hasSocket != true }
        }
        push(
            .cancel,
            asleep,
            of: call,
            length: length,
            life: .milliseconds(call.machine.plan.times.ring),
            at: now
        )
    }

    /// Nothing rings them by push from now on, connected or not.
    func silencePush(_ devices: [DeviceID], of call: LiveCall) {
        pushPort.silence(devices, of: call.id)
    }

    /// To devices that rang until now: it is their stop, too.
    func pushMissed(_ devices: [DeviceID], of call: LiveCall, length: Int, at now: Now) {
        push(.missed, devices, of: call, length: length, life: limits.push.missedLife, at: now)
    }

    private func push(
        _ kind: PushOrder.Kind,
        _ devices: [DeviceID],
        of call: LiveCall,
        length: Int,
        life: Duration,
        at now: Now
    ) {
        guard !devices.isEmpty else { return }
        let plan = call.machine.plan
        pushPort.push(
            PushOrder(
                kind: kind,
                call: plan.call,
                property: plan.property,
                devices: devices,
                sequence: length,
                expiresAt: now.time + life,
                remaining: life,
                endsRing: kind != .ring
            )
        )
    }

    // MARK: After quiet hours

    /// The notices for the end of each person's quiet hours: written with the end that they tell
    /// of, so that neither is without the other.
    func deferMissed(
        _ residents: [ResidentID],
        of call: LiveCall,
        at now: Now
    ) -> [DeferredNotice] {
        let plan = call.machine.plan
        call.notices = residents.map { resident in
            DeferredNotice(
                id: newID(at: now),
                property: plan.property,
                call: plan.call,
                resident: resident,
                due: directory.endOfQuietHours(of: resident, after: now.time)
            )
        }
        return call.notices
    }

    func keep(_ notice: DeferredNotice, at now: Now) {
        alarms.add(.notice(notice), at: now.moment + max(.zero, notice.due - now.time))
    }

    /// A notice whose time has come.
    func push(_ notice: DeferredNotice, at now: Now) {
        let person = directory.resident(notice.resident)
        let devices = person?.isInGoodStanding == true ? person?.devices ?? [] : []
        if !devices.isEmpty {
            pushPort.push(
                PushOrder(
                    kind: .missed,
                    call: notice.call,
                    property: notice.property,
                    devices: devices,
                    sequence: 1,
                    expiresAt: now.time + limits.push.missedLife,
                    remaining: limits.push.missedLife,
                    endsRing: false
                )
            )
        }
        ledger.append(LedgerGroup([.sent(notice.id)])) { _ in }
    }
}
