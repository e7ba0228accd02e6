// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Raw bytes that grow at the end; lent by its loop's pool, loop-confined.
package final class ByteBuffer {
    private(set) var base: UnsafeMutableRawPointer
    private var size: Int
    private(set) var count = 0

    package init(capacity: Int) {
        size = capacity
        base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        base.deallocate()
    }

    /// Bytes that it holds without being made larger.
    package var capacity: Int { size }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    func removeAll() {
        count = 0
    }

    /// Makes room for `length` bytes at the end and says where they go.
    @inline(__always)
    func grow(by length: Int) -> UnsafeMutableRawPointer {
        if count + length > size { reallocate(atLeast: count + length) }
        let place = base + count
        count += length
        return place
    }

    func append(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress else { return }
        grow(by: source.count).copyMemory(from: start, byteCount: source.count)
    }

    /// Where more may be put, and how much: bytes count once they are ``fill(_:)``ed in.
    var free: (place: UnsafeMutableRawPointer, room: Int) { (base + count, size - count) }

    /// So many bytes were put behind the last one.
    func fill(_ length: Int) {
        count += length
    }

    /// Makes room for `wanted` bytes in all.
    func reserve(_ wanted: Int) {
        if wanted > size { reallocate(atLeast: wanted) }
    }

    /// Forgets the first bytes.
    func removeFirst(_ length: Int) {
        count -= length
        if length > 0, count > 0 { memmove(base, base + length, count) }
    }

    private func reallocate(atLeast wanted: Int) {
        let larger = max(wanted, size * 2)
        let place = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        place.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = place
        size = larger
    }
}

/// Buffers that nobody uses now, so that an idle connection holds none; bounded in bytes.
package struct BufferPool {
    private var spare: [ByteBuffer] = []

    /// Bytes of the buffers that are kept.
    package private(set) var keptBytes = 0

    package init() {}

    /// A spare buffer, or a small new one; empty.
    package mutating func take() -> ByteBuffer {
        guard let buffer = spare.popLast() else { return ByteBuffer(capacity: 4_096) }
        keptBytes &-= buffer.capacity
        return buffer
    }

    /// Keeps a buffer if it is worth it and there is room.
    package mutating func give(_ buffer: ByteBuffer) {
        guard buffer.capacity <= Tuning.keptBufferSize,
            keptBytes &+ buffer.capacity <= Tuning.keptBytes
        else { return }
        buffer.removeAll()
        keptBytes &+= buffer.capacity
        spare.append(buffer)
    }
}
