// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The processor time that a process has used, all its threads together, as the kernel counts it
/// (`/proc/PID/stat`, fields 14 and 15; to a hundredth of a second).
struct ProcessorTime {
    /// Seconds in its own code.
    let user: Double

    /// Seconds in the kernel for it.
    let system: Double

    var seconds: Double { user + system }

    /// Nil where there is no such process.
    init?(of process: pid_t) {
        guard let text = SmallFile.read("/proc/\(process)/stat"),
            // The name, in parentheses, may hold anything.
            let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { return nil }
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        self.user = user / ticks
        self.system = system / ticks
    }

    private init(user: Double, system: Double) {
        self.user = user
        self.system = system
    }

    static func - (left: ProcessorTime, right: ProcessorTime) -> ProcessorTime {
        ProcessorTime(user: left.user - right.user, system: left.system - right.system)
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
