// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// A server's message as bytes and as a value: the protocol, written down.
struct ServerVector: Sendable, CustomStringConvertible {
    let description: String
    let json: String
    let message: ServerMessage

    init(_ description: String, _ json: String, _ message: ServerMessage) {
        self.description = description
        self.json = json
        self.message = message
    }

    static let all = answers + welcomes + events

    static let offer = CallOffer(
        call: Sample.call,
        handle: 7,
        panel: PanelName(id: Sample.panel, name: "Main entrance"),
        unit: Sample.unit,
        property: Sample.property,
        startedAt: Sample.time,
        expiresAt: Sample.later,
        remainingMs: 30250,
        doors: [DoorName(id: Sample.door, name: "Door")]
    )

    static let passAnswer = answer {
        $0.handle = 9
        $0.command = Sample.command
        $0.pass = PassName(name: "Cleaner")
    }

    static let bookAnswer = answer {
        $0.passes = PassBook(
            version: 4,
            keys: [PassKey(id: "p1", key: "AAAA")],
            revoked: [Sample.pass],
            zones: ["Europe/Vienna", "UTC"],
            maxAge: 3600
        )
    }

    static let codeAnswer = answer {
        $0.code = "7Q4-K2M"
        $0.remainingMs = 600_000
    }

    private static func answer(_ fill: (inout Answer) -> Void) -> Answer {
        var answer = Answer.done
        fill(&answer)
        return answer
    }
}
