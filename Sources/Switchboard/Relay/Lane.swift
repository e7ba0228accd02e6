// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics

/// What is known of a frame or message that waits.
struct Waiting {
    /// Whose stream it belongs to; nil for signalling.
    ///
    /// Unretained: an outlet purges its frames before it goes.
    let outlet: Unmanaged<Outlet>?
    let flow: Flow
    let flags: UInt8
    let timestamp: UInt32
    let arrival: Moment
    let length: Int
    fileprivate(set) var offset = 0
    fileprivate(set) var isAlive = true

    /// A frame of `outlet`.
    init(_ frame: MediaFrame, of outlet: Outlet, flags: UInt8) {
        self.outlet = .passUnretained(outlet)
        flow = frame.flow
        self.flags = flags
        timestamp = frame.timestamp
        arrival = frame.arrival
        length = frame.bytes.count
    }

    /// A message.
    init(message length: Int, at now: Moment) {
        outlet = nil
        flow = .other
        flags = 0
        timestamp = 0
        arrival = now
        self.length = length
    }

    var isKey: Bool { flags & MediaFrame.keyFlag != 0 }
}

/// A queue of frames in two rings, one of bytes and one of what is known of them.
///
/// Storage grows by doubling and is kept, so that a queue in steady use allocates nothing. The
/// first frame is always a living one; frames dropped further back free their bytes when they come
/// to the front.
struct Lane: ~Copyable {
    private var entries = UnsafeMutableBufferPointer<Waiting>(start: nil, count: 0)
    private var head = 0
    private var length = 0
    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var end = 0

    /// Frames that wait.
    private(set) var count = 0

    /// Bytes of the frames that wait.
    private(set) var bytes = 0

    /// Bytes of memory held, in use or not.
    var held: Int { storage.count + entries.count * MemoryLayout<Waiting>.stride }

    deinit {
        entries.deallocate()
        storage.deallocate()
    }

    /// The frame that is written next.
    var first: Waiting? { length == 0 ? nil : entries[head] }

    /// The bytes of a waiting frame, valid until the lane is changed.
    func contents(of waiting: Waiting) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage[waiting.offset..<waiting.offset + waiting.length])
    }

    /// Copies a frame to the end.
    mutating func append(_ contents: UnsafeRawBufferPointer, as waiting: Waiting) {
        if length == entries.count { growEntries() }
        var waiting = waiting
        waiting.offset = place(for: contents.count)
        end = waiting.offset + contents.count
        storage[waiting.offset..<end].copyBytes(from: contents)
        entries[slot(length)] = waiting
        length += 1
        count += 1
        bytes += contents.count
    }

    /// Takes the first frame out.
    mutating func removeFirst() {
        kill(0)
        trim()
    }

    /// What to do with a frame that is looked at.
    enum Choice {
        case keep
        case drop

        /// Keep this and all after it.
        case stop
    }

    /// Looks at the waiting frames, oldest first, and drops what `choose` says.
    mutating func sift(_ choose: (Waiting) -> Choice) {
        search: for index in 0..<length where entries[slot(index)].isAlive {
            switch choose(entries[slot(index)]) {
            case .keep: continue
            case .drop: kill(index)
            case .stop: break search
            }
        }
        trim()
    }

    private func slot(_ index: Int) -> Int { (head + index) & (entries.count - 1) }

    private mutating func kill(_ index: Int) {
        entries[slot(index)].isAlive = false
        count -= 1
        bytes -= entries[slot(index)].length
    }

    private mutating func trim() {
        while length > 0, !entries[head].isAlive {
            head = slot(1)
            length -= 1
        }
        if length == 0 {
            head = 0
            end = 0
        }
    }

    /// Where `size` bytes go: behind the last frame, or at the start again before the first one.
    private mutating func place(for size: Int) -> Int {
        if let place = freePlace(for: size) { return place }
        growStorage(by: size)
        return end
    }

    private func freePlace(for size: Int) -> Int? {
        guard length > 0 else { return size <= storage.count ? 0 : nil }
        let start = entries[head].offset
        guard end > start else { return end + size < start ? end : nil }
        if end + size <= storage.count { return end }
        return size < start ? 0 : nil
    }

    private mutating func growEntries() {
        let larger = UnsafeMutableBufferPointer<Waiting>.allocate(
            capacity: max(32, entries.count * 2)
        )
        for index in 0..<length { larger.initializeElement(at: index, to: entries[slot(index)]) }
        entries.deallocate()
        entries = larger
        head = 0
    }

    /// Moves what waits to the start of a larger ring; the dead ones keep only their entry.
    private mutating func growStorage(by size: Int) {
        var capacity = max(16_384, storage.count * 2)
        while capacity < bytes + size { capacity *= 2 }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        end = 0
        for index in 0..<length {
            let position = slot(index)
            let waiting = entries[position]
            entries[position].offset = end
            guard waiting.isAlive else { continue }
            larger[end..<end + waiting.length].copyBytes(from: contents(of: waiting))
            end += waiting.length
        }
        storage.deallocate()
        storage = larger
    }
}
