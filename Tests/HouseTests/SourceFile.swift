// SPDX-License-Identifier: Apache-2.0

/// A Swift file as the rules see it.
struct SourceFile: Sendable {
    /// From the root, with slashes.
    let path: String

    /// As it was written.
    let text: String

    /// The same bytes with comments, strings and quoted names blanked, lines kept.
    let code: [UInt8]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code = Scanner.blanked(text)
    }

    /// The lines as they were written.
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The lines of ``code``.
    var codeLines: [String] {
        code.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// What kind of code this is.
    var place: Place { Place(path: path) }

    /// The line, counted from 1, of a byte.
    func line(at offset: Int) -> Int {
        code[..<offset].count { $0 == UInt8(ascii: "\n") } + 1
    }
}

/// Where code lives, and with that what it may do.
struct Place: Hashable, Sendable {
    /// The three kinds of code.
    enum Zone: Sendable {
        /// A library target of the house.
        case room
        /// An executable: it owns its process, its terminal and its clock.
        case binary
        /// Tests.
        case test
    }

    let zone: Zone

    /// The room's name, `vestibule`, `loadtests`, `simulation`, or the folder of the tests.
    let name: String

    init(path: String) {
        let parts = path.split(separator: "/").map(String.init)
        let folder = parts.count > 2 ? parts[1] : ""
        switch (parts.first, folder) {
        case ("Sources", "vestibule"): (zone, name) = (.binary, "vestibule")
        case ("Sources", _): (zone, name) = (.room, folder)
        case ("LoadTests", "Harness"): (zone, name) = (.room, "Harness")
        case ("LoadTests", _): (zone, name) = (.binary, "loadtests")
        case ("Tests", "Simulation"): (zone, name) = (.binary, "simulation")
        default: (zone, name) = (.test, folder)
        }
    }
}

/// Something that is not as the house wants it.
struct Finding: Hashable, Sendable, CustomStringConvertible {
    let path: String
    let line: Int

    /// What is wrong and what to write in its place.
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}
