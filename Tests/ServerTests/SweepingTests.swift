// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleAccessCore
import VestibuleBasics
import VestibuleCallCore
import VestibuleEventLoop
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTestKit

extension ServerTests {
    /// A server starts on a store that has seen better days.
    @Suite struct SweepingTests {
        private let always = RestoreSpan(
            tombstonesSince: Timestamp(milliseconds: 0),
            keysSince: Timestamp(milliseconds: 0)
        )

        private func key(_ name: String, at time: Timestamp) -> LedgerEntry {
            .key(
                KeyRecord(
                    principal: .panel(.nothing),
                    key: name,
                    fact: .command(.nothing),
                    at: time
                )
            )
        }

        @Test func `a start removes what is too old`() async throws {
            try await withServer(limits: { $0.door.keysKept = 1 }) { server in
                await server.stop()
                let now = EventLoop.readNow().time
                try await server.store { store in
                    try await store.write(key("old", at: now + .seconds(-3 * 86_400)))
                    try await store.write(key("new", at: now))
                }
                try await server.start()
                await server.stop()
                let keys = try await server.store { try await $0.restore(always).keys }
                #expect(keys.map(\.key) == ["new"])
            }
        }

        @Test func `a server starts without the call that it cannot read`() async throws {
            try await withServer { server in
                await server.stop()
                var fixtures = StoreFixtures(seed: 1, at: EventLoop.readNow().time)
                let plan = fixtures.plan()
                try await server.store { store in
                    try await store.write(
                        fixtures.groups(plan, fixtures.log(plan, .offered(group: 0)))
                    )
                    try await store.withWriter { (connection) throws(StoreError) in
                        try connection.execute("UPDATE call_events SET body = '{}' WHERE idx = 1")
                    }
                }
                try await server.start()
                let talk = try await server.talk()
                #expect(talk.call != plan.call)
            }
        }
    }
}
