// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// A frame that was sent: what it was and when it was due.
package struct SentFrame: Equatable {
    /// Counts from 0, and does not wrap as the sequence in the header does.
    var number: Int

    /// Latency counts from here, not from when it left.
    package var due: Moment
    var timestamp: UInt32

    /// Which frame of the loop; -1 for a report.
    var index: Int32
}

/// What one party sent of one kind, kept long enough to meet it again at the other end.
package struct SentLane {
    /// Frames sent so far.
    private(set) var count = 0
    private var ring: [SentFrame]
    private let rate: Int64
    private let offset: UInt32
    private let start: Moment

    /// What became of a number.
    package enum Record: Equatable {
        case kept(SentFrame)

        /// It was sent so long ago that nobody knows what it was.
        case forgotten

        case never
    }

    /// A thousand reach back 20 s of sound: longer than any queue of the server may grow.
    package static let usual = 1024

    /// Five minutes of sound: for a receiver of 1 KB/s the kernels alone hold more than 20 s.
    package static let long = 16_384

    /// Timestamps tick `rate` times a second from `start` on, and begin at `offset`; the newest
    /// `capacity` frames are kept.
    package init(
        rate: UInt32,
        offset: UInt32,
        start: Moment,
        keeping capacity: Int = SentLane.usual
    ) {
        self.rate = Int64(rate)
        self.offset = max(1, offset)
        self.start = start
        let none = SentFrame(number: -1, due: start, timestamp: 0, index: -1)
        ring = Array(repeating: none, count: capacity)
    }

    /// The sequence number of the next frame.
    var sequence: UInt16 { UInt16(truncatingIfNeeded: count) }

    /// The timestamp of what is captured at `moment`.
    func timestamp(at moment: Moment) -> UInt32 {
        let microseconds = (moment - start).nanoseconds / 1_000
        let ticks = microseconds * rate / 1_000_000
        return max(1, offset &+ UInt32(truncatingIfNeeded: ticks))
    }

    /// The next frame has gone.
    package mutating func sent(due: Moment, timestamp: UInt32, index: Int) {
        ring[count % ring.count] = SentFrame(
            number: count,
            due: due,
            timestamp: timestamp,
            index: Int32(truncatingIfNeeded: index)
        )
        count += 1
    }

    /// The frame of this number; nil where it never was, or too long ago.
    func frame(_ number: Int) -> SentFrame? {
        guard number >= 0, number < count else { return nil }
        let frame = ring[number % ring.count]
        return frame.number == number ? frame : nil
    }

    /// The same, telling apart what never was and what was too long ago.
    package func record(_ number: Int) -> Record {
        guard number >= 0, number < count else { return .never }
        return frame(number).map(Record.kept) ?? .forgotten
    }
}

/// What arrived of one kind: each in its order, each gap announced.
package struct ArrivedLane {
    /// What a frame's number says.
    package enum Place: Equatable {
        case next(number: Int)

        /// `missing` frames before it did not come; `isTold` where flag 2 says so.
        case afterGap(number: Int, missing: Int, isTold: Bool)

        /// It, or a later one, was here before.
        case repeated

        /// Flag 2 without a gap.
        case falseGap(number: Int)
    }

    /// Frames that arrived.
    package private(set) var count = 0
    private var expected = 0

    package init() {}

    /// Takes the next header.
    package mutating func take(_ header: MediaHeader) -> Place {
        let ahead = Int(
            Int16(bitPattern: header.sequence &- UInt16(truncatingIfNeeded: expected))
        )
        guard ahead >= 0 else { return .repeated }
        let number = expected + ahead
        let isTold = header.flags.contains(.dropped)
        count += 1
        expected = number + 1
        guard ahead > 0 else {
            return isTold ? .falseGap(number: number) : .next(number: number)
        }
        return .afterGap(number: number, missing: ahead, isTold: isTold)
    }
}
