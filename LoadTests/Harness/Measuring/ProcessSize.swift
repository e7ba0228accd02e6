// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// What a process holds, as the kernel says.
enum ProcessSize {
    /// Bytes resident (`/proc/PID/statm`, second field); nil where there is no such process.
    static func resident(_ process: pid_t) -> Int? {
        let fields = SmallFile.read("/proc/\(process)/statm")?.split(separator: " ") ?? []
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Open files and sockets; nil where it may not be looked at.
    static func descriptors(_ process: pid_t) -> Int? {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd"))?.count
    }
}
