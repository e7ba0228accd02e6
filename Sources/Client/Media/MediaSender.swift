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

        /// A key frame that is to be made again, smaller.
        package fileprivate(set) var tooLarge = 0
    }

    package private(set) var rate: RateAdaptation
    package private(set) var duty = KeyFrameDuty()
    package private(set) var stamps: MediaStamps
    package private(set) var dropped = Dropped()

    /// What may be sent; nil: nothing.
    package private(set) var right: MediaRight?
    private var awaitsKey = true

    /// The call that was sent to last: what was learnt of its link means nothing to the next one.
    private var lastCall: CallID?

    package init(stamps: MediaStamps, settings: RateAdaptation.Settings = .init()) {
        self.stamps = stamps
        rate = RateAdaptation(settings: settings)
    }

    /// What may be sent changed: a new call, a new phase of it, or another connection.
    package mutating func allowed(_ right: MediaRight?) {
        let wasNone = self.right == nil
        self.right = right
        guard let right else { return }
        let isNewCall = right.call != lastCall
        lastCall = right.call
        if isNewCall {
            rate = RateAdaptation(settings: rate.settings)
            duty = KeyFrameDuty()
        } else if wasNone {
            rate.connected()
        }
        if isNewCall || wasNone || !right.video { needKey() }
    }

    /// The next video frame should be a key frame of at most so many bytes.
    package mutating func keyFrameWanted(maxBytes: Int?) { duty.asked(maxBytes: maxBytes) }

    /// `media.rate` came.
    package mutating func told(kilobits: Int) { rate.told(kilobits: kilobits) }

    /// A report of the receiver came.
    package mutating func reported(_ report: ReceiverReport, at now: Moment) {
        if rate.reported(report, at: now) != nil { needKey() }
    }

    /// When ``tick(at:)`` has something to do.
    package var nextDeadline: Moment? { right == nil ? nil : rate.nextDeadline }

    /// Time passed without a report.
    package mutating func tick(at now: Moment) {
        if right != nil, rate.tick(at: now) != nil { needKey() }
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

    /// The header for a video frame of so many bytes, or nil where it may not go.
    ///
    /// A key frame that is too large for its receiver is left out like one that finds no room: the
    /// demand stands, with its bound, until one goes.
    package mutating func video(
        isKey: Bool,
        bytes: Int = 0,
        timestamp: UInt32,
        hasRoom: Bool = true,
        flags: MediaFlags = [],
        at now: Moment
    ) -> MediaHeader? {
        guard let right, right.video else {
            dropped.notAllowed += 1
            return nil
        }
        if let reason = whyNot(isKey: isKey, bytes: bytes, hasRoom: hasRoom) {
            dropped[keyPath: reason] += 1
            stamps.dropped(.video)
            needKey()
            return nil
        }
        awaitsKey = false
        if isKey { duty.sent() }
        return stamp(.video, isKey ? flags.union(.key) : flags, right, timestamp, at: now)
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

    private mutating func whyNot(
        isKey: Bool,
        bytes: Int,
        hasRoom: Bool
    ) -> WritableKeyPath<Dropped, Int>? {
        if rate.isVideoPaused { return \.paused }
        if awaitsKey && !isKey { return \.awaitingKey }
        guard hasRoom else { return \.noRoom }
        return isKey && duty.isTooLarge(bytes: bytes) ? \.tooLarge : nil
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
