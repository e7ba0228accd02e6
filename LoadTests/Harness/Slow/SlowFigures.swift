// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// What a slow receiver gets: how old sound and picture are when they come, how long the picture
/// stands, and when it is fresh again after a stall.
///
/// Counted between ``open(at:)`` and ``close(at:)``. What comes while it stalls, or within a second
/// of its end, is old by the stall's own doing: it counts for ``longestRecovery`` and nothing else.
package struct SlowFigures {
    /// Due at the sender → read here.
    package private(set) var audio = Latency()
    package private(set) var video = Latency()

    /// The longest between two pictures.
    package private(set) var longestFreeze = Duration.zero

    /// The longest from the end of a stall to the last frame that was not fresh.
    package private(set) var longestRecovery = Duration.zero

    /// The longest from the end of a stall to the first fresh picture.
    package private(set) var longestDark = Duration.zero

    /// Stalls that ended and were recovered from.
    package private(set) var recoveries = 0

    /// Sound that came, whether a stall excuses its age or not.
    package private(set) var sounds = 0

    private var isOpen = false
    private var lastPicture: Moment?
    private var stall: Stall?

    private struct Stall {
        let begin: Moment
        var end: Moment?
        var lastOld: Moment?
        var firstPicture: Moment?
    }

    /// Sound and picture that are older are not fresh.
    package static let freshAudio = Duration.milliseconds(250)
    package static let freshVideo = Duration.milliseconds(400)

    /// After a stall's end all is to be fresh.
    package static let mercy = Duration.seconds(1)

    /// How long a stall is looked after: what is old then is no longer its doing.
    private static let aftermath = Duration.seconds(5)

    package init() {}

    package mutating func open(at now: Moment) {
        isOpen = true
        lastPicture = now
    }

    package mutating func close(at now: Moment) {
        settle(at: now, isLast: true)
        if stall == nil { note(pictureAt: now) }
        isOpen = false
    }

    package mutating func stallBegins(at now: Moment) {
        settle(at: now, isLast: true)
        // A freeze that began before is the stall's from here on.
        note(pictureAt: now)
        stall = Stall(begin: now)
    }

    package mutating func stallEnds(at now: Moment) { stall?.end = now }

    /// The connection that stalled is gone: its stall is judged no more, and excuses nothing.
    package mutating func stallIsCut() { stall = nil }

    package mutating func arrivedAudio(due: Moment, at now: Moment) {
        guard isOpen else { return }
        sounds += 1
        settle(at: now, isLast: false)
        if now - due > Self.freshAudio { stall?.lastOld = now }
        if !isExcused(now) { audio.record(from: due, to: now) }
    }

    package mutating func arrivedVideo(due: Moment, at now: Moment) {
        guard isOpen else { return }
        settle(at: now, isLast: false)
        if now - due > Self.freshVideo {
            stall?.lastOld = now
        } else if stall?.end != nil, stall?.firstPicture == nil {
            stall?.firstPicture = now
        }
        if !isExcused(now) { video.record(from: due, to: now) }
        note(pictureAt: now)
    }

    /// Whether what comes now is old by a stall's doing.
    private func isExcused(_ now: Moment) -> Bool {
        guard let stall else { return false }
        return stall.end.map { now < $0 + Self.mercy } ?? true
    }

    private mutating func note(pictureAt now: Moment) {
        defer { lastPicture = now }
        guard isOpen, let lastPicture, !isExcused(now) else { return }
        // Of a freeze that a stall began, what is left after its mercy.
        let begin = stall?.end.map { max(lastPicture, $0 + Self.mercy) } ?? lastPicture
        longestFreeze = max(longestFreeze, now - begin)
    }

    /// Judges a stall once its aftermath is over, or another begins.
    private mutating func settle(at now: Moment, isLast: Bool) {
        guard let stall, let end = stall.end, isLast || now - end > Self.aftermath else { return }
        longestRecovery = max(longestRecovery, (stall.lastOld ?? end) - end)
        longestDark = max(longestDark, (stall.firstPicture ?? now) - end)
        recoveries += 1
        // What is left of its freeze counts from the end of its mercy.
        if let lastPicture { self.lastPicture = max(lastPicture, min(now, end + Self.mercy)) }
        self.stall = nil
    }
}
