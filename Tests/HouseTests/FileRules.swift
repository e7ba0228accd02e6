// SPDX-License-Identifier: Apache-2.0

/// What every file of the house keeps to.
enum FileRules {
    /// The most lines a file may have.
    static let length = 400

    /// The licence, in the first line; Package.swift's first line belongs to the tools' version.
    static func header(_ file: SourceFile) -> [Finding] {
        let wanted = "// SPDX-License-Identifier: Apache-2.0"
        let row = file.path.hasSuffix("Package.swift") ? 1 : 0
        guard file.lines.count > row, file.lines[row] == wanted else {
            return [Finding(path: file.path, line: row + 1, message: "write `\(wanted)` here.")]
        }
        return []
    }

    /// A file that is read in one go.
    static func length(_ file: SourceFile) -> [Finding] {
        let lines = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
        guard lines > length else { return [] }
        let message = "\(lines) lines: split it, a file has at most \(length)."
        return [Finding(path: file.path, line: length + 1, message: message)]
    }

    /// Marks of what is not finished, and paths of somebody's own machine.
    static func marks(path: String, text: String) -> [Finding] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .flatMap { index, line -> [Finding] in
                let found = marks.filter { mark in
                    !Needle(mark.word).offsets(in: Array(line.utf8)).isEmpty
                }
                return found.map { mark in
                    Finding(path: path, line: index + 1, message: "`\(mark.word)`: \(mark.instead)")
                }
            }
    }

    /// Put together here, so that this file has none itself.
    private static let marks: [(word: String, instead: String)] =
        [
            "TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "WI" + "P",
            "not yet imple" + "mented",
        ]
        .map { ($0, "finish it, or write down the limitation where its reader looks.") }
        + ["/wo" + "rk/", "/tmp" + "/pk"].map {
            ($0, "a path of one machine does not belong here.")
        }
        + ["-Ounche" + "cked", "unsafeFl" + "ags"]
        .map { ($0, "the checks stay: a peer may send anything.") }

    /// The version as a literal outside of Version.swift.
    static func version(_ file: SourceFile, version: String) -> [Finding] {
        guard file.path != "Sources/Basics/Version.swift", file.place.zone != .test else {
            return []
        }
        return file.lines.enumerated().compactMap { index, line in
            guard line.contains("\"\(version)\"") else { return nil }
            let message = "write `vestibuleVersion`: the version stands in Basics/Version.swift."
            return Finding(path: file.path, line: index + 1, message: message)
        }
    }

    /// The version that Version.swift states.
    static func statedVersion(in text: String) -> String? {
        guard let line = text.split(separator: "\n").first(where: { $0.contains("let ") }) else {
            return nil
        }
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : nil
    }
}
