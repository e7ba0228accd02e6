// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleWire

/// The protocol's page holds what the code holds: clients are written from it alone.
@Suite struct ProtocolPageTests {
    let page: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appending(path: "Sources/Wire/Wire.docc/Protocol.md")
        page = try String(contentsOf: path, encoding: .utf8)
    }

    @Test(arguments: RequestName.allCases)
    func `a message of a client is on the page`(_ name: RequestName) {
        #expect(page.contains("`\(name.rawValue)`") || page.contains("\"\(name.rawValue)\""))
    }

    @Test(arguments: EventName.allCases)
    func `an event is on the page`(_ name: EventName) {
        #expect(page.contains("| `\(name.rawValue)` |"))
    }

    @Test(arguments: ErrorCode.allCases)
    func `an error code is on the page`(_ code: ErrorCode) {
        #expect(page.contains("`\(code.rawValue)`"))
    }

    @Test(arguments: CloseCode.allCases)
    func `a close code is on the page`(_ code: CloseCode) {
        #expect(page.contains("| \(code.rawValue) |"))
    }

    @Test func `every word of every set is on the page`() {
        let words =
            Role.allCases.map(\.rawValue) + CallState.allCases.map(\.rawValue)
            + Part.allCases.map(\.rawValue) + PartReason.allCases.map(\.rawValue)
            + Outcome.allCases.map(\.rawValue) + DoorOutcome.allCases.map(\.rawValue)
            + DoorState.allCases.map(\.rawValue) + WhoKind.allCases.map(\.rawValue)
            + DoorWay.allCases.map(\.rawValue) + NotificationPermission.allCases.map(\.rawValue)
        for word in words { #expect(page.contains("`\(word)`"), "\(word)") }
    }

    @Test func `the page's transcript is read by the codecs`() {
        var read = 0
        // Lines with a part left out are for people only.
        for line in page.split(separator: "\n") where !line.contains("{…}") {
            guard let start = line.firstIndex(of: "{") else { continue }
            let json = Array(line[start...].utf8)
            if line.hasPrefix("    P→ ") || line.hasPrefix("    A→ ") {
                #expect(throws: Never.self, "\(line)") { try ClientMessage.decode(json).get() }
            } else if line.hasPrefix("    P← ") || line.hasPrefix("    A← ") {
                #expect(throws: Never.self, "\(line)") { try ServerMessage.decode(json).get() }
            } else {
                continue
            }
            read += 1
        }
        #expect(read >= 20)
    }
}
