// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// What one side of a call receives: what can be decoded, what to report, when to ask for a key
/// frame.
package struct MediaReceiver: Sendable, Equatable {
    /// What to do with a frame.
    package enum Verdict: Sendable, Equatable {
        case deliver

        /// Its reference is missing; a key frame is wanted.
        case drop
    }

    package private(set) var reports = ReportMaker()
    package private(set) var wish = KeyFrameWish()

    /// Frames that could not be decoded for want of their reference.
    package private(set) var undecodable = 0
    private var lastVideo: UInt16?

    package init() {}

    /// When ``report(at:)`` or ``shouldAsk(at:)`` has something to say.
    package var nextDeadline: Moment? {
        [reports.nextDeadline, wish.nextDeadline].compactMap { $0 }.min()
    }

    /// A frame of the call arrived; `bytes` with its header.
    package mutating func arrived(
        _ header: MediaHeader,
        bytes: Int,
        at now: Moment
    ) -> Verdict {
        reports.arrived(header, bytes: bytes, at: now)
        guard header.kind == .video else { return .deliver }
        let expected = lastVideo.map { $0 &+ 1 }
        lastVideo = header.sequence
        if header.flags.contains(.key) {
            wish.keyFrameArrived()
            return .deliver
        }
        let isGap = header.flags.contains(.dropped) || header.sequence != expected
        if isGap { wish.lost(at: now) }
        guard wish.isWanting else { return .deliver }
        undecodable += 1
        return .drop
    }

    /// The decoder failed, or was reset.
    package mutating func decoderLost(at now: Moment) { wish.lost(at: now) }

    /// Another connection: the server asks for a key frame by itself, and inter frames before it
    /// do not come.
    package mutating func connected() {
        lastVideo = nil
        reports = ReportMaker()
    }

    package mutating func report(at now: Moment) -> ReceiverReport? { reports.report(at: now) }

    package mutating func shouldAsk(at now: Moment) -> Bool { wish.shouldAsk(at: now) }
}
