// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics
package import VestibuleWire

/// What a sender of media may send: the lower of what the server says (`media.rate`) and of its
/// own estimate, made from the receiver's reports.
///
/// TCP hides loss and shows it as delay, so delay is what is looked at: above 180 ms the rate
/// falls by 15 % a report, below 60 ms it rises slowly, above 450 ms video stops altogether, and
/// starts again, with a key frame, after a second below 150 ms.
package struct RateAdaptation: Sendable {
    /// The rule's numbers.
    package struct Settings: Sendable, Equatable {
        /// Bits per second to begin with.
        ///
        /// Higher shows a better first second, or fills a poor link.
        package var first = 600_000

        /// The estimate never falls below: audio and a slide show.
        package var least = 64_000

        /// The estimate never rises above: VP8 at 640×480 gains nothing beyond.
        package var most = 2_000_000

        /// Growth of the estimate per second below `low`.
        package var growth = 0.08

        /// Delays: above `high` the estimate falls, below `low` it rises, above `pause` video
        /// stops, below `resume` for `calm` it starts again.
        package var high: Duration = .milliseconds(180)
        package var low: Duration = .milliseconds(60)
        package var pause: Duration = .milliseconds(450)
        package var resume: Duration = .milliseconds(150)
        package var calm: Duration = .seconds(1)

        /// Reports that show no progress for this long count as delay.
        package var stuck: Duration = .milliseconds(600)

        /// What was sent, but not reported after this long without another frame, was dropped on
        /// the way: the server does so where a link is slow.
        package var lost: Duration = .seconds(2)

        /// While video is paused, no sound is sent and no report comes for so long, it is tried
        /// again: a receiver that nothing reaches stops reporting after five seconds.
        package var blind: Duration = .seconds(6)

        /// Left for audio when a video encoder is told its rate.
        package var audio = 40_000

        package init() {}
    }

    /// What changed so that the encoder must know at once.
    package enum Change: Sendable, Equatable {
        case videoPaused

        /// Video is on again and begins with a key frame.
        case videoResumed
    }

    package let settings: Settings

    /// The sender's own estimate, bit/s.
    package private(set) var estimate: Int

    /// What the server said last on this connection, bit/s.
    package private(set) var told: Int?

    /// Whether no video may be sent now.
    package private(set) var isVideoPaused = false

    /// The delay that the last report showed.
    package private(set) var delay: Duration = .zero

    private var meter = DelayMeter()
    private var audio = SendTimes()
    private var video = SendTimes(capacity: 256)
    private var reported: (audio: UInt32, video: UInt32) = (0, 0)
    private var newest: (audio: UInt32, video: UInt32) = (0, 0)
    private var sentLast: Moment?
    private var reportedLast: Moment?
    private var calmSince: Moment?
    private var adapted: Moment?
    private var unreportedSince: Moment?

    package init(settings: Settings = Settings()) {
        self.settings = settings
        estimate = settings.first
    }

    /// What may be sent in all, bit/s.
    package var allowed: Int { min(estimate, told ?? .max) }

    /// What a video encoder may spend, bit/s; 0 while video is paused.
    package var allowedVideo: Int {
        isVideoPaused ? 0 : max(0, allowed - settings.audio)
    }

    /// A new connection: other buffers, perhaps another path, so delay is measured anew, and what
    /// stopped video is gone with the older one.
    package mutating func connected() {
        meter = DelayMeter()
        audio.removeAll()
        video.removeAll()
        told = nil
        calmSince = nil
        adapted = nil
        unreportedSince = nil
        newest = (0, 0)
        sentLast = nil
        reportedLast = nil
        isVideoPaused = false
        delay = .zero
    }

    /// A frame was handed to the socket.
    package mutating func sent(_ kind: MediaKind, timestamp: UInt32, at now: Moment) {
        if kind == .audio {
            audio.add(timestamp: timestamp, at: now)
            newest.audio = timestamp
        } else if kind == .video {
            video.add(timestamp: timestamp, at: now)
            newest.video = timestamp
        } else {
            return
        }
        sentLast = now
        if unreportedSince == nil { unreportedSince = now }
    }

    /// `media.rate` came.
    package mutating func told(kilobits: Int) {
        told = max(0, min(kilobits, 4_000_000)) * 1_000
    }

    /// When ``tick(at:)`` has something to do.
    package var nextDeadline: Moment? {
        guard isVideoPaused else { return nil }
        return [sentLast, reportedLast].compactMap { $0 }.max().map { $0 + settings.blind }
    }

    /// Tries video again where nothing can show that the link is calm.
    package mutating func tick(at now: Moment) -> Change? {
        guard let nextDeadline, nextDeadline <= now else { return nil }
        return resume()
    }

    /// A report came; nothing is returned where the encoder only reads the new rate.
    package mutating func reported(_ report: ReceiverReport, at now: Moment) -> Change? {
        reportedLast = now
        guard let delay = measure(report, at: now) else { return nil }
        self.delay = delay
        defer { adapted = now }
        if isVideoPaused { return resumed(at: now) }
        if delay > settings.pause {
            pause(received: Int(report.bitsPerSecond))
            return .videoPaused
        }
        if delay > settings.high {
            cut(at: now)
        } else if delay < settings.low {
            grow(received: Int(report.bitsPerSecond), at: now)
        }
        return nil
    }
}

extension RateAdaptation {
    /// The delay that a report shows: of the frame that came last, or, where nothing came though
    /// something was sent, the time since then; nil where it shows nothing.
    private mutating func measure(_ report: ReceiverReport, at now: Moment) -> Duration? {
        let changed = (
            report.newestAudio != reported.audio ? audio.sent(report.newestAudio) : nil,
            report.newestVideo != reported.video ? video.sent(report.newestVideo) : nil
        )
        reported = (report.newestAudio, report.newestVideo)
        let sent: Moment
        switch changed {
        case (nil, nil):
            return withoutNews(at: now)
        case (let audio?, nil): sent = audio
        case (nil, let video?): sent = video
        case (let audio?, let video?): sent = max(audio, video)
        }
        unreportedSince = reported == newest ? nil : now
        return meter.delay(
            arrival: report.arrival,
            sent: sent.wrappedMilliseconds,
            at: now
        )
    }

    /// The delay that a report without news shows.
    ///
    /// While video is paused and no sound is sent, nothing new can be reported: then silence is
    /// calm, or video would never come back.
    private mutating func withoutNews(at now: Moment) -> Duration? {
        if let sentLast, now - sentLast >= settings.lost { unreportedSince = nil }
        guard let since = unreportedSince else { return isVideoPaused ? .zero : nil }
        return now - since >= settings.stuck ? now - since : nil
    }

    private mutating func cut(at now: Moment) {
        // Reports that were held up arrive together; they are one piece of news.
        if let adapted, now - adapted < .milliseconds(100) { return }
        estimate = max(settings.least, estimate * 85 / 100)
    }

    /// Grows while what is allowed is used: an estimate that nothing tests is worth nothing.
    private mutating func grow(received: Int, at now: Moment) {
        guard let adapted, estimate < max(settings.first / 2, received.doubled) else { return }
        let passed = min(Double((now - adapted).nanoseconds) / 1e9, 1)
        let grown = Double(estimate) * (1 + settings.growth * max(0, passed))
        estimate = min(settings.most, Int(grown.rounded(.up)))
    }

    /// Stops video; what got through while the queue stood is the best guess of the link.
    private mutating func pause(received: Int) {
        isVideoPaused = true
        calmSince = nil
        let through = received > 0 ? min(estimate, received) : estimate
        estimate = max(settings.least, through * 85 / 100)
    }

    private mutating func resumed(at now: Moment) -> Change? {
        guard delay < settings.resume else {
            calmSince = nil
            return nil
        }
        let since = calmSince ?? now
        calmSince = since
        return now - since >= settings.calm ? resume() : nil
    }

    private mutating func resume() -> Change {
        isVideoPaused = false
        calmSince = nil
        unreportedSince = nil
        return .videoResumed
    }
}

extension Int {
    fileprivate var doubled: Int { self > .max / 2 ? .max : self * 2 }
}
