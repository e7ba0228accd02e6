// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleCallCore

/// Every input in every state: where the call stands then, what was written, and the answer.
///
/// Anna and Bert are offered the call, Anna's phone answered it where it is active, the guest
/// cancelled it where it has ended. Bert's phone is another person's, Anna's tablet another device
/// of the same person, the stranger was never offered it.
enum TransitionTable {
    static let rows = requests + world

    struct Row: CustomTestStringConvertible {
        let input: CallInput
        let outcomes: [(TransitionTests.Start, String)]

        init(
            _ input: CallInput,
            ringing: String,
            underAll: String,
            withoutPanel: String,
            active: String,
            activeWithoutPanel: String,
            activeWithoutResident: String,
            ended: String
        ) {
            self.input = input
            outcomes = [
                (.ringing, ringing), (.ringingUnderAll, underAll),
                (.ringingWithoutPanel, withoutPanel), (.active, active),
                (.activeWithoutPanel, activeWithoutPanel),
                (.activeWithoutResident, activeWithoutResident), (.ended, ended),
            ]
        }

        var testDescription: String { "\(input)" }
    }

    enum Kind: CaseIterable {
        case rang
        case answered
        case declined
        case ignored
        case previewed
        case hungUp
        case panelHungUp
        case panelLost
        case panelReturned
        case panelForgot
        case panelRevoked
        case deviceLost
        case deviceReturned
        case personRemoved
        case deviceRemoved
        case restarted
        case timePassed

        init(_ input: CallInput) {
            switch input {
            case .rang: self = .rang
            case .answered: self = .answered
            case .declined: self = .declined
            case .ignored: self = .ignored
            case .previewed: self = .previewed
            case .hungUp: self = .hungUp
            case .panelHungUp: self = .panelHungUp
            case .panelLost: self = .panelLost
            case .panelReturned: self = .panelReturned
            case .panelForgot: self = .panelForgot
            case .panelRevoked: self = .panelRevoked
            case .deviceLost: self = .deviceLost
            case .deviceReturned: self = .deviceReturned
            case .personRemoved: self = .personRemoved
            case .deviceRemoved: self = .deviceRemoved
            case .restarted: self = .restarted
            case .timePassed: self = .timePassed
            }
        }
    }
}
