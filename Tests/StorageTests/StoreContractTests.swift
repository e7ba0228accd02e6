// SPDX-License-Identifier: Apache-2.0

import Testing
import VestibuleBasics
import VestibuleSQLiteStore
import VestibuleStorage
import VestibuleTestKit

@Suite(.timeLimit(.minutes(2)))
struct StoreContractTests {
    @Test(arguments: StoreContract.clauses)
    func `the store in memory keeps`(_ clause: StoreContract.Clause) async throws {
        let clock = HandClock()
        let store = MemoryStore(clock: { clock.now })
        try await clause.check(StoreContract.Subject(store: store, now: { clock.now }))
    }

    @Test(arguments: StoreContract.clauses)
    func `the store in SQLite keeps`(_ clause: StoreContract.Clause) async throws {
        let (scratch, clock) = (Scratch(), HandClock())
        try await scratch.with(clock: clock) { store in
            try await clause.check(StoreContract.Subject(store: store, now: { clock.now }))
        }
    }

    @Test func `a store that breaks a clause is found out`() async throws {
        let clock = HandClock()
        var found: [String] = []
        for clause in StoreContract.clauses {
            let store = MemoryStore(clock: { clock.now })
            store.failNext(1)
            do throws(ContractBreach) {
                try await clause.check(StoreContract.Subject(store: store, now: { clock.now }))
            } catch {
                found.append(clause.description)
            }
        }
        #expect(found.count >= 15, "only \(found) noticed a group that was refused")
    }
}
