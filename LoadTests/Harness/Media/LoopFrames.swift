// SPDX-License-Identifier: Apache-2.0

import VestibuleCodecs
import VestibuleSimulators

/// A frame of the loop: what the encoder made, and the same masked for sending.
struct LoopFrame {
    /// What the receiver must get, byte for byte.
    let bytes: [UInt8]
    let masked: PreparedPayload
    let isKey: Bool

    init(_ bytes: [UInt8], isKey: Bool) {
        self.bytes = bytes
        self.isKey = isKey
        masked = PreparedPayload(bytes)
    }
}

/// The seconds of picture and sound that every party sends again and again.
struct LoopFrames {
    let video: [LoopFrame]
    let audio: [LoopFrame]

    /// Frames a second of ``video``.
    let fps: Int

    /// Packets a second of ``audio``.
    static let packets = 50

    init(_ loop: EncodedLoop) {
        fps = loop.fps
        video = loop.video.map { LoopFrame($0.bytes, isKey: $0.isKey) }
        audio = loop.audio.map { LoopFrame($0, isKey: false) }
        precondition(video.first?.isKey == true, "The loop begins with a key frame")
        precondition(!audio.isEmpty, "The loop has sound")
    }

    /// The first key frame at or after `index`, or the one that the loop begins with.
    func key(from index: Int) -> Int { video[index...].firstIndex(where: \.isKey) ?? 0 }

    /// What the loop is, in numbers for the report.
    var summary: LoopSummary {
        let keys = video.filter(\.isKey)
        let inter = video.filter { !$0.isKey }
        return LoopSummary(
            videoPerSecond: fps,
            audioPerSecond: Self.packets,
            keyBytes: Self.mean(keys),
            interBytes: Self.mean(inter),
            audioBytes: Self.mean(audio)
        )
    }

    private static func mean(_ frames: [LoopFrame]) -> Int {
        frames.reduce(0) { $0 + $1.bytes.count } / max(1, frames.count)
    }
}

/// Frames a second of one direction, and bytes of a frame on average.
struct LoopSummary: Codable {
    let videoPerSecond: Int
    let audioPerSecond: Int
    let keyBytes: Int
    let interBytes: Int
    let audioBytes: Int
}
