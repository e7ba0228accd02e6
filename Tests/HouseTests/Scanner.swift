// SPDX-License-Identifier: Apache-2.0

/// Blanks what is not code, so that a rule never trips over a comment, a string or the name of a
/// test.
///
/// It knows comments (nested), strings (raw, of several lines, with interpolations, whose code
/// stays) and quoted names. Regular expression literals are taken for code.
struct Scanner {
    private let source: [UInt8]
    private let keepsStrings: Bool
    private var code: [UInt8]
    private var position = 0

    /// The bytes of `text` with spaces for what is not code; newlines stay where they are.
    static func blanked(_ text: String, keepingStrings: Bool = false) -> [UInt8] {
        var scanner = Scanner(source: Array(text.utf8), keepsStrings: keepingStrings)
        scanner.scanCode(inInterpolation: false)
        return scanner.code
    }

    private init(source: [UInt8], keepsStrings: Bool) {
        self.source = source
        self.keepsStrings = keepsStrings
        code = source
    }

    private mutating func scanCode(inInterpolation: Bool) {
        var depth = 0
        while position < source.count {
            if sees("//") {
                while position < source.count, !sees("\n") { blank() }
            } else if sees("/*") {
                scanBlockComment()
            } else if sees("`") {
                scanQuotedName()
            } else if let hashes = stringOpens() {
                scanString(hashes: hashes)
            } else {
                if sees("(") { depth += 1 }
                if sees(")") {
                    if inInterpolation, depth == 0 { return }
                    depth -= 1
                }
                position += 1
            }
        }
    }

    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                blank(2)
            } else if sees("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && position < source.count
    }

    private mutating func scanQuotedName() {
        blank()
        while position < source.count, !sees("`"), !sees("\n") { blank() }
        if sees("`") { blank() }
    }

    /// The number of hashes before the quote that opens a string here, or nil if none does.
    private func stringOpens() -> Int? {
        var hashes = 0
        while position + hashes < source.count, source[position + hashes] == UInt8(ascii: "#") {
            hashes += 1
        }
        let quote = position + hashes
        return quote < source.count && source[quote] == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func scanString(hashes: Int) {
        let fence = String(repeating: "#", count: hashes)
        mark(hashes)
        let quote = sees("\"\"\"") ? "\"\"\"" : "\""
        mark(quote.utf8.count)
        while position < source.count {
            if sees("\\" + fence + "(") {
                mark(hashes + 2)
                scanCode(inInterpolation: true)
                mark()
            } else if sees("\\" + fence) {
                mark(hashes + 2)
            } else if sees(quote + fence) {
                return mark(quote.utf8.count + hashes)
            } else if quote == "\"", sees("\n") {
                return
            } else {
                mark()
            }
        }
    }

    private func sees(_ text: String) -> Bool {
        source[position...].starts(with: text.utf8)
    }

    /// Passes over bytes of a string.
    private mutating func mark(_ count: Int = 1) {
        if keepsStrings {
            position += count
        } else {
            blank(count)
        }
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where position < source.count {
            if source[position] != UInt8(ascii: "\n") { code[position] = UInt8(ascii: " ") }
            position += 1
        }
    }
}
