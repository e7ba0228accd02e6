// SPDX-License-Identifier: Apache-2.0

/// What somebody who misspelt a word has meant.
package enum Nearest {
    /// The word of `words` that is a slip or two away from `word`, or ends like it; nil where none
    /// is near.
    package static func word(to word: String, among words: [String]) -> String? {
        let tail = "." + word.lowercased()
        if let whole = words.first(where: { $0.lowercased().hasSuffix(tail) }) { return whole }
        let allowed = max(2, word.count / 5)
        return words.map { ($0, distance(word.lowercased(), $0.lowercased())) }
            .filter { $0.1 <= allowed }
            .min { $0.1 < $1.1 }?.0
    }

    /// ` (did you mean …?)`, or nothing.
    package static func hint(for word: String, among words: [String]) -> String {
        self.word(to: word, among: words).map { " (did you mean \($0)?)" } ?? ""
    }

    /// Slips between two words: a letter more, less, other, or two exchanged (optimal string
    /// alignment).
    private static func distance(_ one: String, _ other: String) -> Int {
        let (left, right) = (Array(one.utf8), Array(other.utf8))
        var before: [Int] = []
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var next = [i + 1]
            for (j, candidate) in right.enumerated() {
                var least = min(
                    row[j + 1] + 1,
                    next[j] + 1,
                    row[j] + (letter == candidate ? 0 : 1)
                )
                if i > 0, j > 0, letter == right[j - 1], left[i - 1] == candidate {
                    least = min(least, before[j - 1] + 1)
                }
                next.append(least)
            }
            (before, row) = (row, next)
        }
        return row[right.count]
    }
}
