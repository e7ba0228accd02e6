// SPDX-License-Identifier: Apache-2.0

import Foundation
import VestibuleBasics
import VestibuleSQLiteStore
import VestibuleStorage

/// A folder that is gone with the test.
final class Scratch: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "vestibule-" + UUID().uuidString
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/vestibule.db" }

    /// The folder alone, as its owner's, for a test that puts a database there.
    func makeFolder(mode: Int = 0o700) throws {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: mode]
        )
    }

    func open(
        _ access: SQLiteStore.Access = .server,
        limits: Limits = .quick,
        clock: HandClock? = nil
    ) async throws -> SQLiteStore {
        guard let clock else {
            return try await SQLiteStore.open(folder: path, limits: limits, access: access)
        }
        return try await SQLiteStore.open(
            folder: path,
            limits: limits,
            access: access,
            clock: { clock.now }
        )
    }

    /// Opens the store, lends it, and closes it whatever happens.
    @discardableResult
    func with<Result>(
        _ access: SQLiteStore.Access = .server,
        limits: Limits = .quick,
        clock: HandClock? = nil,
        _ body: (SQLiteStore) async throws -> Result
    ) async throws -> Result {
        let store = try await open(access, limits: limits, clock: clock)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }
}

/// Both clocks, moved by hand.
final class HandClock: Sendable {
    private let state = Locked(
        Now(
            moment: Moment(nanoseconds: 1_000_000_000_000),
            time: Timestamp(milliseconds: 1_800_000_000_000)
        )
    )

    var now: Now { state.withLock { $0 } }

    func advance(by duration: Duration) {
        state.withLock {
            $0 = Now(moment: $0.moment + duration, time: $0.time + duration)
        }
    }
}

extension Limits {
    /// Waits of milliseconds.
    static var quick: Limits {
        var limits = Limits()
        limits.ledger.retry = .milliseconds(5)
        return limits
    }
}

/// The answers of a ledger, in the order they came.
final class Answers: Sendable {
    private let state = Locked<[LedgerAnswer]>([])

    var all: [LedgerAnswer] { state.withLock { $0 } }
    var note: @Sendable (LedgerAnswer) -> Void {
        { answer in self.state.withLock { $0.append(answer) } }
    }
}
