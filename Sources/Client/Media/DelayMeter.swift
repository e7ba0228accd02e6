// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// Turns pairs of send and arrival times, taken on two unrelated clocks, into delay.
///
/// The difference of the clocks is not known, so the least difference since connecting counts as
/// no delay. It may rise by 6 ms a minute (100 ppm), or a receiver whose clock runs slow would
/// look ever better and one that runs fast ever worse.
package struct DelayMeter: Sendable, Equatable {
    /// Microseconds that the zero rises in a second.
    private static let rise: Int64 = 100

    private var first: UInt32?
    private var zero: Int64 = 0
    private var measured: Moment?

    package init() {}

    /// The delay of a frame in excess of the least one.
    ///
    /// `arrival` is in the receiver's milliseconds, `sent` in the sender's; both wrap.
    package mutating func delay(arrival: UInt32, sent: UInt32, at now: Moment) -> Duration {
        let difference = arrival &- sent
        guard let first, let measured else {
            first = difference
            self.measured = now
            return .zero
        }
        let sample = Int64(Int32(bitPattern: difference &- first)) * 1_000
        let passed = max(0, (now - measured).nanoseconds / 1_000_000)
        zero = min(sample, zero + min(passed, 86_400_000) * Self.rise / 1_000)
        self.measured = now
        return .microseconds(sample - zero)
    }
}

/// When each of the last frames of one kind was sent, found again by timestamp.
package struct SendTimes: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        var timestamp: UInt32
        var sent: Moment
    }

    private var entries: [Entry] = []
    private var newest = 0
    private let capacity: Int

    /// Remembers `capacity` frames: 512 reach back ten seconds of audio.
    package init(capacity: Int = 512) {
        self.capacity = max(1, capacity)
        entries.reserveCapacity(self.capacity)
    }

    package mutating func add(timestamp: UInt32, at now: Moment) {
        let entry = Entry(timestamp: timestamp, sent: now)
        if entries.count < capacity {
            newest = entries.count
            entries.append(entry)
        } else {
            newest = (newest + 1) % capacity
            entries[newest] = entry
        }
    }

    /// When the frame with this timestamp was sent; nil for one that is too old or never was.
    package func sent(_ timestamp: UInt32) -> Moment? {
        var index = newest
        for _ in entries.indices {
            if entries[index].timestamp == timestamp { return entries[index].sent }
            index = index == 0 ? entries.count - 1 : index - 1
        }
        return nil
    }

    package mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        newest = 0
    }
}

extension Moment {
    /// Milliseconds as media reports carry them: 32 bits that wrap.
    package var wrappedMilliseconds: UInt32 {
        UInt32(truncatingIfNeeded: nanoseconds / 1_000_000)
    }
}
