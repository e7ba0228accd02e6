// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the kernel says of this process, under the names that Prometheus' own clients use.
struct ProcessReading {
    /// Processor time of all threads, in the program and in the kernel for it.
    let processorSeconds: Double

    /// Resident memory; nil where `/proc` is not there.
    let residentBytes: Int?

    init() {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        processorSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        residentBytes = Self.resident()
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
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
        add(
            .gauge,
            "process_start_time_seconds",
            "When the server was started, since 1970-01-01T00:00:00Z.",
            seconds
        )
    }
}
