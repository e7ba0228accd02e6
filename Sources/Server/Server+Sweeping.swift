// SPDX-License-Identifier: Apache-2.0

import Logging
import VestibuleBasics
import VestibuleEventLoop
import VestibuleSQLiteStore
import VestibuleStorage

/// What keeps the store small and its troubles known.
extension Server {
    /// Removes what is too old, now and every ``LedgerLimits/sweep``; ends with `watcher`, which is
    /// cancelled with it.
    func sweep(_ store: SQLiteStore, beside watcher: Task<Void, Never>) -> Task<Void, Never> {
        Task { [logger, limits = configuration.limits] in
            await withTaskCancellationHandler {
                repeat {
                    await Self.removeOld(from: store, limits, logger)
                    try? await Task.sleep(for: limits.ledger.sweep)
                } while !Task.isCancelled
                await watcher.value
            } onCancel: {
                watcher.cancel()
            }
        }
    }

    private static func removeOld(
        from store: SQLiteStore,
        _ limits: Limits,
        _ logger: Logger
    ) async {
        let span = PruneSpan(limits, at: EventLoop.readNow().time)
        var removed = 0
        do {
            var batch = 0
            repeat {
                batch = try await store.prune(span)
                removed += batch
            } while batch > 0 && !Task.isCancelled
        } catch {
            logger.error("what is too old stays: \(error)")
        }
        if removed > 0 { logger.info("removed what was too old", metadata: ["rows": "\(removed)"]) }
    }

    /// Says what was done to an older store, and what of it cannot be read.
    func report(_ migration: Migration?, _ restored: Restored) {
        if let migration {
            logger.notice(
                "the store was brought to a new version; a copy of the old one is kept",
                metadata: [
                    "from": "\(migration.from)", "to": "\(migration.to)",
                    "copy": "\(migration.copy)",
                ]
            )
        }
        let unsent = restored.outbox.count
        if unsent > 0 {
            logger.warning(
                "the outbox holds what this version has no sender for",
                metadata: ["entries": "\(unsent)"]
            )
        }
        for fault in restored.unreadable {
            logger.error(
                "\(fault.what) cannot be read and is left out",
                metadata: ["reason": "\(fault.reason)"]
            )
        }
    }
}
