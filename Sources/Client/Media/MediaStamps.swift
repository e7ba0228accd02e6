// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// Numbers the frames of one sender: a sequence per kind, and timestamps that start above 0.
package struct MediaStamps: Sendable, Equatable {
    private struct Lane: Sendable, Equatable {
        var sequence: UInt16 = 0
        var hasDropped = false
    }

    /// The moment that timestamps count from.
    private let start: Moment

    /// Where they begin: not at 0, which means "none yet" in a report.
    private let offset: UInt32
    private var audio = Lane()
    private var video = Lane()
    private var other = Lane()

    /// Numbers from `start` on; `offset` is drawn at random, so that a restarted sender's frames
    /// are not mistaken for those of its earlier life.
    package init(start: Moment, offset: UInt32) {
        self.start = start
        self.offset = max(1, offset)
    }

    /// The timestamp of what was captured at `moment`: 48 kHz for audio, 90 kHz for all else.
    package func timestamp(_ kind: MediaKind, at moment: Moment) -> UInt32 {
        let microseconds = max(0, (moment - start).nanoseconds) / 1_000
        let ticks =
            kind == .audio
            ? (microseconds / 125).multipliedReportingOverflow(by: 6).partialValue
            : (microseconds / 100).multipliedReportingOverflow(by: 9).partialValue
        return max(1, offset &+ UInt32(truncatingIfNeeded: ticks))
    }

    /// The next frame's header.
    package mutating func next(
        _ kind: MediaKind,
        flags: MediaFlags,
        handle: UInt32,
        timestamp: UInt32
    ) -> MediaHeader {
        withLane(kind) { lane in
            var flags = flags
            if lane.hasDropped { flags.insert(.dropped) }
            lane.hasDropped = false
            defer { lane.sequence &+= 1 }
            return MediaHeader(
                kind: kind,
                flags: flags,
                sequence: lane.sequence,
                handle: handle,
                timestamp: max(1, timestamp)
            )
        }
    }

    /// A frame was left out: the next one says so.
    package mutating func dropped(_ kind: MediaKind) {
        withLane(kind) { $0.hasDropped = true }
    }

    private mutating func withLane<Result>(
        _ kind: MediaKind,
        _ body: (inout Lane) -> Result
    ) -> Result {
        if kind == .audio { return body(&audio) }
        return kind == .video ? body(&video) : body(&other)
    }
}
