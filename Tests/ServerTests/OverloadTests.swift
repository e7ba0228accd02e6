// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleServer
import VestibuleStorage
import VestibuleWire

extension ServerTests {
    /// New calls are refused before running ones suffer.
    @Suite struct OverloadTests {
        /// Two units and two panels.
        private let building = TestBuilding(BuildingShape(units: 2, panels: 2))

        @Test func `a loop with too much to do refuses new calls, and the running one goes on`()
            async throws
        {
            try await withServer(
                building,
                limits: { limits in
                    // What one call's media cost is too much here.
                    limits.overload.busy = 1
                    limits.overload.calm = 1
                    limits.overload.seconds = 1
                    limits.session.framesPerSecond = 1_000_000
                    limits.session.bitsPerSecond = 1_000_000_000
                },
                { server in
                    let talk = try await server.talk()
                    let panel = try await server.panel(1)
                    let gauge = "vestibule_loop_overloaded{loop=\"0\"}"
                    try await server.clients.eventually("an overloaded loop") {
                        try await talk.flows(times: 20)
                        return try await server.metrics()[gauge] == 1
                    }
                    let press = ClientRequest.callStart(
                        unit: server.building.unit(1),
                        key: panel.newID()
                    )
                    let refusal = try await panel.isRefused(press)
                    #expect(refusal.code == .busyServer)
                    try await talk.flows()
                    try await talk.hangsUp()
                    #expect(try await server.metrics().refusals("busy_server") == 1)
                }
            )
        }

        @Test func `as many calls as may live, and no more`() async throws {
            try await withServer(
                building,
                limits: { $0.call.live = 1 },
                { server in
                    let talk = try await server.talk()
                    let panel = try await server.panel(1)
                    let key = panel.newID()
                    let press = ClientRequest.callStart(unit: server.building.unit(1), key: key)
                    #expect(try await panel.isRefused(press).code == .busyServer)
                    try await talk.flows()
                    try await talk.hangsUp()
                    // The same press, as the guest tries again.
                    #expect(try await panel.asks(press).call != nil)
                }
            )
        }
    }
}
