// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VestibuleBasics
import VestibuleNotifier
import VestibuleSQLiteStore
import VestibuleServer
import VestibuleStorage
import VestibuleTestKit
import VestibuleWire

extension ServerTests {
    /// What leaves the server for those who sleep.
    @Suite struct PushTests {
        /// What a gateway reads of a push to know whom to wake.
        private struct Body: Decodable {
            let kind: String
            let device: String
            let call: String
        }

        @Test func `the operator's gateway learns which device to wake`() async throws {
            let gateway = ScriptedServer { _ in .answer(202) }
            let address = "http://127.0.0.1:\(gateway.port)/push"
            let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
            try await withServer(configuration: {
                $0.webhook = .init(url: address, secret: secret)
            }) { server in
                let panel = try await server.panel()
                let unit = server.building.unit()
                let asked = try await panel.asks(.callStart(unit: unit, key: "press"))
                let call = try #require(asked.call)
                let devices = server.building.devices()
                try await server.clients.eventually("a push for each device") {
                    gateway.requests.count >= devices.count
                }
                let bodies = try gateway.requests.map {
                    try JSONDecoder().decode(Body.self, from: Data($0.body))
                }
                #expect(bodies.map(\.device).sorted() == devices.map(\.text).sorted())
                #expect(bodies.allSatisfy { $0.kind == "ring" && $0.call == call.text })
                #expect(Set(gateway.requests.map { $0.field("webhook-id") }).count == bodies.count)
            }
            await gateway.stop()
        }

        @Test func `a push that no inbox takes is in the record, device by device`() async throws {
            let recorder = Recorder()
            try await withServer(notifiers: [recorder], limits: { $0.push.inbox = 1 }) { server in
                let panel = try await server.panel()
                let unit = server.building.unit()
                let asked = try await panel.asks(.callStart(unit: unit, key: "press"))
                let call = try #require(asked.call)
                let devices = Set(server.building.devices())
                try await server.clients.eventually("a verdict for each device") {
                    let pushes = try await server.store { try await $0.pushes(of: call) }
                    return Set(pushes.map(\.device)) == devices
                }
            }
        }
    }
}
