// SPDX-License-Identifier: Apache-2.0

import VestibuleTestKit

/// A bug planted at a seam of the simulated world; a run must find each.
enum Plant: String, CaseIterable {
    case mailLost, eventTwice, eventLost, wrongWinner, keyChanged, doorLate, doorTwice
    case pushDropped, cancelDropped, retryAfterEnd, frameAstray

    /// The ledger answers before it wrote.
    case ledgerAnswersAtOnce

    /// The ledger says that it wrote, and did not.
    case ledgerForgets

    func prepare(_ world: World) {
        switch self {
        case .mailLost: world.plants.mailLost = true
        case .eventTwice: world.plants.eventTwice = true
        case .eventLost: world.plants.eventLost = true
        case .wrongWinner: world.plants.wrongWinner = true
        case .keyChanged: world.plants.keyChanged = true
        case .doorLate: world.plants.doorLate = true
        case .doorTwice: world.plants.doorTwice = true
        case .pushDropped: world.plants.pushDropped = true
        case .cancelDropped: world.plants.cancelDropped = true
        case .retryAfterEnd: world.plants.retryAfterEnd = true
        case .frameAstray: world.plants.frameAstray = true
        case .ledgerAnswersAtOnce: world.ledger.lie(.answersAtOnce)
        case .ledgerForgets: world.ledger.lie(.forgets)
        }
    }
}
