// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import VestibuleBasics

/// What people and scripts read: results on stdout, everything else on stderr.
///
/// A full disk or a closed pipe behind either never ends the process: what cannot be written is
/// counted and lost.
enum Console {
    private static let lost = Locked((results: 0, notes: 0))

    /// A write to a closed pipe is an error, not the end; before anything is written.
    static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// A whole line of results; there at once, also through a pipe.
    static func out(_ line: String) {
        if !write(line, to: STDOUT_FILENO) { lost.withLock { $0.results += 1 } }
    }

    /// A line for whoever waits for it, of a process that goes on without a reader.
    static func announce(_ line: String) { _ = write(line, to: STDOUT_FILENO) }

    /// A line on stderr.
    ///
    /// After lines that were lost, the first one that gets through says how many.
    static func note(_ line: String) {
        let missing = lost.withLock { $0.notes }
        let gap = missing > 0 ? "vestibule: \(missing) lines were lost here\n" : ""
        let isWritten = write(gap + line, to: STDERR_FILENO)
        lost.withLock { $0.notes = isWritten ? $0.notes - missing : $0.notes + 1 }
    }

    /// One clear line, then exit 1.
    static func fail(_ reason: String) -> ExitCode {
        note("vestibule: \(reason)")
        return ExitCode(1)
    }

    /// At the end of a command that printed its results: throws where not all of them got out.
    static func requireResults() throws {
        guard lost.withLock({ $0.results }) > 0 else { return }
        throw fail("the results could not be written to stdout")
    }

    /// Whether the whole line was taken.
    private static func write(_ line: String, to descriptor: Int32) -> Bool {
        var line = line + "\n"
        return line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if written >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
                } else if errno == EAGAIN {
                    guard hasRoom(descriptor) else { return false }
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    /// Waits a second at most for a reader of a pipe that somebody made non-blocking.
    private static func hasRoom(_ descriptor: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, 1_000) == 1
    }
}
