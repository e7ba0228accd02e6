// SPDX-License-Identifier: Apache-2.0

package import VestibuleBasics

/// A rhythm fixed beforehand: what is late does not delay what comes after it.
package struct Beat {
    private let origin: Int64
    private let period: Int64

    /// Beats fall on multiples of this, where the loop wakes anyway: a deadline between two of
    /// them would be met late, and the server blamed.
    private let grain: Int64

    /// `share` (0 ..< 1) of the period shifts the beat, so that many of one rhythm spread evenly.
    package init(from origin: Moment, perSecond: Int, share: Double, grain: Duration) {
        period = 1_000_000_000 / Int64(perSecond)
        self.origin = origin.nanoseconds + Int64(share * Double(period))
        self.grain = max(1, grain.nanoseconds)
    }

    /// The first beat after `moment`, which is not before the origin.
    package func first(after moment: Moment) -> Moment {
        let passed = max(0, moment.nanoseconds - origin)
        let exact = origin + (passed / period + 1) * period
        return Moment(nanoseconds: (exact + grain - 1) / grain * grain)
    }

    /// The share of the `index`-th of many: any number of them in a row is spread evenly (the
    /// additive recurrence of the golden ratio, and of the plastic number for a second rhythm that
    /// is not in step with the first).
    package static func share(_ index: Int, second: Bool = false) -> Double {
        let product = Double(index) * (second ? 0.754_877_666_246_692_7 : 0.618_033_988_749_894_9)
        return product - product.rounded(.down)
    }
}

/// The two rhythms of one end of a call: which frames are due.
struct MediaBeats {
    private let audio: Beat
    private let video: Beat
    private var audioNext: Moment
    private var videoNext: Moment

    /// Those of the `index`-th of all ends, with so many pictures a second, of which all but one of
    /// `thinning` are left out; sound likewise.
    init(_ index: Int, fps: Int, from start: Moment, grain: Duration, thinning: Int = 1) {
        audio = Beat(
            from: start,
            perSecond: max(1, LoopFrames.packets / thinning),
            share: Beat.share(index),
            grain: grain
        )
        video = Beat(
            from: start,
            perSecond: max(1, fps / thinning),
            share: Beat.share(index, second: true),
            grain: grain
        )
        audioNext = start
        videoNext = start
    }

    /// When the next of either is due.
    var next: Moment { min(audioNext, videoNext) }

    /// One of each is due at once; then they fall in with the beat.
    mutating func beginNow(at now: Moment) {
        audioNext = now
        videoNext = now
    }

    /// They fall in with the beat.
    mutating func begin(after now: Moment) {
        audioNext = audio.first(after: now)
        videoNext = video.first(after: now)
    }

    /// When a packet that is due was due; nil where none is.
    mutating func takeAudio(until now: Moment) -> Moment? { Self.take(&audioNext, audio, now) }

    /// When a picture that is due was due; nil where none is.
    mutating func takeVideo(until now: Moment) -> Moment? { Self.take(&videoNext, video, now) }

    @inline(__always)
    private static func take(_ next: inout Moment, _ beat: Beat, _ now: Moment) -> Moment? {
        guard next <= now else { return nil }
        defer { next = beat.first(after: next) }
        return next
    }
}
