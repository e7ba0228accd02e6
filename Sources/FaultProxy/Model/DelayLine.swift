// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// Bytes on their way, first in first out, each with the moment when it may come out.
///
/// One buffer and a list of marks; what is due at the same moment has one mark, so delays of whole
/// milliseconds keep the list short however small the pieces are.
struct DelayLine {
    private struct Mark {
        var end: Int
        let due: Moment
    }

    private var storage: [UInt8] = []
    private var head = 0
    private var marks: [Mark] = []
    private var firstMark = 0
    /// Bytes that ever left.
    private var left = 0

    /// Bytes on their way.
    var count: Int { storage.count - head }

    /// Appends bytes that may leave at `due`, or with those before them if that is later; answers
    /// when.
    @discardableResult
    mutating func append(_ bytes: UnsafeRawBufferPointer, due: Moment, at now: Moment) -> Moment {
        let last = firstMark < marks.count ? marks[marks.count - 1].due : due
        let due = max(due, last)
        compact(for: bytes.count)
        storage.append(contentsOf: bytes)
        let end = left + count
        if firstMark < marks.count, last == due || due <= now {
            marks[marks.count - 1].end = end
        } else {
            marks.append(Mark(end: end, due: due))
        }
        return due
    }

    /// Bytes that may leave now.
    func ready(at now: Moment) -> Int {
        var end = left
        var index = firstMark
        while index < marks.count, marks[index].due <= now {
            end = marks[index].end
            index += 1
        }
        return end - left
    }

    /// When the next bytes may leave.
    var nextDue: Moment? { firstMark < marks.count ? marks[firstMark].due : nil }

    /// When the last of them may.
    var lastDue: Moment? { firstMark < marks.count ? marks[marks.count - 1].due : nil }

    /// Lends the first bytes.
    func withFirst<Result>(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes { bytes in
            body(UnsafeRawBufferPointer(rebasing: bytes[head..<head + count]))
        }
    }

    /// The first bytes are out.
    mutating func remove(_ count: Int) {
        precondition(count <= self.count, "only what is on its way leaves")
        head += count
        left += count
        while firstMark < marks.count, marks[firstMark].end <= left { firstMark += 1 }
        if firstMark == marks.count || firstMark > 1_024 {
            marks.removeSubrange(..<firstMark)
            firstMark = 0
        }
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.capacity <= 65_536)
            head = 0
        }
    }

    /// Forgets everything; answers how many bytes that were.
    mutating func clear() -> Int {
        defer { remove(count) }
        return count
    }

    /// Moves the rest to the front where that is cheaper than to grow.
    private mutating func compact(for more: Int) {
        guard head > 0, head >= count || storage.count + more > storage.capacity else { return }
        storage.removeSubrange(..<head)
        head = 0
    }
}
