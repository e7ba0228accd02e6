// SPDX-License-Identifier: Apache-2.0

import VestibuleEventLoop
import VestibuleStorage

/// The reader's connection, on a worker of its own: a long read never delays the ledger.
actor StoreReader {
    private nonisolated let worker: Worker
    private let connection: Connection

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        worker.asUnownedSerialExecutor()
    }

    init(worker: Worker, connection: sending Connection) {
        self.worker = worker
        self.connection = connection
    }

    /// Runs `body` with the connection, on the worker.
    func run<Result: Sendable>(
        _ body: @Sendable (Connection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try body(connection)
    }

    /// Closes the connection; what is asked later fails.
    func close() {
        connection.close()
    }
}
