// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

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

    /// Shown only where the property allows it.
    package let panel: String
    package let unit: String
}
