// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// What people and scripts read: results on stdout, everything else on stderr.
enum Console {
    /// A whole line of results; there at once, also through a pipe.
    static func out(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    static func note(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// One clear line, then exit 1.
    static func fail(_ reason: String) -> ExitCode {
        note("vestibule: \(reason)")
        return ExitCode(1)
    }
}
