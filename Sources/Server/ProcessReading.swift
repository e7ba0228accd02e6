// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the kernel says of this process, under the names that Prometheus' own clients use.
struct ProcessReading {
    /// Processor time of all threads, in the program and in the kernel for it.
    let processorSeconds: Double

    /// Resident memory; nil where `/proc` is not there.
    let residentBytes: Int?

    /// Descriptors that are open, that of the look itself not counted; nil where `/proc` is not
    /// there or none was left to look with.
    let openDescriptors: Int?

    /// Descriptors that may be open; nil without a limit.
    let mostDescriptors: Int?

    init() {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        processorSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        residentBytes = Self.resident()
        openDescriptors = Self.descriptors()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        mostDescriptors = limit.rlim_cur > UInt(Int32.max) ? nil : Int(limit.rlim_cur)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// The entries of `/proc/self/fd`, but for `.`, `..` and the one that is read from.
    private static func descriptors() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = -3
        while readdir(folder) != nil { count += 1 }
        return count
    }

    /// The second field of `/proc/self/statm`, in pages.
    private static func resident() -> Int? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let fields = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

extension MetricsPage {
    mutating func add(_ process: ProcessReading, startedAt seconds: Double) {
        add(
            .counter,
            "process_cpu_seconds_total",
            "Processor time of all threads.",
            process.processorSeconds
        )
        if let bytes = process.residentBytes {
            add(.gauge, "process_resident_memory_bytes", "Resident memory.", bytes)
        }
        let descriptors = [
            ("process_open_fds", "Open descriptors.", process.openDescriptors),
            ("process_max_fds", "Descriptors that may be open.", process.mostDescriptors),
        ]
        for (name, help, count) in descriptors {
            if let count { add(.gauge, name, help, count) }
        }
        add(
            .gauge,
            "process_start_time_seconds",
            "When the server was started, since 1970-01-01T00:00:00Z.",
            seconds
        )
    }
}
