// SPDX-License-Identifier: Apache-2.0

import CVestibuleEpoll
import Glibc

/// What a run ran on: figures of two machines, or of two loads, do not compare.
struct Machine: Codable {
    let processor: String
    let cores: Int
    let kernel: String

    /// Processes that wanted to run, on average of the last minute, when the run began.
    let loadBefore: String
    var loadAfter = ""

    init() {
        let lines = SmallFile.read("/proc/cpuinfo")?.split(separator: "\n") ?? []
        let model = lines.first { $0.hasPrefix("model name") }
        processor = model?.split(separator: ":").last.map { Self.trimmed($0) } ?? Self.architecture
        cores = Cores.allowed().count
        kernel = Self.trimmed(SmallFile.read("/proc/sys/kernel/osrelease") ?? "")
        loadBefore = Self.load
    }

    /// The averages of one, five and fifteen minutes.
    static var load: String {
        let fields = SmallFile.read("/proc/loadavg")?.split(separator: " ") ?? []
        return fields.prefix(3).joined(separator: " ")
    }

    private static var architecture: String {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: &name.machine) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

/// Which cores this process may use, and who gets which.
package enum Cores {
    /// As many cores as the kernel's interface is asked about.
    private static let most = 1024

    static func allowed() -> [Int] {
        var bits = [UInt8](repeating: 0, count: most / 8)
        let count = vestibule_cores(&bits, UInt(bits.count))
        guard count > 0 else { return [0] }
        return (0..<count * 8).filter { bits[$0 / 8] & (1 << ($0 % 8)) != 0 }
    }

    /// From now on this thread, and what it starts, runs on these only.
    static func restrict(to cores: [Int]) {
        var bits = [UInt8](repeating: 0, count: most / 8)
        for core in cores where core < most { bits[core / 8] |= 1 << (core % 8) }
        _ = vestibule_restrict_cores(bits, UInt(bits.count))
    }

    /// The cores on which a process may run, of its `/proc/PID/status` (`Cpus_allowed_list: 0-2,5`).
    package static func listed(in status: String) -> [Int] {
        let key = "Cpus_allowed_list:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) })
        else { return [] }
        return line.dropFirst(key.count).split(whereSeparator: { " \t,".contains($0) })
            .flatMap { range -> [Int] in
                let ends = range.split(separator: "-").compactMap { Int($0) }
                guard let first = ends.first, let last = ends.last, first <= last else { return [] }
                return Array(first...last)
            }
    }

    /// A core for each loop of the server, the others for the generator; nil where that leaves it
    /// none: then the system shares them out.
    static func share(loops: Int) -> (server: [Int], generator: [Int])? {
        let all = allowed()
        guard all.count > loops else { return nil }
        return (Array(all.prefix(loops)), Array(all.dropFirst(loops)))
    }
}
