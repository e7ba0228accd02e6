// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// What one side of a call sends: which frames may go, under which headers, at which rate.
///
/// A frame that may not go is dropped and counted. After any video was left out nothing but a key
/// frame goes, as the other side could not decode it.
package struct MediaSender: Sendable {
    /// Why a frame was not sent.
    package struct Dropped: Sendable, Equatable {
        /// Nothing of the kind may be sent now.
        package fileprivate(set) var notAllowed = 0

        /// The link is too slow for video.
        package fileprivate(set) var paused = 0

        /// An inter frame whose reference was left out.
        package fileprivate(set) var awaitingKey = 0

        /// The socket had no room.
        package fileprivate(set) var noRoom = 0
    }

    package private(set) var rate: RateAdaptation
    package private(set) var duty = KeyFrameDuty()
    package private(set) var stamps: MediaStamps
    package private(set) var dropped = Dropped()

    /// What may be sent; nil: nothing.
    package private(set) var right: MediaRight?
    private var awaitsKey = true

    package init(stamps: MediaStamps, settings: RateAdaptation.Settings = .init()) {
        self.stamps = stamps
        rate = RateAdaptation(settings: settings)
    }

    /// What may be sent changed: a new call, a new phase of it, or another connection.
    package mutating func allowed(_ right: MediaRight?) {
        let wasNone = self.right == nil
        self.right = right
        guard let right else { return }
        if wasNone { rate.connected() }
        if wasNone || !right.video { needKey() }
    }

    /// The next video frame should be a key frame of at most so many bytes.
    package mutating func keyFrameWanted(maxBytes: Int?) { duty.asked(maxBytes: maxBytes) }

    /// `media.rate` came.
    package mutating func told(kilobits: Int) { rate.told(kilobits: kilobits) }

    /// A report of the receiver came.
    package mutating func reported(_ report: ReceiverReport, at now: Moment) {
        switch rate.reported(report, at: now) {
        case .videoPaused, .videoResumed: needKey()
        case nil: break
        }
    }

    /// What an encoder of video may spend, bit/s; 0: encode nothing.
    package var videoBits: Int {
        guard let right, right.video else { return 0 }
        return min(rate.allowedVideo, right.bitsPerSecond)
    }

    /// The key frame that is owed, or nil.
    package var demand: KeyFrameDemand? { videoBits > 0 ? duty.demand : nil }

    /// The header for an audio packet, or nil where it may not go.
    package mutating func audio(
        timestamp: UInt32,
        hasRoom: Bool = true,
        flags: MediaFlags = [],
        at now: Moment
    ) -> MediaHeader? {
        guard let right, right.audio else {
            dropped.notAllowed += 1
            return nil
        }
        guard hasRoom else {
            dropped.noRoom += 1
            stamps.dropped(.audio)
            return nil
        }
        return stamp(.audio, flags, right, timestamp, at: now)
    }

    /// The header for a video frame, or nil where it may not go.
    package mutating func video(
        isKey: Bool,
        timestamp: UInt32,
        hasRoom: Bool = true,
        flags: MediaFlags = [],
        at now: Moment
    ) -> MediaHeader? {
        guard let right, right.video else {
            dropped.notAllowed += 1
            return nil
        }
        if let reason = whyNot(isKey: isKey, hasRoom: hasRoom) {
            dropped[keyPath: reason] += 1
            stamps.dropped(.video)
            needKey()
            return nil
        }
        awaitsKey = false
        return stamp(.video, isKey ? flags.union(.key) : flags, right, timestamp, at: now)
    }

    /// A key frame of this many bytes was encoded; whether to send it or make a smaller one.
    package mutating func made(keyFrame bytes: Int) -> KeyFrameDuty.Verdict {
        duty.made(bytes: bytes)
    }

    /// The header for a photo or a scan, which belong to no call.
    package mutating func picture(
        _ kind: MediaKind,
        handle: UInt32,
        at now: Moment
    ) -> MediaHeader {
        stamps.next(
            kind,
            flags: .key,
            handle: handle,
            timestamp: stamps.timestamp(kind, at: now)
        )
    }

    /// The header for a report to the other side.
    package mutating func report(handle: UInt32, at now: Moment) -> MediaHeader {
        stamps.next(
            .report,
            flags: [],
            handle: handle,
            timestamp: stamps.timestamp(.report, at: now)
        )
    }

    private func whyNot(isKey: Bool, hasRoom: Bool) -> WritableKeyPath<Dropped, Int>? {
        if rate.isVideoPaused { return \.paused }
        if awaitsKey && !isKey { return \.awaitingKey }
        return hasRoom ? nil : \.noRoom
    }

    private mutating func needKey() {
        awaitsKey = true
        // Asked once; a request with a bound that stands already is left as it is.
        if duty.demand == nil { duty.asked() }
    }

    private mutating func stamp(
        _ kind: MediaKind,
        _ flags: MediaFlags,
        _ right: MediaRight,
        _ timestamp: UInt32,
        at now: Moment
    ) -> MediaHeader {
        let header = stamps.next(
            kind,
            flags: flags,
            handle: right.handle,
            timestamp: timestamp
        )
        rate.sent(kind, timestamp: header.timestamp, at: now)
        return header
    }
}
