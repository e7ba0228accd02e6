// SPDX-License-Identifier: Apache-2.0

import VestibuleTestKit

/// A bug planted at a seam of the simulated world; a run must find each.
enum Plant: String, CaseIterable {
    /// The postbox delivers some mail twice.
    case mailTwice

    /// A line repeats an event.
    case eventTwice

    /// An event never reaches its client, and nobody notices.
    case eventLost

    /// The ledger answers before it wrote.
    case ledgerAnswersAtOnce

    /// The ledger says that it wrote, and did not.
    case ledgerForgets

    func prepare(_ world: World) {
        switch self {
        case .mailTwice: world.plants.mailTwice = true
        case .eventTwice: world.plants.eventTwice = true
        case .eventLost: world.plants.eventLost = true
        case .ledgerAnswersAtOnce: world.ledger.lie(.answersAtOnce)
        case .ledgerForgets: world.ledger.lie(.forgets)
        }
    }
}
