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

    /// Seconds in which its threads stood in line for a core, all together.
    private let inLine: Double

    /// Seconds of its cores in which others ran there.
    private let foreign: Double

    /// Seconds in which its threads could have run, but others had the core: not where they waited for
    /// each other.
    var waited: Double { max(0, min(inLine, foreign)) }

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
        inLine = thread == nil ? Self.inLine(process) : 0
        foreign = thread == nil ? Self.busy(process) / ticks - (user + system) / ticks : 0
    }

    private init(user: Double, system: Double, inLine: Double, foreign: Double) {
        self.user = user
        self.system = system
        self.inLine = inLine
        self.foreign = foreign
    }

    /// Ticks of the cores on which the process may run, whoever ran there; interrupts are nobody's.
    private static func busy(_ process: pid_t) -> Double {
        let cores = Set(Cores.listed(in: SmallFile.read("/proc/\(process)/status") ?? ""))
        let lines = SmallFile.read("/proc/stat")?.split(separator: "\n") ?? []
        return lines.reduce(0) { sum, line in
            let fields = line.split(separator: " ")
            guard fields.count > 3, let name = fields.first, name.hasPrefix("cpu"),
                let core = Int(name.dropFirst(3)), cores.contains(core)
            else { return sum }
            return sum + fields[1...3].reduce(0) { $0 + (Double($1) ?? 0) }
        }
    }

    /// The second field of each thread's `schedstat`, in nanoseconds.
    private static func inLine(_ process: pid_t) -> Double {
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
            inLine: left.inLine - right.inLine,
            foreign: left.foreign - right.foreign
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
