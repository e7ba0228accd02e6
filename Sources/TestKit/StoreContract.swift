// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleStorage

/// What every store keeps, wherever its data lies: each clause is one test.
///
/// A test takes ``clauses`` as its arguments and makes a fresh ``Subject`` for each, with the
/// default bounds; a clause may close it, so that a test which closes it too does so twice.
package struct StoreContract: Sendable {
    /// An empty store under test.
    package struct Subject: Sendable {
        package let store: any Store & Ledger

        /// The clock by which groups expire.
        package let now: @Sendable () -> Now

        package init(store: any Store & Ledger, now: @escaping @Sendable () -> Now) {
            self.store = store
            self.now = now
        }
    }

    /// One thing to keep.
    package struct Clause: Sendable, CustomStringConvertible {
        /// The sentence.
        package let description: String

        private let body: @Sendable (Subject) async throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
            self.description = description
            self.body = body
        }

        /// Throws a ``ContractBreach`` if the subject does not keep it.
        package func check(_ subject: Subject) async throws(ContractBreach) {
            do {
                try await body(subject)
            } catch let breach as ContractBreach {
                throw breach
            } catch {
                throw ContractBreach("\(description): \(error)")
            }
        }
    }

    /// All of them.
    package static let clauses = directoryClauses + ledgerClauses + readingClauses

    static func require(
        _ condition: Bool,
        _ sentence: @autoclosure () -> String
    ) throws(ContractBreach) {
        if !condition { throw ContractBreach(sentence()) }
    }

    static func requireEqual<Value: Equatable>(
        _ found: Value,
        _ expected: Value,
        _ what: String
    ) throws(ContractBreach) {
        if found != expected {
            throw ContractBreach("\(what): found \(found), expected \(expected)")
        }
    }

    /// Requires that `body` is refused for breaking a rule.
    static func requireConstraint(
        _ what: String,
        _ body: () async throws(StoreError) -> Void
    ) async throws(ContractBreach) {
        do throws(StoreError) {
            try await body()
        } catch .constraint {
            return
        } catch {
            throw ContractBreach("\(what) is refused as \(error)")
        }
        throw ContractBreach("\(what) is taken")
    }

    static let time = Timestamp(milliseconds: 1_800_000_000_000)
    static let always = RestoreSpan(
        tombstonesSince: Timestamp(milliseconds: 0),
        keysSince: Timestamp(milliseconds: 0)
    )
}

extension Ledger {
    /// Appends a group and waits for its answer.
    package func answer(to group: LedgerGroup) async -> LedgerAnswer {
        await withHandoff { continuation in
            append(group) { continuation.resume(returning: $0) }
        }
    }

    /// Appends entries as one group and requires that they are written.
    package func write(_ entries: LedgerEntry...) async throws(ContractBreach) {
        try await write([LedgerGroup(entries)])
    }

    /// Appends groups one after the other, without waiting in between, and requires that all are
    /// written, answered in order.
    package func write(_ groups: [LedgerGroup]) async throws(ContractBreach) {
        let answers = Locked<[(Int, LedgerAnswer)]>([])
        await withHandoff { (continuation: Handoff<Void, Never>) in
            guard !groups.isEmpty else { return continuation.resume() }
            for (number, group) in groups.enumerated() {
                append(group) { answer in
                    let isLast = answers.withLock { answers in
                        answers.append((number, answer))
                        return answers.count == groups.count
                    }
                    if isLast { continuation.resume() }
                }
            }
        }
        for (place, answer) in answers.withLock({ $0 }).enumerated() {
            guard answer.0 == place else {
                throw ContractBreach("group \(answer.0) was answered as number \(place)")
            }
            guard answer.1 == .written else {
                throw ContractBreach("group \(place) of \(groups.count) was \(answer.1)")
            }
        }
    }
}
