// SPDX-License-Identifier: Apache-2.0

import VestibuleBasics
import VestibuleWire

/// Frames that the server takes, each with numbers of its own.
struct Frames: Sendable {
    let handle: UInt32
    private var audios: UInt16 = 0
    private var videos: UInt16 = 0

    init(handle: UInt32) {
        self.handle = handle
    }

    /// An Opus packet of 20 ms.
    mutating func audio(bytes: Int = 40) -> [UInt8] {
        audios &+= 1
        let header = MediaHeader(
            kind: .audio,
            sequence: audios,
            handle: handle,
            timestamp: UInt32(audios) * 960
        )
        return header.frame([0xF8] + (1..<max(2, bytes)).map { UInt8(truncatingIfNeeded: $0) })
    }

    /// A VP8 key frame of 640×480.
    mutating func key(bytes: Int = 400) -> [UInt8] {
        let start: [UInt8] = [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 2, 0xE0, 1]
        return video(.key, start + [UInt8](repeating: 7, count: max(0, bytes - 10)))
    }

    /// A VP8 inter frame.
    mutating func inter(bytes: Int = 200) -> [UInt8] {
        video([], [0x11, 0, 0] + [UInt8](repeating: 9, count: max(0, bytes - 3)))
    }

    private mutating func video(_ flags: MediaFlags, _ payload: [UInt8]) -> [UInt8] {
        videos &+= 1
        let header = MediaHeader(
            kind: .video,
            flags: flags,
            sequence: videos,
            handle: handle,
            timestamp: UInt32(videos) * 6_000
        )
        return header.frame(payload)
    }
}

extension [UInt8] {
    /// The frame as it was sent: without flag 2, the one bit that the server writes.
    var asSent: [UInt8] {
        guard count >= MediaHeader.size else { return self }
        var bytes = self
        bytes[1] &= ~MediaFlags.dropped.rawValue
        return bytes
    }

    var isVideo: Bool { first.map { $0 & 0x0F == 1 } ?? false }
}
