// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Memory that a process has in the machine's (`/proc/PID/statm`, the second field, in pages).
enum ResidentMemory {
    /// Nil where there is no such process.
    static func bytes(of process: pid_t) -> Int? {
        guard let fields = SmallFile.read("/proc/\(process)/statm")?.split(separator: " "),
            fields.count > 1, let pages = Int(fields[1])
        else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
