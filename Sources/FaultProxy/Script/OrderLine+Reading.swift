// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

extension OrderLine {
    /// The longest line, in bytes.
    package static let longest = 1_024

    /// Reads a line; nil if it is empty or only a comment (`#` to its end).
    ///
    /// Throws what is wrong with it: every word counts, none is guessed.
    package static func read(_ line: some StringProtocol) throws(OrderError) -> OrderLine? {
        guard line.utf8.count <= longest else {
            throw OrderError("a line has at most \(longest) bytes")
        }
        let text = line.prefix { $0 != "#" }
        var words = Words(text)
        guard !words.isEmpty else { return nil }
        let when = try when(&words)
        let order = try Order.read(&words)
        if let extra = words.next() { throw OrderError("`\(extra)` is one word too many") }
        return OrderLine(order, when: when)
    }

    private static func when(_ words: inout Words) throws(OrderError) -> When {
        guard words.take("at") else { return .now }
        let word = try words.next("a time after `at`")
        let isLater = word.first == "+"
        let time = try Quantity.time(isLater ? String(word.dropFirst()) : word)
        return isLater ? .later(time) : .at(time)
    }
}

/// The words of a line, from the left.
struct Words {
    private var words: ArraySlice<String>

    init(_ text: some StringProtocol) {
        words = text.split(whereSeparator: \.isWhitespace).map { String($0) }[...]
    }

    var isEmpty: Bool { words.isEmpty }
    var first: String? { words.first }

    mutating func next() -> String? { words.popFirst() }

    mutating func next(_ what: String) throws(OrderError) -> String {
        guard let word = words.popFirst() else { throw OrderError("\(what) is missing") }
        return word
    }

    /// Whether the next word is this one, which is then taken.
    mutating func take(_ word: String) -> Bool {
        guard words.first == word else { return false }
        words.removeFirst()
        return true
    }
}
