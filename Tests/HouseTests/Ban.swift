// SPDX-License-Identifier: Apache-2.0

/// A call that the house does not make, and what it makes in its place.
struct Ban: Sendable, CustomStringConvertible {
    /// The word that is looked for, whole.
    let word: String

    /// What must come after the word, spaces and generic arguments passed over; nothing to ban the
    /// word itself.
    var then: [String] = []

    /// A free function: after a dot it is somebody's method, and fine.
    var free = false

    /// A call whose arguments hold this is fine.
    var unless: String?

    /// The kinds of code it is banned in.
    var zones: Set<Place.Zone> = [.room, .binary, .test]

    /// Rooms and folders where it is at home.
    var home: Set<String> = []

    /// Files where it is right, each with the reason.
    var exceptions: [String: String] = [:]

    /// What to write in its place, and why.
    let instead: String

    /// Code that breaks the rule, to prove that it bites.
    let planted: String

    /// Similar code that is fine.
    let innocent: String

    var description: String { word + (then.first ?? "") }

    /// Where `file` breaks this rule.
    func findings(in file: SourceFile) -> [Finding] {
        guard applies(to: file) else { return [] }
        return Needle(word).offsets(in: file.code).filter { isCall(at: $0, in: file.code) }
            .map { offset in
                Finding(
                    path: file.path,
                    line: file.line(at: offset),
                    message: "`\(description)` is banned here: \(instead)"
                )
            }
    }

    private func applies(to file: SourceFile) -> Bool {
        zones.contains(file.place.zone) && !home.contains(file.place.name)
            && exceptions[file.path] == nil
    }

    private func isCall(at offset: Int, in code: [UInt8]) -> Bool {
        let before = code[..<offset]
        if free, before.last == UInt8(ascii: "."), !before.ends(with: "Swift.") { return false }
        if free, before.ends(with: "func ") { return false }
        let rest = afterGenerics(code[(offset + word.utf8.count)...])
        guard then.isEmpty || then.contains(where: { rest.starts(with: $0.utf8) }) else {
            return false
        }
        guard let unless else { return true }
        return Needle(unless).offsets(in: Array(rest.prefix(argumentLength(rest)))).isEmpty
    }

    /// What follows the word, without spaces before it and without generic arguments.
    private func afterGenerics(_ rest: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = rest.drop { $0 == UInt8(ascii: " ") }
        guard rest.first == UInt8(ascii: "<"), then.contains(where: { $0 != "<" }) else {
            return rest
        }
        let line = rest.prefix { $0 != UInt8(ascii: "\n") }
        guard let close = line.lastIndex(of: UInt8(ascii: ">")) else { return rest }
        rest = rest[(close + 1)...].drop { $0 == UInt8(ascii: " ") }
        return rest
    }

    /// Bytes up to the parenthesis that closes the call.
    private func argumentLength(_ rest: ArraySlice<UInt8>) -> Int {
        var depth = 0
        for (count, byte) in rest.enumerated() {
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") {
                depth -= 1
                if depth <= 0 { return count }
            }
        }
        return rest.count
    }
}

/// A word that is looked for in code.
struct Needle {
    private let bytes: [UInt8]

    init(_ word: String) {
        bytes = Array(word.utf8)
    }

    /// Where it stands as a whole word.
    func offsets(in code: [UInt8]) -> [Int] {
        guard let first = bytes.first, let last = bytes.last, code.count >= bytes.count else {
            return []
        }
        var found: [Int] = []
        code.withUnsafeBufferPointer { code in
            for offset in 0...(code.count - bytes.count) where code[offset] == first {
                guard bytes.indices.allSatisfy({ code[offset + $0] == bytes[$0] }) else { continue }
                let end = offset + bytes.count
                if first.isNamePart, offset > 0, code[offset - 1].isNamePart { continue }
                if last.isNamePart, end < code.count, code[end].isNamePart { continue }
                found.append(offset)
            }
        }
        return found
    }
}

extension UInt8 {
    /// Whether it may stand inside a name; every byte beyond ASCII may.
    fileprivate var isNamePart: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...:
            true
        default:
            false
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func ends(with text: String) -> Bool {
        suffix(text.utf8.count).elementsEqual(text.utf8)
    }
}
