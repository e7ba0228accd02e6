// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleEventLoop

/// SIGTERM, SIGINT and SIGHUP as values: blocked for all threads, taken by one that waits.
struct Signals {
    enum Signal: Sendable {
        case stop
        case reload
    }

    private let worker = Worker(name: "signals", capacity: 1)
    let arrivals: AsyncStream<Signal>

    /// To be made before any other thread is started, since threads inherit what is blocked.
    init() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let (stream, continuation) = AsyncStream<Signal>.makeStream()
        arrivals = stream
        let waited = set
        _ = worker.submit {
            var set = waited
            while true {
                var number: Int32 = 0
                guard sigwait(&set, &number) == 0 else { return }
                continuation.yield(number == SIGHUP ? .reload : .stop)
            }
        }
    }
}
