// SPDX-License-Identifier: Apache-2.0

package import VestibuleCodecs

/// Some seconds of a call, really encoded once and then sent again and again.
///
/// For load generators, which must not encode per call. The loop begins with a key frame, so its end
/// joins its start; video frame n is due at n ÷ fps seconds and audio packet n at n × 20 ms.
package struct EncodedLoop: Sendable {
    /// What to encode; the defaults are the load that the server's speed is stated for.
    package struct Recipe: Sendable {
        /// Length of the loop in seconds.
        package var seconds = 10

        /// Pixels across, even.
        package var width = 640

        /// Pixels down, even.
        package var height = 480

        /// Video frames a second.
        package var fps = 15

        /// Seconds from one key frame to the next.
        package var keyEvery = 2

        /// Bytes of an inter frame, on average.
        package var interBytes = 4_096

        /// Bytes of a key frame: the nearest that a quantizer gives.
        package var keyBytes = 30_000

        /// Bytes of each Opus packet.
        package var voiceBytes = 100

        /// Whose voice it is.
        package var speaker = SynthesisedVoice.Speaker.guest

        package init() {}
    }

    /// The VP8 frames in their order.
    package let video: [EncodedFrame]

    /// The Opus packets in their order, 20 ms each.
    package let audio: [[UInt8]]

    /// Frames a second of ``video``.
    package let fps: Int

    /// Encodes a loop: some hundredths of its length on one core, so at start-up, on a worker.
    package init(_ recipe: Recipe = Recipe()) throws(CodecError) {
        precondition(recipe.seconds > 0 && recipe.keyEvery > 0, "a loop lasts a second or more")
        fps = recipe.fps
        video = try Self.encodeVideo(recipe)
        audio = try Self.encodeAudio(recipe)
    }
}

extension EncodedLoop {
    private static func encodeVideo(_ recipe: Recipe) throws(CodecError) -> [EncodedFrame] {
        // Without grain a still hall costs so few bytes that no quantizer reaches the sizes asked for.
        let camera = MovingPicture(
            width: recipe.width,
            height: recipe.height,
            label: "load",
            fps: recipe.fps,
            grain: 5
        )
        let encoder = try VP8Encoder(
            width: recipe.width,
            height: recipe.height,
            fps: recipe.fps,
            kilobits: max(10, recipe.interBytes * recipe.fps * 8 / 1_000),
            mayDrop: false
        )
        var frames: [EncodedFrame] = []
        var quantizer = 30
        var owed = 0
        for index in 0..<recipe.seconds * recipe.fps {
            let picture = camera.frame(at: index)
            let timestamp = UInt32(truncatingIfNeeded: index * 90_000 / recipe.fps)
            guard index % (recipe.keyEvery * recipe.fps) != 0 else {
                try frames.append(key(picture, timestamp, encoder, bytes: recipe.keyBytes))
                continue
            }
            encoder.quantizers = quantizer...quantizer
            guard let frame = try encoder.encode(picture, timestamp: timestamp) else { continue }
            frames.append(frame)
            // What is owed is paid back over eight frames.
            owed += recipe.interBytes - frame.bytes.count
            quantizer = next(quantizer, after: frame.bytes.count, owed: owed, recipe)
        }
        return frames
    }

    /// The key frame whose size is nearest, by halving the range of quantizers.
    ///
    /// Each try is a key frame of its own, so only the last one made counts for what follows; it
    /// is the one returned.
    private static func key(
        _ picture: Picture,
        _ timestamp: UInt32,
        _ encoder: VP8Encoder,
        bytes: Int
    ) throws(CodecError) -> EncodedFrame {
        var (best, worst) = (0, 63)
        while best < worst {
            let middle = (best + worst) / 2
            if try key(picture, timestamp, encoder, at: middle).bytes.count > bytes {
                best = middle + 1
            } else {
                worst = middle
            }
        }
        return try key(picture, timestamp, encoder, at: best)
    }

    private static func key(
        _ picture: Picture,
        _ timestamp: UInt32,
        _ encoder: VP8Encoder,
        at quantizer: Int
    ) throws(CodecError) -> EncodedFrame {
        encoder.quantizers = quantizer...quantizer
        guard
            let frame = try encoder.encode(picture, timestamp: timestamp, forceKey: true)
        else { throw .library(operation: "key frame", code: 0) }
        return frame
    }

    /// A step towards the size asked for, and towards the average over all frames so far.
    private static func next(_ quantizer: Int, after size: Int, owed: Int, _ recipe: Recipe) -> Int
    {
        let aim = max(recipe.interBytes / 4, recipe.interBytes + owed / 8)
        let step =
            if size > aim * 5 / 4 { 3 } else if size > aim { 1 } else if size < aim * 3 / 4 {
                -3
            } else { -1 }
        return min(max(quantizer + step, 0), 63)
    }

    private static func encodeAudio(_ recipe: Recipe) throws(CodecError) -> [[UInt8]] {
        let voice = SynthesisedVoice(recipe.speaker)
        let bitrate = min(max(recipe.voiceBytes * 8 * 50, 6_000), 256_000)
        let encoder = try OpusVoiceEncoder(bitrate: bitrate, isConstant: true)
        var packets: [[UInt8]] = []
        for index in 0..<recipe.seconds * 50 {
            try packets.append(encoder.encode(voice.samples(at: index)))
        }
        return packets
    }
}
