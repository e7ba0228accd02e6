// SPDX-License-Identifier: Apache-2.0

import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage
import VestibuleWire

/// A permitted wish to open a door, on its way to the board where the panel's socket is.
package struct DoorOrder: Sendable {
    let door: DoorID
    let panel: PanelID
    let property: PropertyID
    let by: Party
    let way: VestibuleStorage.DoorWay
    let call: CallID?

    /// Who hears of it beside the one who acted: those the call was offered to.
    let audience: [DeviceID]

    /// Empty where it was lost with an older server; nobody waits for its answer then.
    let key: String

    /// The last moment at which the panel may act.
    let until: Moment
}

/// What a panel reports about a command, on its way to the board that sent it.
package struct PanelResult: Sendable {
    let command: CommandID
    let panel: PanelID
    let request: String
    let outcome: DoorResultRecord.Outcome
    let detail: String?
}

/// A command on the board that sends it to the panel.
struct DoorWait {
    enum Stage: Equatable {
        /// The audit is being written; nothing has left.
        case recording

        /// The command has left; the panel's own result is awaited.
        case sent

        /// The result is being written, then told.
        case settling(DoorResultRecord.Outcome)

        /// The resident was told `unknown`; a late result amends it.
        case unknown

        /// The panel's result is told: a repeat is answered and changes nothing.
        case settled(DoorResultRecord.Outcome)
    }

    let order: DoorOrder
    var stage: Stage
    let deadline: Moment

    /// The panel's request that brought the result.
    var report: String?
    var reportedAt: Moment
    var wasUnknown = false
}
