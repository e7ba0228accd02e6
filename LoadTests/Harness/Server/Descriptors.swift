// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many files and sockets a process may have open.
package enum Descriptors {
    /// What a process has open beside its sockets, generously.
    private static let others = 200

    /// Raises the soft limit to the hard one, for us and for what we start; returns it.
    static func raise() -> Int {
        let which = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(which, &limit) == 0 else { return .max }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(which, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// What is missing for so many sockets, and what to do; nil where they fit.
    package static func complaint(sockets: Int, limit: Int) -> String? {
        let needed = sockets + others
        guard needed > limit else { return nil }
        return """
            \(Words.count(sockets)) sockets need \(Words.count(needed)) descriptors in the \
            generator and in the server, this process may have \(Words.count(limit)): raise the \
            hard limit (ulimit -Hn \(needed)), or load with less
            """
    }
}
