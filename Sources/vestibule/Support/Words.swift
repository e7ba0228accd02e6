// SPDX-License-Identifier: Apache-2.0

import VestibuleClient
import VestibuleWire

/// What clients are told, in the words of the protocol.
enum Words {
    static func of(_ error: any Error) -> String {
        switch error {
        case let failure as RequestFailure: of(failure)
        case let error as ClientError: of(error)
        default: "\(error)"
        }
    }

    static func of(_ failure: RequestFailure) -> String {
        switch failure {
        case .refused(let refusal): "refused \(refusal.code.rawValue)"
        case .unanswered: "unanswered"
        case .closed: "connection_lost"
        case .notPossible: "not_possible"
        }
    }

    static func of(_ ending: PanelEnding) -> String {
        switch ending {
        case .outcome(let outcome): outcome?.rawValue ?? "unknown"
        case .failed(let failure): of(failure)
        case .here: "here"
        case .connectionLost: "connection_lost"
        }
    }

    static func of(_ status: ConnectionStatus) -> String {
        switch status {
        case .connecting: "connecting"
        case .open: "online"
        case .waiting(let time): "connection lost, tries again in \(time)"
        case .closed(let end): "connection closed: \(of(end))"
        }
    }

    static func of(_ end: ConnectionEnd) -> String {
        switch end {
        case .stopped: "stopped here"
        case .replaced: "a newer socket of this device took over"
        case .revoked: "the credential was revoked"
        case .notAuthenticated: "the credential is not good"
        }
    }

    static func of(_ error: ClientError) -> String {
        switch error {
        case .badAddress(let address): "\(address) is no ws:// or wss:// address"
        case .unavailable(let reason): reason
        case .unreachable: "no server answered in time"
        case .refused(let end): of(end)
        }
    }
}
