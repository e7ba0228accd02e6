// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleBasics
import VestibuleCallCore
import VestibuleStorage

/// Calls as the REST interface writes them, and as a table for people.
enum HistoryListing {
    private struct Panel: Encodable {
        let id: String
        let name: String
    }

    private struct Unit: Encodable {
        let id: String
        let label: String
    }

    private struct Answerer: Encodable {
        let resident: String
        let device: String
    }

    private struct Unlock: Encodable {
        let door: String
        let at: String
        let outcome: String
    }

    private struct Listed: Encodable {
        let id: String
        let panel: Panel
        let unit: Unit
        let startedAt: String
        let answeredAt: String?
        let endedAt: String?
        let outcome: String?
        let answeredBy: Answerer?
        let unlocks: [Unlock]
        let picture: Bool

        init(_ call: CallRecord) {
            id = call.id.text
            panel = Panel(id: call.panel.id.text, name: call.panel.name)
            unit = Unit(id: call.unit.id.text, label: call.unit.name)
            startedAt = call.startedAt.rfc3339
            answeredAt = call.answeredAt?.rfc3339
            endedAt = call.endedAt?.rfc3339
            outcome = call.outcome?.rawValue
            answeredBy = call.answeredBy.map {
                Answerer(resident: $0.resident.text, device: $0.device.text)
            }
            unlocks = call.unlocks.map {
                Unlock(door: $0.door.text, at: $0.at.rfc3339, outcome: $0.outcome.rawValue)
            }
            picture = false
        }

        /// `null` is written, not left out: clients may rely on the fields.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(id, forKey: .id)
            try container.encode(panel, forKey: .panel)
            try container.encode(unit, forKey: .unit)
            try container.encode(startedAt, forKey: .startedAt)
            try container.encode(answeredAt, forKey: .answeredAt)
            try container.encode(endedAt, forKey: .endedAt)
            try container.encode(outcome, forKey: .outcome)
            try container.encode(answeredBy, forKey: .answeredBy)
            try container.encode(unlocks, forKey: .unlocks)
            try container.encode(picture, forKey: .picture)
        }

        private enum Keys: String, CodingKey {
            case id, panel, unit, startedAt, answeredAt, endedAt, outcome, answeredBy, unlocks
            case picture
        }
    }

    static func json(_ calls: [CallRecord]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return String(decoding: try encoder.encode(calls.map(Listed.init)), as: UTF8.self)
    }

    static func text(_ calls: [CallRecord]) -> String {
        guard !calls.isEmpty else { return "no calls yet" }
        var lines = [
            "started                   from              unit   outcome      talked  doors"
        ]
        for call in calls {
            let talked = call.answeredAt.flatMap { answered in
                call.endedAt.map { "\(($0 - answered).milliseconds / 1000) s" }
            }
            let doors = call.unlocks.map(\.outcome.rawValue).joined(separator: ", ")
            lines.append(
                [
                    call.startedAt.rfc3339.padded(26), call.panel.name.padded(18),
                    call.unit.name.padded(7), (call.outcome?.rawValue ?? "live").padded(13),
                    (talked ?? "–").padded(8), doors,
                ].joined()
            )
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        count >= width ? self + " " : self + String(repeating: " ", count: width - count)
    }
}
