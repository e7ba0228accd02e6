// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import Glibc

/// Why a run could not be made.
package enum LoadFailure: Error, CustomStringConvertible {
    /// The system refused something.
    case system(String, Int32)

    /// A program of ours did.
    case program(String, log: String)

    /// What was given on the command line does not go together.
    case usage(String)

    /// The server did not come along in time.
    case late(String)

    /// Somebody pressed control-C.
    case interrupted

    package var description: String {
        switch self {
        case .system(let what, let code): "\(what): \(String(cString: strerror(code)))"
        case .program(let what, let log): log.isEmpty ? what : "\(what); its log ends:\n\(log)"
        case .usage(let words): words
        case .late(let words): words
        case .interrupted: "interrupted"
        }
    }
}

/// Control-C as something to ask for, so that a run can put its things away.
package enum Interruption {
    private static func signals() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        return set
    }

    /// From now on the signals wait until they are asked for; before any thread is started.
    package static func hold() {
        var set = signals()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Throws where one came.
    static func check() throws(LoadFailure) {
        var set = signals()
        var atOnce = timespec()
        if sigtimedwait(&set, nil, &atOnce) > 0 { throw .interrupted }
    }
}
