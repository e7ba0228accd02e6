// SPDX-License-Identifier: Apache-2.0

import Glibc
import VestibuleBasics

/// A program that was started and is ended again; its stdout is read, its stderr goes to a file.
final class Child {
    let process: pid_t
    private let output: Int32
    private var text: [UInt8] = []
    private var hasEnded = false

    /// Starts `path` on these cores (nil: as we run ourselves).
    init(
        _ path: String,
        _ arguments: [String],
        log: String,
        cores: [Int]? = nil
    ) throws(LoadFailure) {
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { throw .system("pipe", errno) }
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let before = Cores.allowed()
        if let cores { Cores.restrict(to: cores) }
        let (process, failure) = Self.spawn(path, arguments, output: pipe[1], log: log)
        if cores != nil { Cores.restrict(to: before) }
        close(pipe[1])
        guard failure == 0 else {
            close(pipe[0])
            throw .system("start \(path)", failure)
        }
        self.process = process
        output = pipe[0]
    }

    deinit {
        if !hasEnded {
            kill(process, SIGKILL)
            _ = reap()
        }
        close(output)
    }

    /// Its signals are as a fresh process has them: we block ours, see ``Interruption``.
    private static func spawn(
        _ path: String,
        _ arguments: [String],
        output: Int32,
        log: String
    ) -> (pid_t, Int32) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var process = pid_t(0)
        let failure = posix_spawn(&process, path, &actions, &attributes, words, environ)
        return (process, failure)
    }

    /// Its next line on stdout; nil where it ends, or says nothing for so long.
    func line(within time: Duration) -> String? {
        let deadline = EpollLoop.clock() + time
        while true {
            if let end = text.firstIndex(of: 10) {
                defer { text.removeFirst(end + 1) }
                return String(decoding: text[..<end], as: UTF8.self)
            }
            guard more(until: deadline) else { return nil }
        }
    }

    /// All it writes to stdout until it ends, and whether it ended well.
    func finish() -> (output: [UInt8], isGood: Bool) {
        while more(until: nil) {}
        return (text, reap() == 0)
    }

    /// Asks it to end, and makes it end after `patience`.
    func stop(patience: Duration = .seconds(10)) {
        guard !hasEnded else { return }
        kill(process, SIGTERM)
        let deadline = EpollLoop.clock() + patience
        while more(until: deadline) {}
        // Its stdout is closed when it ended; if it is not, it did not.
        if EpollLoop.clock() >= deadline { kill(process, SIGKILL) }
        _ = reap()
    }

    /// Whether it runs still.
    var isRunning: Bool {
        guard !hasEnded else { return false }
        var status: Int32 = 0
        if waitpid(process, &status, WNOHANG) == process { hasEnded = true }
        return !hasEnded
    }

    /// Waits for output; false at its end or at the deadline.
    private func more(until deadline: Moment?) -> Bool {
        let left = deadline.map { ($0 - EpollLoop.clock()).milliseconds }
        if let left, left <= 0 { return false }
        var poll = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, left.map { Int32(clamping: $0) } ?? -1) > 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(output, &bytes, bytes.count)
        guard count > 0 else { return false }
        text += bytes[..<count]
        return true
    }

    private func reap() -> Int32 {
        var status: Int32 = 0
        if !hasEnded { waitpid(process, &status, 0) }
        hasEnded = true
        return status
    }
}
