// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleNotifier

/// The seam to other boards and to everything that answers with mail: one inbox a board, in order
/// of posting from one sender, drained on that board's loop.
package protocol Postbox: Sendable {
    /// Any thread; never blocks, never runs the receiver inside the call.
    func post(_ mail: Mail, to board: BoardIndex)
}

/// The seam to the notifiers: takes an order at once, works on it elsewhere, and records the
/// verdicts itself.
package protocol PushPort: Sendable {
    /// Any thread; never blocks.
    func push(_ order: PushOrder)

    /// These devices have no business with the call's ring any longer: no push of it is tried
    /// again, not even one that waits.
    ///
    /// Any thread; never blocks, and is never refused.
    func silence(_ devices: [DeviceID], of call: CallID)
}

/// One notice to some devices.
package struct PushOrder: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case ring
        case cancel
        case missed
    }

    package let kind: Kind
    package let call: CallID
    package let property: PropertyID
    package let devices: [DeviceID]

    /// Per call, rising: a cancel that overtakes its ring wins.
    package let sequence: Int

    /// The notice means nothing after this.
    package let expiresAt: Timestamp
    package let remaining: Duration

    /// Whether the devices rang until now: then even a missed call cannot wait.
    package let endsRing: Bool
}

extension PushOrder {
    /// The order as it goes to one device.
    package func request(
        _ push: PushID,
        to device: DeviceID,
        over registrations: [Registration],
        at now: Now
    ) -> PushRequest {
        PushRequest(
            notice: Notice(
                push: push,
                kind: NoticeKind(rawValue: kind.rawValue),
                call: call,
                property: property,
                expiresAt: now.time + remaining,
                now: now.time,
                seq: sequence
            ),
            registrations: registrations,
            device: device,
            isUrgent: endsRing
        )
    }
}
