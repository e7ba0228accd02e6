// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The processor time that a process has used, all its threads together, as the kernel counts it
/// (`/proc/PID/stat`, fields 14 and 15; to a hundredth of a second).
struct ProcessorTime {
    /// Seconds in its own code.
    let user: Double

    /// Seconds in the kernel for it.
    let system: Double

    /// Seconds in which its threads could have run, but others had the core.
    let waited: Double

    var seconds: Double { user + system }

    /// Nil where there is no such process; of one of its threads only where that is named.
    init?(of process: pid_t, thread: pid_t? = nil) {
        let folder = thread.map { "/proc/\(process)/task/\($0)" } ?? "/proc/\(process)"
        guard let text = SmallFile.read(folder + "/stat"),
            // The name, in parentheses, may hold anything.
            let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { return nil }
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        self.user = user / ticks
        self.system = system / ticks
        waited = thread == nil ? Self.waited(process) : 0
    }

    private init(user: Double, system: Double, waited: Double) {
        self.user = user
        self.system = system
        self.waited = waited
    }

    /// The second field of each thread's `schedstat`, in nanoseconds.
    private static func waited(_ process: pid_t) -> Double {
        let tasks = "/proc/\(process)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return threads.reduce(0) { sum, thread in
            let fields = SmallFile.read("\(tasks)/\(thread)/schedstat")?.split(separator: " ") ?? []
            return sum + (fields.count > 1 ? (Double(fields[1]) ?? 0) / 1e9 : 0)
        }
    }

    static func - (left: ProcessorTime, right: ProcessorTime) -> ProcessorTime {
        ProcessorTime(
            user: left.user - right.user,
            system: left.system - right.system,
            waited: left.waited - right.waited
        )
    }
}

/// Files of the kernel, which are small and have no size.
enum SmallFile {
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
