// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
package import VestibuleClient
package import VestibuleCodecs
import VestibuleEventLoop

/// A camera and a microphone on a thread of their own: really encoded VP8 and Opus, on schedule.
///
/// What it makes goes to `video` and `audio`, on that thread; `target` says what the link takes.
package final class Studio: @unchecked Sendable {
    private let loop: EventLoop
    private let picture: MovingPicture
    private let voice: SynthesisedVoice
    private let target: @Sendable () -> VideoTarget
    private let video: @Sendable (EncodedFrame) -> Void
    private let audio: @Sendable ([UInt8]) -> Void

    // Below: on the studio's thread only.
    private let camera: VP8Encoder
    private let microphone: OpusVoiceEncoder
    private var startedAt = Moment(nanoseconds: 0)
    private var frames = 0
    private var packets = 0
    private var rate = 0

    /// A studio that is not running yet.
    package init(
        picture: MovingPicture,
        voice: SynthesisedVoice,
        width: Int = 640,
        height: Int = 480,
        target: @escaping @Sendable () -> VideoTarget,
        video: @escaping @Sendable (EncodedFrame) -> Void,
        audio: @escaping @Sendable ([UInt8]) -> Void
    ) throws {
        loop = try EventLoop(name: "studio")
        self.picture = picture
        self.voice = voice
        self.target = target
        self.video = video
        self.audio = audio
        camera = try VP8Encoder(
            width: width,
            height: height,
            fps: picture.fps,
            kilobits: Self.mostKilobits
        )
        microphone = try OpusVoiceEncoder(bitrate: 24_000)
    }

    /// Enough for a clear face at 640×480.
    private static let mostKilobits = 600

    /// Begins to film and to speak; once.
    package func start() {
        loop.start()
        loop.submit {
            self.startedAt = EventLoop.readMoment()
            self.film()
            self.speak()
        }
    }

    /// Ends both; what is under way is still handed over.
    package func stop() async { await loop.stop() }

    private func film() {
        let next = startedAt + .microseconds(1_000_000 * (frames + 1) / picture.fps)
        let wanted = target()
        if wanted.bitsPerSecond > 0 {
            adapt(to: wanted)
            let frame = try? camera.encode(
                picture.frame(at: frames),
                timestamp: UInt32(truncatingIfNeeded: frames * 6000),
                forceKey: wanted.keyFrame != nil,
                maxBytes: wanted.keyFrame?.maxBytes
            )
            if let frame { video(frame) }
        }
        frames += 1
        _ = loop.schedule(at: next) { [weak self] in self?.film() }
    }

    private func adapt(to wanted: VideoTarget) {
        let kilobits = min(Self.mostKilobits, max(50, wanted.bitsPerSecond / 1000))
        guard kilobits != rate else { return }
        rate = kilobits
        camera.setRate(kilobits: kilobits)
    }

    private func speak() {
        if let packet = try? microphone.encode(voice.samples(at: packets)) { audio(packet) }
        packets += 1
        let next = startedAt + .milliseconds(20 * packets)
        _ = loop.schedule(at: next) { [weak self] in self?.speak() }
    }
}
