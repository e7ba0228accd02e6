// SPDX-License-Identifier: Apache-2.0

import CVestibuleSupport
import Glibc

/// SIGTERM, SIGINT and SIGHUP as values, whichever thread the kernel gave them to.
package struct ProcessSignals: Sendable {
    /// What the process is asked to do.
    package enum Request: Sendable {
        /// SIGTERM or SIGINT.
        case stop

        /// SIGHUP.
        case reload
    }

    /// The requests as they come; ends where the process can have no pipe.
    package let requests: AsyncStream<Request>
    private let worker = Worker(name: "signals", capacity: 1)

    /// Takes the signals over; once a process.
    package init() {
        let (stream, continuation) = AsyncStream<Request>.makeStream()
        requests = stream
        let descriptor = vestibule_signal_pipe()
        let isWatching =
            descriptor >= 0
            && worker.submit {
                var number: UInt8 = 0
                while read(descriptor, &number, 1) == 1 {
                    continuation.yield(Int32(number) == SIGHUP ? .reload : .stop)
                }
                continuation.finish()
            }
        if !isWatching { continuation.finish() }
    }
}
