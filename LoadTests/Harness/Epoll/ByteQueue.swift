// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Bytes that wait, in one block that grows when it must and is used again when it is empty.
struct ByteQueue: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private(set) var capacity: Int
    private var start = 0
    private var end = 0

    init(capacity: Int = 0) {
        self.capacity = max(capacity, 64)
        memory = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { memory.deallocate() }

    var count: Int { end - start }
    var isEmpty: Bool { start == end }

    /// What waits; good until the next call that changes the queue.
    var bytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: memory + start, count: end - start)
    }

    /// Room for `count` more bytes, counted as waiting; the caller fills all of it.
    mutating func extend(by count: Int) -> UnsafeMutableRawPointer {
        reserve(count)
        defer { end += count }
        return memory + end
    }

    /// Takes `count` bytes from the front.
    mutating func drop(_ count: Int) {
        start += min(count, end - start)
        if start == end { (start, end) = (0, 0) }
    }

    mutating func append(_ source: UnsafeRawBufferPointer) {
        guard let base = source.baseAddress else { return }
        extend(by: source.count).copyMemory(from: base, byteCount: source.count)
    }

    private mutating func reserve(_ more: Int) {
        guard end + more > capacity else { return }
        let waiting = end - start
        if waiting + more <= capacity {
            memmove(memory, memory + start, waiting)
        } else {
            capacity = max(capacity * 2, waiting + more)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            larger.copyMemory(from: memory + start, byteCount: waiting)
            memory.deallocate()
            memory = larger
        }
        (start, end) = (0, waiting)
    }
}
